"""Finding litmus tests: the shipped ones by name, anyone's by file or folder."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from simulator.data import data_folder
from simulator.errors import LitmusError
from simulator.litmus.parse import parse
from simulator.litmus.test import Litmus

SUFFIX = ".litmus"
_NUMBER = re.compile(r"^[0-9]+-")
"""Of a row of the catalogue of cross-modifying code, in front of the name of a file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A litmus test and the file it comes from."""

    path: Path
    litmus: Litmus

    @property
    def name(self) -> str:
        """Return the name of the file without its suffix."""
        return self.path.stem


def shipped() -> tuple[Path, ...]:
    """Return the files of all shipped litmus tests, sorted."""
    return _inside(data_folder("scenarios") / "litmus")


def find(name: str) -> Entry:
    """Return one litmus test, by name or path. Raises LitmusError."""
    found = collect(name)
    if len(found) != 1:
        raise LitmusError(f"{name} is a folder of {len(found)} litmus tests; give one of them")
    return found[0]


def collect(name: str) -> tuple[Entry, ...]:
    """Return the litmus test of that name or path, or all of a folder and the folders in it. Raises LitmusError."""
    path = Path(name)
    if path.is_dir():
        files = _inside(path)
        if not files:
            raise LitmusError(f"no {SUFFIX} file in {name}")
        return tuple(map(load, files))
    if path.is_file():
        return (load(path),)
    by_name = {key: file for file in shipped() for key in (_NUMBER.sub("", file.stem), file.stem)}
    if name in by_name:
        return (load(by_name[name]),)
    folder = data_folder("scenarios") / "litmus" / name
    if name and "." not in name and folder.is_dir():
        return tuple(map(load, _inside(folder)))
    close = difflib.get_close_matches(name, by_name, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "give a file, a folder, or the name of a shipped one"
    raise LitmusError(f"no litmus test {name!r}; {hint}")


def load(path: Path) -> Entry:
    """Read one file. Raises LitmusError with its line and column."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise LitmusError(f"{path} cannot be read: {problem}") from None
    return Entry(path, parse(text, str(path)))


def _inside(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.rglob(f"*{SUFFIX}")))
