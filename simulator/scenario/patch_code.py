"""The guest's code that exists because of a patch: everything that is not a CPU's own work.

Where it begins is known by name: the patcher, the stubs, the #BP handler, the handlers of the patcher's IPIs, what a
consistency model does in the scheduler, and where a task changes over. What these call and jump to belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.explore.lost import PatchCode
from simulator.guest.image import Image
from simulator.guest.symbols import Symbol
from simulator.scenario.build import Built
from simulator.scenario.consistent import STUB
from simulator.x86.decode import Instruction, disassemble

_GATES = ("entry_bp", "entry_sync", "entry_stop", "kgr_task_safe", "task_safe")
"""Where the guest comes in, whatever the model (guest_kernels/lib/entry.S, tasks/universe.c, tasks/syscall.c)."""


def patch_functions(built: Built) -> frozenset[Symbol]:
    """Return the functions that exist because of the patch of a scenario with a consistency model."""
    image, scenario = built.image, built.scenario
    named = {*_GATES, *scenario.patchers, scenario.handler}
    if scenario.model is not None:
        named.update(value for value in scenario.model.words.values() if isinstance(value, str))
    return frozenset(_reached(image, (each for each in image.symbols if _is_stub(each) or each.name in named)))


def patch_code(built: Built) -> PatchCode:
    """Return the same as addresses, with the sites."""
    ranges = sorted((function.address, function.end) for function in patch_functions(built))
    return PatchCode(tuple(ranges), built.subject.watch.sites)


def _is_stub(symbol: Symbol) -> bool:
    return symbol.kind == "function" and symbol.name.startswith(STUB)


def _reached(image: Image, roots: Iterable[Symbol]) -> set[Symbol]:
    """Return the roots and every function that a direct call or jump leads to from there; what is patched is not."""
    patched = {site.function for site in image.sites} | {pair.new for pair in image.patches}
    found, left = set[Symbol](), [*roots]
    while left:
        function = left.pop()
        if function not in found and function.name not in patched:
            found.add(function)
            left += _targets(image, function)
    return found


def _targets(image: Image, function: Symbol) -> Iterator[Symbol]:
    for item in disassemble(image.read(function.address, function.size), function.address):
        if isinstance(item, Instruction) and item.target is not None:
            target = image.symbols.at(item.target)
            if target is not None and target.kind == "function":
                yield target
