"""From a consistency model to guest memory: the stubs, the table of sites, the tasks, and what shows a universe."""

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
from simulator.scenario.scenario import Scenario
from simulator.x86.assemble import assemble

WORKLOAD = "workload_tasks"
STUB = "slow_stub_"
"""What the names of all stubs begin with."""
BORN_LATER = "+"
"""In front of a program: the task does not exist yet, some other one forks it."""
_TASK_SIZE, _TASK_SLOTS, _TASK_STATE, _DEAD = 16, 3, 4, 2
_FUNCS, _VERSIONS = 4, 6
_ENTRIES = ("entry_syscall", "exit_to_user", "kthread_turn")


@dataclass(frozen=True, slots=True)
class Version:
    """What a site leads to: an address, the function whose body it is, and whether it is only a stub."""

    target: int
    function: str
    stub: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A patched function: its site, and every version the site goes through, the original first."""

    name: str
    site: int
    versions: tuple[Version, ...]


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
    chains = tuple(_chain(scenario, image, name) for name in _functions(scenario, image))
    if len(chains) > _FUNCS:
        raise ScenarioError(f"{len(chains)} functions, but the guest's table has room for {_FUNCS}")
    missing = [chain[0].function for chain in chains if chain[0].function not in sites]
    if missing:
        raise ScenarioError(f"{missing[0]} has no patch site ('kgraft-sim show' lists those that are there)")
    functions, retired = [], set[int]()
    for chain in chains:
        image, function, exits = _with_stubs(image, model, chain, sites[chain[0].function])
        functions.append(function)
        retired.update(exits)
    found = Plan(
        tuple(functions), tuple(_site(image, function) for function in functions),
        _universes(image, chains, frozenset() if model.gives_up else frozenset(retired)),
        tuple(_demands(chains, retired)),
    )  # fmt: skip
    return _with_tasks(scenario, _with_table(image, found)), found


# versions ------------------------------------------------------------------------------------------------


def _functions(scenario: Scenario, image: Image) -> Sequence[str]:
    names = scenario.functions or tuple(dict.fromkeys(pair.old for pair in image.patches))
    if not names:
        raise ScenarioError("nothing to patch: the patch names no functions and neither does the scenario")
    return names


def _chain(scenario: Scenario, image: Image, name: str) -> tuple[Version, ...]:
    """Return the bodies a function goes through; the addresses are where each begins."""
    pairs = {pair.old: pair.new for pair in reversed(image.patches)}
    body = Version(image.symbols.by_name(name).address, name)
    found = [body]
    for text in scenario.edits:
        kind, _, new = text.partition(":")
        if kind == Edit.NOP:
            found.append(body)
        elif kind != Edit.JMP:
            raise ScenarioError(f"edit {text!r}: a consistency model knows jmp, nop and jmp:SUFFIX")
        else:
            new = name + new if new else pairs.get(name, "")
            if not new:
                raise ScenarioError(f"the patch has no replacement for {name}")
            found.append(Version(image.symbols.by_name(new).address, new))
    return tuple(found)


def _with_stubs(
    image: Image, model: Model, chain: tuple[Version, ...], site: int
) -> tuple[Image, Function, Iterator[int]]:
    """Return the image with a function's stubs, the function, and the exits of its stubs to old versions."""
    name, behind = chain[0].function, site + SITE_SIZE
    bodies = [version if version.target != chain[0].target else replace(version, target=behind) for version in chain]
    versions, exits = [bodies[0]], []
    for patch, (old, new) in enumerate(pairwise(bodies), 1):
        if model.stub:
            image, stub, exit_ = _with_stub(image, model, f"{STUB}{name}_{patch}", patch, (old.target, new.target))
            versions.append(stub)
            exits.append(exit_)
        if model.gives_up:
            versions.append(old)
        elif model.finalizes or not model.stub:
            versions.append(new)
    if len(versions) > _VERSIONS:
        raise ScenarioError(f"{len(versions)} versions of {name}, but the guest's table has room for {_VERSIONS}")
    return image, Function(name, site, tuple(versions)), iter(exits)


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


def _universes(image: Image, chains: Sequence[tuple[Version, ...]], retired: frozenset[int]) -> Universes:
    """A version belongs to every universe between the patch that brings it and the one that replaces it."""
    masks: dict[int, int] = {}
    for chain in chains:
        for number, version in enumerate(chain):
            masks[version.target] = masks.get(version.target, 0) | 1 << number
    sites = {site.function: site.address for site in image.sites}
    bodies = {chain[0].target: sites[chain[0].function] + SITE_SIZE for chain in chains}
    versions = {bodies.get(address, address): mask for address, mask in masks.items()}
    entries = frozenset(image.address(name) for name in _ENTRIES)
    slots = {image.address(f"task_slot_{number}"): number for number in range(_TASK_SLOTS)}
    return Universes(versions, entries, slots, retired)


def _demands(chains: Sequence[tuple[Version, ...]], retired: set[int]) -> Iterator[Demand]:
    for version in dict.fromkeys(version for chain in chains for version in chain[1:]):
        yield Demand(f"function {version.function}", version.target, version.target + SITE_SIZE + 1)
    for exit_ in sorted(retired):
        yield Demand(f"a stub's way to the old function, {exit_:#x}", exit_, exit_ + 1)


# the guest's tables --------------------------------------------------------------------------------------


def _with_table(image: Image, found: Plan) -> Image:
    """Fill ``struct kgr_func { u64 site, target[6], start[6], end[6]; }`` and the two counts."""
    for number, function in enumerate(found.functions):
        bodies = [version for version in function.versions if not version.stub]
        ranges = []
        for version in function.versions:
            before = bodies[max(0, bodies.index(version) - 1)] if version in bodies else bodies[0]
            symbol = image.symbols.by_name(before.function)
            ranges.append((symbol.address, symbol.end))
        columns = (
            [version.target for version in function.versions],
            [low for low, _ in ranges],
            [h for _, h in ranges],
        )
        row = [function.site]
        for column in columns:
            row += [*column, *[0] * (_VERSIONS - len(column))]
        data = b"".join(value.to_bytes(8, "little") for value in row)
        image = image.poke("kgr_funcs", data, offset=number * len(data))
    versions = max(len(function.versions) for function in found.functions)
    image = image.poke("kgr_nr_versions", versions.to_bytes(4, "little"))
    return image.poke("kgr_nr_funcs", len(found.functions).to_bytes(4, "little"))


def _with_tasks(scenario: Scenario, image: Image) -> Image:
    """Write the programs of all tasks, and which task each CPU begins with."""
    if not scenario.tasks:
        raise ScenarioError("a consistency model is about tasks: give their programs in tasks=((...), ...), by CPU")
    image = image.poke("nr_task_cpus", scenario.cpus.to_bytes(4, "little"))
    for cpu in range(scenario.cpus):
        programs = scenario.tasks[cpu % len(scenario.tasks)]
        if not 1 <= len(programs) <= _TASK_SLOTS:
            raise ScenarioError(f"{len(programs)} tasks on a CPU: there is room for 1 to {_TASK_SLOTS}")
        first = image.address("tasks") + cpu * _TASK_SLOTS * _TASK_SIZE
        image = image.poke("current_task", first.to_bytes(8, "little"), cpu=cpu)
        for slot, program in enumerate(programs):
            main = image.address(program.removeprefix(BORN_LATER))
            image = image.poke("task_main", main.to_bytes(8, "little"), offset=8 * (cpu * _TASK_SLOTS + slot))
            if program.startswith(BORN_LATER):
                image = image.poke(first + slot * _TASK_SIZE + _TASK_STATE, _DEAD.to_bytes(4, "little"))
    return image
