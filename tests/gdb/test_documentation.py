"""The sessions in the documentation are what gdb prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.gdb.conftest import counterexample, served
from tests.gdb.test_real_gdb import needs_gdb

DOCS = Path(__file__).parents[2] / "docs"
TEXT = "".join((DOCS / name).read_text() for name in ("gdb.md", "tutorial.md"))
SESSION = re.compile(r"<!-- session: ([\w-]+)(, its counterexample)? -->\n```gdb\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "(gdb) "


def session(name: str, violated: bool, commands: Sequence[str], folder: Path) -> str:
    """Return what a person would see who types the commands, along the counterexample where there is one."""
    with served(name, counterexample(name) if violated else (), folder) as shown:
        script = folder / "commands"
        lines = ["set width 0"]
        for command in commands:
            lines += [f"echo {PROMPT}{command}\\n", command]
        script.write_text("\n".join(lines))
        words = [shutil.which("gdb") or "gdb", "-q", "-nx", "-batch", "-x", str(shown.commands()), "-x", str(script)]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    seen = done.stdout[done.stdout.index(PROMPT) :].replace("\n\n", "\n")
    return "\n".join(line.rstrip() for line in seen.splitlines() if not line.startswith("[Inferior 1")) + "\n"


@needs_gdb
@pytest.mark.parametrize(("name", "violated", "shown"), SESSION.findall(TEXT))
def test_the_documented_session_is_what_gdb_prints(name: str, violated: str, shown: str, tmp_path: Path) -> None:
    commands = [line.removeprefix(PROMPT) for line in shown.splitlines() if line.startswith(PROMPT)]
    assert session(name, bool(violated), commands, tmp_path) == shown
