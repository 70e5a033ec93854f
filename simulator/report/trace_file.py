"""Traces as files: the suffix says which format. A file is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from simulator.errors import TraceError
from simulator.explore.verdict import Outcome
from simulator.report.result import Result

FORMATS = MappingProxyType(
    {
        ".pftrace": "for ui.perfetto.dev",
        ".json": "for programs",
        ".html": "a page to step through it",
        ".txt": "for reading",
    }
)


def require_format(path: Path) -> str:
    """Return the suffix that says the format. Raises TraceError when there is none such."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(f"{name} ({what})" for name, what in FORMATS.items())
        raise TraceError(f"cannot tell what trace {path} is to be; the suffixes are {known}")
    if path.is_dir():
        raise TraceError(f"cannot write {path}: it is a folder")
    return suffix


def require_page(path: Path) -> None:
    """Refuse everything but a page. Raises TraceError."""
    if require_format(path) != ".html":
        raise TraceError(f"cannot write {path}: a table has no one execution to trace; write a page, .html")


def shown(results: Sequence[Result]) -> Result:
    """Return the one of several results whose execution a trace shows: the first violation."""
    return next((each for each in results if each.verdict.outcome is Outcome.VIOLATION), results[0])


def save(path: Path, results: Sequence[Result]) -> str:
    """Write the trace of a run, or of the first counterexample; return why not, where there is nothing to show.

    The page has a report even then. Raises TraceError when the file cannot be written.
    """
    suffix, result = require_format(path), shown(results)
    if suffix != ".html" and not result.steps:
        word = result.verdict.outcome.value.upper()
        return f"no trace in {path}: {word} has no execution to show; a report in .html can be written all the same"
    write_whole(path, _content(suffix, result, results))
    return ""


def _content(suffix: str, result: Result, results: Sequence[Result]) -> bytes:
    if suffix == ".txt":
        from simulator.report.trace_text import text

        return text(result).encode()
    from simulator.report.recording import record

    recording = record(result)
    if suffix == ".pftrace":
        from simulator.report.perfetto import perfetto

        return perfetto(recording)
    if suffix == ".html":
        from simulator.report.html import page

        return page(recording, results).encode()
    from simulator.report import documents, trace_json

    return (documents.dumps(trace_json.document(recording)) + "\n").encode()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name first. Raises TraceError when it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise TraceError(f"cannot write {path}: {error.strerror or error}") from None
