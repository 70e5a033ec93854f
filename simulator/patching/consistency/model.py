"""What a consistency model is: a patcher in the guest, perhaps a stub per function, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Model:
    """When a task may see new functions. The bytes change by the same protocol under all of them.

    ``stub`` is assembled once per function and transition; it may name guest symbols, and ``from_body``,
    ``to_body`` (where the two versions begin) and ``patch`` (the number of the transition, from 1). Its label
    ``old`` is the exit to the old version, which nobody may take once the patcher is done.
    """

    name: str
    promise: str
    fails: str
    """Where it does not help, in one sentence."""
    source: str
    patcher: str
    """Guest function that the patcher's vCPU runs."""
    stub: str = ""
    finalizes: bool = False
    """Whether the sites lead to the new functions directly in the end, past the stub."""
    gives_up: bool = False
    """Whether it takes the patch back before it is finished, instead of finishing it."""
    words: Mapping[str, int | str] = field(default_factory=dict)
    """Guest words to set before boot."""
    symbols: tuple[str, ...] = ()
    """Guest symbols that the stub names."""
