"""Ctrl-C that is not lost where C code calls back.

An exception cannot pass through C code: one that is raised where ctypes calls back is reported and dropped, and
Unicorn's own wrappers of its hooks are such places. Where that was a KeyboardInterrupt, SIGINT is sent once more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT, pthread_kill
from threading import Timer, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SOON = 0.01
"""Seconds; a hook takes microseconds."""


@contextmanager
def heard() -> Iterator[None]:
    """Raise a KeyboardInterrupt once more that was raised where nobody could catch it."""
    report = sys.unraisablehook
    pending: list[Timer] = []

    def again(dropped: UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            report(dropped)
            return
        timer = Timer(_SOON, pthread_kill, (main_thread().ident, SIGINT))
        timer.daemon = True
        timer.start()
        pending.append(timer)

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = report
        for timer in pending:
            timer.cancel()
