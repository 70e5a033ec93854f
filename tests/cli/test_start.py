"""The program starts at once, whatever it could do."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Cli

HEAVY = ("unicorn", "capstone", "keystone", "elftools", "rich", "textual", "simulator.machine", "simulator.explore")


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from simulator.cli import main; main(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_module_is_the_program() -> None:
    done = subprocess.run([sys.executable, "-m", "simulator.cli", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: kgraft-sim [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    "command", ["list", "show", "run", "patch", "check", "matrix", "minimize", "compare", "campaign", "replay", "step"]
)
def test_every_command_has_help_with_an_example(cli: Cli, command: str) -> None:
    assert f"  kgraft-sim {command}" in cli(command, "--help").out


def test_without_words_the_help_is_shown_and_the_exit_code_says_usage(cli: Cli) -> None:
    ran = cli()
    assert (ran.code, ran.out.split()[:2]) == (2, ["Usage:", "kgraft-sim"])
