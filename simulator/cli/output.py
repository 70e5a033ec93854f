"""Where results go: stdout, in colour where somebody looks at a terminal; never anything else there."""

from __future__ import annotations

import os
import shutil
import sys

_STYLES = {
    r"(?P<good>\b(SAFE|RAN|ok|new)\b)": "green",
    r"(?P<bad>\b(VIOLATION|VACUOUS|FAILED|torn|UB|NOHANDLER|undefined)\b)": "bold red",
    r"(?P<trap>\bint3\b|#BP)": "yellow",
    r"(?P<number>^ *#\d+)": "dim",
}


def width() -> int:
    """Return how wide a line may be: the terminal's width, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def show(text: str) -> None:
    """Print a result."""
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        _coloured(text)
    else:
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _coloured(text: str) -> None:
    import re

    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    for pattern, style in _STYLES.items():
        styled.highlight_regex(re.compile(pattern, re.MULTILINE), style)
    Console(highlight=False, soft_wrap=True).print(styled)
