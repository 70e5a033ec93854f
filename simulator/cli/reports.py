"""Reports for CI beside what is printed: which are wanted, and where they go."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.errors import ReportError

if TYPE_CHECKING:
    from simulator.report.result import Result

Junit = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML.", metavar="FILE", show_default=False)]
Sarif = Annotated[Path | None, typer.Option("--sarif", help="Write SARIF 2.1.0.", metavar="FILE", show_default=False)]
Markdown = Annotated[
    Path | None, typer.Option("--markdown", help="Write a page of Markdown.", metavar="FILE", show_default=False)
]
Github = Annotated[bool, typer.Option("--github", help="Print annotations for GitHub Actions as well.")]


@dataclass(frozen=True, slots=True)
class Reports:
    """The files to write, and whether GitHub reads what is printed."""

    junit: Path | None = None
    sarif: Path | None = None
    markdown: Path | None = None
    github: bool = False

    def write(self, results: Sequence[Result], *, time: bool = False, as_json: bool = False) -> None:
        """Write what is wanted. Raises ReportError where a file cannot be written."""
        if self.junit is not None:
            from simulator.report.junit import junit

            _write(self.junit, junit(results, time=time))
        if self.sarif is not None:
            from simulator.report.sarif import sarif

            _write(self.sarif, sarif(results))
        if self.markdown is not None:
            from simulator.report.markdown import markdown

            _write(self.markdown, markdown(results))
        if self.github:
            from simulator.report.github import github

            lines = github(results)
            stream = sys.stderr if as_json else sys.stdout  # GitHub reads both
            stream.write(f"{lines}\n" if lines else "")
            stream.flush()


def _write(path: Path, text: str) -> None:
    from simulator.guest.cache import write_whole

    if path.is_dir() or not write_whole(path, text.encode()):
        raise ReportError(f"{path} cannot be written")
