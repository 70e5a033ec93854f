"""The program in a real terminal: tmux gives it one, and says what is on it and how it was left."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds after which a screen that should have come is missing."""

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None and os.environ.get("CI") != "true", reason="needs a terminal: tmux is not installed"
)


class Terminal:
    """A shell in a terminal of 80 by 24 cells."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env PS1='$ ' sh")

    def _tmux(self, *words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *words], capture_output=True, text=True, check=True, env=environment
        )
        return done.stdout

    def screen(self, *options: str) -> str:
        return self._tmux("capture-pane", "-p", *options)

    def program(self) -> int:
        """Return the process that runs in the shell."""
        shell = self._tmux("list-panes", "-F", "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])

    def type(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def wait_for(self, pattern: str) -> str:
        """Return what matches, once the screen has it."""
        end = time.monotonic() + PATIENCE
        while (found := re.search(pattern, screen := self.screen(), re.MULTILINE)) is None:
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{screen}"
            time.sleep(0.05)
        return found[0]

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    found = Terminal(tmp_path / "tmux")
    try:
        found.wait_for(r"\$")
        yield found
    finally:
        found.close()


def start(terminal: Terminal, *words: str, environment: str = "") -> None:
    command = shlex.join([sys.executable, "-m", "simulator.cli", "step", "no-first-sync", *words])
    terminal.type(f"clear; {environment} {command}", "Enter")
    terminal.wait_for("#0/")


def state_of(terminal: Terminal) -> str:
    """Return how the shell finds the terminal: the exit code, and what is on of echo and line editing."""
    terminal.type("echo state: $? $(stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon -e isig)", "Enter")
    return terminal.wait_for(r"state: [0-9].*").strip()


def test_a_counterexample_is_stepped_through_and_ctrl_c_leaves_the_terminal_clean(terminal: Terminal) -> None:
    start(terminal, "--violation")
    terminal.type("r")
    terminal.wait_for("neither")
    terminal.type("S")
    terminal.wait_for("#17/18")
    terminal.type("C-c")
    terminal.wait_for("kgraft-sim: interrupted")
    assert state_of(terminal) == "state: 3 isig icanon echo"


def test_without_colour_no_colour_is_sent(terminal: Terminal) -> None:
    start(terminal, environment="NO_COLOR=1")
    assert re.findall(r"\x1b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]", terminal.screen("-e")) == []
    terminal.type("q")


@pytest.mark.parametrize("signal", [SIGTERM, SIGINT, SIGHUP])
def test_a_signal_leaves_the_terminal_clean(terminal: Terminal, signal: Signals) -> None:
    start(terminal)
    os.kill(terminal.program(), signal)
    terminal.wait_for("kgraft-sim: interrupted")
    assert state_of(terminal) == "state: 3 isig icanon echo"
