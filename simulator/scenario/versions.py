"""Which bodies each patched function goes through, from a patch and a scenario's edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import ScenarioError
from simulator.guest.image import Image
from simulator.guest.tables import PatchPair
from simulator.patching.sites import Edit
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Version:
    """What a site leads to: an address, the function whose body it is, and whether it is only a stub."""

    target: int
    function: str
    stub: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """A function's bodies, the original first, one for each transition after it."""

    bodies: tuple[Version, ...]
    immediate: bool = False
    """Whether its new body fits every universe, so that no model holds it up."""

    @property
    def name(self) -> str:
        """The function that is patched."""
        return self.bodies[0].function


def chains(scenario: Scenario, image: Image) -> tuple[Chain, ...]:
    """Return what each patched function goes through. Raises ScenarioError for edits that make no sense."""
    names = scenario.functions or tuple(dict.fromkeys(pair.old for pair in image.patches))
    if not names:
        raise ScenarioError("nothing to patch: the patch names no functions and neither does the scenario")
    for edit in scenario.edits:
        if unknown := [name for name in _only(edit) if name not in names]:
            raise ScenarioError(f"edit {edit!r}: {unknown[0]} is not patched; functions that are: {', '.join(names)}")
    pairs = {pair.old: pair for pair in reversed(image.patches)}
    return tuple(_chain(scenario.edits, image, name, pairs) for name in names)


def _only(edit: str) -> tuple[str, ...]:
    """Return the functions an edit is about; none: all."""
    return tuple(name for name in edit.partition("@")[2].split(",") if name)


def _chain(edits: Sequence[str], image: Image, name: str, pairs: Mapping[str, PatchPair]) -> Chain:
    body = Version(image.symbols.by_name(name).address, name)
    found = [body]
    for text in edits:
        kind, _, suffix = text.partition("@")[0].partition(":")
        if kind not in (Edit.NOP, Edit.JMP):
            raise ScenarioError(f"edit {text!r}: a consistency model knows jmp, nop and jmp:SUFFIX")
        if _only(text) and name not in _only(text):
            found.append(found[-1])
        elif kind == Edit.NOP:
            found.append(body)
        elif suffix or name in pairs:
            new = name + suffix if suffix else pairs[name].new
            found.append(Version(image.symbols.by_name(new).address, new))
        else:
            raise ScenarioError(f"the patch has no replacement for {name}")
    return Chain(tuple(found), name in pairs and pairs[name].immediate)
