"""From a consistency model to a guest: its stubs and tables, and what shows a universe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from simulator.errors import ScenarioError
from simulator.explore.subject import Demand
from simulator.explore.universes import Universes
from simulator.guest.image import Image
from simulator.guest.layout import PATCHER_TEXT
from simulator.patching.consistency import Model
from simulator.patching.sites import SITE_SIZE, Edit, PatchSite, plan
from simulator.scenario.guest_tables import (
    FUNCTIONS,
    TASK_SLOTS,
    VERSIONS,
    Function,
    with_functions,
    with_hooks,
    with_tasks,
)
from simulator.scenario.scenario import Scenario
from simulator.scenario.versions import Chain, Version, chains
from simulator.x86.assemble import assemble

WORKLOAD = "workload_tasks"
STUB = "slow_stub_"
"""What the names of all stubs begin with."""
_ENTRIES = ("entry_syscall", "exit_to_user", "kthread_turn")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a model does to one guest."""

    functions: tuple[Function, ...]
    sites: tuple[PatchSite, ...]
    universes: Universes
    demands: tuple[Demand, ...]


def completed(scenario: Scenario) -> Scenario:
    """Return a scenario with what its consistency model implies; one without a model as it is."""
    model = scenario.model
    if model is None:
        return scenario
    words = {"timer_handler": "tick", **model.words, **scenario.words}
    return replace(
        scenario, patchers=(model.patcher,), handler=scenario.handler or "int3_kgr", workload=WORKLOAD, words=words
    )


def prepare(scenario: Scenario, model: Model, image: Image, sites: dict[str, int]) -> tuple[Image, Plan]:
    """Put the stubs into the image, and fill the tables of the guest's patcher. ``sites`` are all there are."""
    if "workload_tasks" not in image.symbols:
        raise ScenarioError(f"{image.name} has no tasks; a consistency model needs a kernel that has, such as 'tasks'")
    found = chains(scenario, image)
    if len(found) > FUNCTIONS:
        raise ScenarioError(f"{len(found)} functions, but the guest's table has room for {FUNCTIONS}")
    missing = [chain.name for chain in found if chain.name not in sites]
    if missing:
        raise ScenarioError(f"{missing[0]} has no patch site ('kgraft-sim show' lists those that are there)")
    functions, retired = [], set[int]()
    for chain in found:
        image, function, exits = _with_stubs(image, model, chain, sites[chain.name])
        functions.append(function)
        retired.update(exits)
    result = Plan(
        tuple(functions), tuple(_site(image, function) for function in functions),
        _universes(image, found, frozenset() if model.gives_up else frozenset(retired)),
        tuple(_demands(found, retired)),
    )  # fmt: skip
    return with_tasks(scenario, with_hooks(with_functions(image, functions), found)), result


# stubs ---------------------------------------------------------------------------------------------------


def _with_stubs(image: Image, model: Model, chain: Chain, site: int) -> tuple[Image, Function, list[int]]:
    """Return the image with a function's stubs, the function, and the exits of its stubs to old versions."""
    name, first = chain.name, chain.bodies[0]
    bodies = [replace(body, target=site + SITE_SIZE) if body == first else body for body in chain.bodies]
    versions, left, exits = [bodies[0]], list[str | None]([None]), list[int]()
    for patch, (old, new) in enumerate(pairwise(bodies), 1):
        unbound = chain.immediate or old == new
        found = [new] if unbound or not model.stub else []
        if not found:
            image, stub, exit_ = _with_stub(image, model, f"{STUB}{name}_{patch}", patch, (old.target, new.target))
            found.append(stub)
            exits.append(exit_)
        if model.gives_up:
            found.append(old)
        elif model.finalizes:
            found.append(new)
        versions += found
        left += [None if unbound else old.function] * len(found)
    if len(versions) > VERSIONS:
        raise ScenarioError(f"{len(versions)} versions of {name}, but the guest's table has room for {VERSIONS}")
    return image, Function(name, site, tuple(versions), tuple(left)), exits


def _with_stub(
    image: Image, model: Model, name: str, patch: int, bodies: tuple[int, int]
) -> tuple[Image, Version, int]:
    stubs = [symbol for symbol in image.symbols if symbol.name.startswith(STUB)]
    address = max([PATCHER_TEXT, *(-(-symbol.end // 16) * 16 for symbol in stubs)])
    known = {each: image.symbols.by_name(each).address for each in model.symbols}
    names = {**known, "patch": patch, "from_body": bodies[0], "to_body": bodies[1]}
    made = assemble(model.stub, address, names)
    return image.with_code(name, address, made.code, {}), Version(address, name, stub=True), made.labels["old"]


def _site(image: Image, function: Function) -> PatchSite:
    behind = function.site + SITE_SIZE
    edits = [
        (Edit.NOP, 0) if version.target == behind else (Edit.JMP, version.target) for version in function.versions[1:]
    ]
    return plan(function.name, function.site, image.read(function.site, SITE_SIZE), edits)


# what shows a universe -----------------------------------------------------------------------------------


def _universes(image: Image, found: Sequence[Chain], retired: frozenset[int]) -> Universes:
    """A version belongs to every universe between the patch that brings it and the one that replaces it.

    An immediate function fits all of them: that is what its patch says.
    """
    masks: dict[int, int] = {}
    for chain in found:
        for number, body in enumerate(chain.bodies if not chain.immediate else ()):
            masks[body.target] = masks.get(body.target, 0) | 1 << number
    sites = {site.function: site.address for site in image.sites}
    bodies = {chain.bodies[0].target: sites[chain.name] + SITE_SIZE for chain in found}
    versions = {bodies.get(address, address): mask for address, mask in masks.items()}
    entries = frozenset(image.address(name) for name in _ENTRIES)
    slots = {image.address(f"task_slot_{number}"): number for number in range(TASK_SLOTS)}
    return Universes(versions, entries, slots, retired)


def _demands(found: Sequence[Chain], retired: set[int]) -> Iterator[Demand]:
    for version in dict.fromkeys(version for chain in found for version in chain.bodies[1:]):
        yield Demand(f"function {version.function}", version.target, version.target + SITE_SIZE + 1)
    for exit_ in sorted(retired):
        yield Demand(f"a stub's way to the old function, {exit_:#x}", exit_, exit_ + 1)
