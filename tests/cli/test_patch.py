"""``patch``: a patch goes on in lines, or on a terminal, and who holds it up is named."""

import json
import os
import pty
import re
import shutil
import sys
import time
from pathlib import Path
from signal import SIGINT

import pytest
from syrupy.assertion import SnapshotAssertion

from simulator.data import data_folder
from tests.cli.conftest import Cli
from tests.masks import masked

ONE = ("patch", "tasks", "contract", "--tasks", "user_reserve", "--fetch-model", "coherent")
HELD = ("patch", "tasks", "wait", "--tasks", "user_wait", "--fetch-model", "coherent", "--steps", "3000")


def test_a_patch_is_told_line_by_line_without_control_codes(cli: Cli, snapshot: SnapshotAssertion) -> None:
    ran = cli(*ONE)
    assert ran.code == 0
    assert re.sub(r"step \d+", "step N", masked(ran.out)) == snapshot


def test_another_seed_is_another_schedule(cli: Cli) -> None:
    assert cli(*ONE, "--seed", "1").out.splitlines()[-1] != cli(*ONE, "--seed", "2").out.splitlines()[-1]


def test_a_patch_that_is_not_finished_names_who_holds_it_up_and_what_can_be_done(
    cli: Cli, snapshot: SnapshotAssertion
) -> None:
    ran = cli(*HELD)
    assert ran.code == 3
    assert masked(ran.out[ran.out.index("NOT FINISHED") :]) == snapshot


def test_a_signal_lets_the_sleeper_leave(cli: Cli) -> None:
    assert cli(*HELD, "--signal").out.splitlines()[-1].startswith("DONE: ")


def test_a_violation_ends_it_with_exit_code_1(cli: Cli) -> None:
    ran = cli("patch", "tasks", "contract", "--model", "kgraft-late-test", "--seed", "1")
    assert ran.code == 1
    assert "VIOLATION: consistency (mixed) at step" in ran.out


def test_json_has_the_events_and_the_holders(cli: Cli) -> None:
    found = json.loads(cli(*HELD, "--json").out)
    assert (found["done"], found["holders"][0]["program"]) == (None, "user_wait")
    assert found["events"][0]["what"].startswith("task 0 on CPU 0 (user_wait) marked old at step ")


def test_a_trace_of_it_is_written(cli: Cli, tmp_path: Path) -> None:
    assert cli(*ONE, "--trace", tmp_path / "patch.txt").code == 0
    assert "slow_stub_reserve_1" in (tmp_path / "patch.txt").read_text()


def test_a_model_that_sends_no_signals_says_so(cli: Cli) -> None:
    ran = cli(*ONE, "--model", "stop-machine", "--signal")
    assert (ran.code, ran.err) == (2, "kgraft-sim: --signal: the patcher of stop-machine has no kgr_signal()\n")


def test_a_missing_compiler_is_one_line(cli: Cli, tmp_path: Path) -> None:
    shutil.copy(data_folder("guest_kernels") / "tasks" / "patches" / "contract.c", tmp_path / "mine.c")
    ran = cli("patch", "tasks", tmp_path / "mine.c", "--cc", "no-such-compiler")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no-such-compiler" in ran.err


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a kernel: needs gcc")
def test_somebody_s_own_kernel_and_patch_are_taken_from_their_folder(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data_folder("guest_kernels") / "tasks", tmp_path / "mine")
    source = (tmp_path / "mine" / "patches" / "contract.c").read_text()
    (tmp_path / "fix.c").write_text(
        source.replace('"../kernel.h"', '"kernel.h"').replace("return bytes;", "return bytes + 0;")
    )
    monkeypatch.chdir(tmp_path)
    assert cli("patch", "./mine", "./fix.c", "--model", "hybrid").code == 0


def test_ctrl_c_leaves_the_terminal_clean() -> None:
    program = [sys.executable, "-m", "simulator.cli", *HELD[:-1], "1000000"]
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, program, {**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)})
    printed, end = b"", time.monotonic() + 60
    while b"tasks migrated, step " not in printed:
        assert time.monotonic() < end, printed
        printed += os.read(terminal, 4096)
    os.kill(child, SIGINT)
    try:
        while chunk := os.read(terminal, 4096):
            printed += chunk
    except OSError:
        pass  # the end, on Linux
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 3
    assert printed.endswith(b"\x1b[?25hkgraft-sim: interrupted\r\n"), "the cursor comes back"
