"""Proven verdicts, kept in files: a case that has not changed is not checked again.

::

    .kgraft/verdicts/ab/cdef....json     under the key of the sources: the verdict
    .kgraft/verdicts/12/3456....json     under the key of the subject: verdicts with their footprints

A case is looked for by its sources first, which takes milliseconds. If they have changed, its guest is built and
booted, and a verdict stands whose footprint still has the same bytes: then the change was to something the check
never looked at. Files are written whole and every one stands for itself, so any number of processes may use a
folder at the same time; a damaged file is a verdict that is not there. The folder can be deleted at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.explore.verdict import Verdict
from simulator.guest.cache import write_whole
from simulator.machine.memory import BootImage
from simulator.scenario.footprint import Checked, Footprint
from simulator.scenario.verdict_text import PROVEN, from_json, to_json

DEFAULT = Path(".kgraft") / "verdicts"
_VERSION = 1
_KEPT = 8
"""Verdicts for one subject: so many versions of its code are remembered."""


@dataclass(frozen=True, slots=True)
class VerdictCache:
    """A folder of proven verdicts; ``folder`` None: none are kept."""

    folder: Path | None

    def of_sources(self, key: str) -> Verdict | None:
        """Return the verdict on a case whose sources have this key."""
        return from_json(self._read(key).get("verdict"))

    def of_subject(self, key: str, boot: BootImage) -> Checked | None:
        """Return a verdict on this subject that depends on nothing in which ``boot`` differs."""
        for found, footprint in self._checked(key):
            if footprint.fits(boot):
                return Checked(found, footprint)
        return None

    def keep(self, sources: str, subject: str, checked: Checked) -> None:
        """Keep a verdict under both keys, if it is proven. Where nothing can be written, nothing is kept."""
        if checked.verdict.outcome not in PROVEN or self.folder is None:
            return
        self._write(sources, {"verdict": to_json(checked.verdict)})
        others = [each for each in self._checked(subject) if each.footprint != checked.footprint]
        entries = [_entry(each) for each in [checked, *others][:_KEPT]]
        self._write(subject, {"checked": entries})

    def _checked(self, key: str) -> Iterator[Checked]:
        entries = self._read(key).get("checked")
        for entry in entries if isinstance(entries, list) else ():
            checked = _checked(entry)
            if checked is not None:
                yield checked

    def _read(self, key: str) -> dict[str, Any]:
        if self.folder is None:
            return {}
        try:
            content = json.loads(_path(self.folder, key).read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) and content.get("version") == _VERSION else {}

    def _write(self, key: str, content: dict[str, Any]) -> None:
        if self.folder is not None:
            write_whole(_path(self.folder, key), json.dumps({"version": _VERSION, **content}).encode())


NO_CACHE = VerdictCache(None)


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key[2:]}.json"


def _entry(checked: Checked) -> dict[str, Any]:
    return {"verdict": to_json(checked.verdict), "ranges": checked.footprint.ranges, "digest": checked.footprint.digest}


def _checked(entry: Any) -> Checked | None:
    try:
        ranges = tuple((int(start), int(end)) for start, end in entry["ranges"])
        footprint, verdict = Footprint(ranges, str(entry["digest"])), from_json(entry["verdict"])
    except (KeyError, TypeError, ValueError):
        return None
    return Checked(verdict, footprint) if verdict is not None else None
