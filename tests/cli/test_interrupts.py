"""Ctrl-C where C code calls back."""

from __future__ import annotations

import ctypes
import sys
import time
from signal import SIGINT, raise_signal

import pytest

from simulator.cli.interrupts import heard


def test_ctrl_c_in_a_callback_is_raised_after_it() -> None:
    @ctypes.CFUNCTYPE(None)
    def hook() -> None:
        raise_signal(SIGINT)

    with pytest.raises(KeyboardInterrupt), heard():
        hook()
        time.sleep(10)


def test_what_else_goes_wrong_there_is_reported_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: reported.append(dropped.exc_type))

    @ctypes.CFUNCTYPE(None)
    def fails() -> None:
        raise ValueError

    with heard():
        fails()
    assert reported == [ValueError]
