"""From a scenario to something that can run: kernel, patch, patcher routine, boot, and what is watched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from simulator.errors import ScenarioError
from simulator.explore.properties import PROPERTIES, WITH_TASKS, Watch, WatchedSite
from simulator.explore.subject import Demand, Subject
from simulator.guest.image import Image
from simulator.guest.kernel import KernelConfig, Placement, load_kernel
from simulator.guest.layout import KERNEL_TEXT, KERNEL_TEXT_ALIAS, PATCHER_TEXT
from simulator.guest.tables import PatchPair
from simulator.machine.boot import boot
from simulator.machine.engine import Engine
from simulator.machine.machine import DATA_MODELS, Machine, MachineConfig
from simulator.machine.memory import BootImage
from simulator.machine.profiles import profile as profile_by_name
from simulator.machine.rules import ALL_RULES, Rules
from simulator.machine.state import State
from simulator.machine.symmetry import telltales
from simulator.machine.vcpu import CpuLayout, Stack
from simulator.patching.program import Routine, Target, assemble_routine, stored_ranges
from simulator.patching.sites import SITE_SIZE, Edit, PatchSite, plan, require_sound, static_findings
from simulator.scenario import consistent
from simulator.scenario.scenario import Scenario

_KINDS = {Edit.NOP: 0, Edit.JMP: 1, Edit.CALL: 2}
_MAX_DESCRIPTORS = {"poke_desc": 4, "poke_batch": 8}
_ENDS = ("panic", "die", "die_int3")


@dataclass(frozen=True, slots=True)
class Built:
    """A scenario made runnable."""

    scenario: Scenario
    image: Image
    sites: tuple[PatchSite, ...]
    routine: Routine | None
    subject: Subject
    fingerprint: str
    """Eight hex digits over everything that a schedule depends on."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A booted guest: everything that does not depend on the fetch model."""

    scenario: Scenario
    image: Image
    sites: tuple[PatchSite, ...]
    routine: Routine | None
    boot: BootImage
    initial: State
    layouts: tuple[CpuLayout, ...]
    plan: consistent.Plan | None = None
    """What the consistency model does, where there is one."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """How the machine under a scenario behaves, where it is not the scenario's own choice."""

    literal: bool = False
    rules: Rules = ALL_RULES


def build(scenario: Scenario, engine: Engine, *, compiler: str | None = None, hardware: Hardware = Hardware()) -> Built:
    """Make a scenario runnable. Raises ScenarioError or GuestError."""
    return configure(prepare(scenario, engine, compiler=compiler), scenario.fetch, engine, hardware=hardware)


def prepare(scenario: Scenario, engine: Engine, *, compiler: str | None = None) -> Guest:
    """Load, link, patch together and boot the guest of a scenario."""
    scenario, found = consistent.completed(scenario), None
    image = _load(scenario, compiler)
    if scenario.model is not None:
        known = {site.function: site.address for site in image.sites}
        image, found = consistent.prepare(scenario, scenario.model, image, known)
    sites = found.sites if found is not None else tuple(_sites(scenario, image))
    if not scenario.unchecked:
        for site in sites:
            require_sound(site, _static(image, site))
    image, routine = _with_patcher(scenario, image, sites)
    image = _with_words(scenario, image, sites, routine)
    layouts = tuple(_layout(image, index) for index in range(len(image.cpus)))
    booted, initial = boot(BootImage(image.regions, image.contents), layouts, image.address("cpu_ready"), engine)
    executing = tuple(
        vcpu._replace(nmi_budget=scenario.nmis) if vcpu.number < scenario.cpus else vcpu for vcpu in initial.vcpus
    )
    return Guest(scenario, image, sites, routine, booted, State(initial.memory, executing), layouts, found)


def configure(guest: Guest, fetch: str, engine: Engine, *, hardware: Hardware = Hardware()) -> Built:
    """Put a booted guest on a machine with one fetch model."""
    scenario = replace(guest.scenario, fetch=fetch)
    if scenario.data_model not in DATA_MODELS:
        raise ScenarioError(f"no data model {scenario.data_model!r}; choose one of: {', '.join(DATA_MODELS)}")
    mutable = tuple(_mutable(scenario, guest.sites))
    profile = profile_by_name(fetch)
    config = MachineConfig(profile, scenario.data_model, hardware.literal, mutable, hardware.rules)
    machine = Machine(guest.boot, guest.layouts, config, engine, telltales(guest.boot, guest.layouts))
    subject = Subject(
        machine, guest.initial, _watch(scenario, guest), tuple(_demands(scenario, guest)), _twins(scenario)
    )
    return Built(scenario, guest.image, guest.sites, guest.routine, subject, _fingerprint(guest, config, subject.watch))


# the guest -----------------------------------------------------------------------------------------------


def _load(scenario: Scenario, compiler: str | None) -> Image:
    total = scenario.cpus + _patchers(scenario)
    placements = {}
    if scenario.placement is not None:
        if not scenario.functions and scenario.patch is None:
            raise ScenarioError("placement needs a function to place: name it in functions")
        placements[_first_function(scenario, total, compiler)] = Placement(scenario.placement)
    return _link(scenario, total, placements, compiler)


def _first_function(scenario: Scenario, cpus: int, compiler: str | None) -> str:
    if scenario.functions:
        return scenario.functions[0]
    return _link(scenario, cpus, {}, compiler).patches[0].old


def _link(scenario: Scenario, cpus: int, placements: dict[str, Placement], compiler: str | None) -> Image:
    modules = (scenario.patch,) if scenario.patch is not None else ()
    config = KernelConfig(endbr=scenario.endbr, five_nops=scenario.five_nops)
    return load_kernel(
        scenario.kernel, cpus=cpus, modules=modules, placements=placements, config=config, compiler=compiler
    )


def _patchers(scenario: Scenario) -> int:
    return len(scenario.patchers) or (1 if scenario.edits else 0)


def _pairs(scenario: Scenario, image: Image) -> tuple[PatchPair, ...]:
    if not scenario.functions:
        return image.patches
    by_old = {pair.old: pair for pair in image.patches}
    return tuple(by_old[name] for name in scenario.functions if name in by_old)


def _sites(scenario: Scenario, image: Image) -> Iterator[PatchSite]:
    if not scenario.edits:
        return
    replacements = {pair.old: pair.new_address for pair in _pairs(scenario, image)}
    names = scenario.functions or tuple(replacements)
    if not names:
        raise ScenarioError("nothing to patch: the patch names no functions and neither does the scenario")
    if len(names) > 1 and not scenario.patchers:
        raise ScenarioError("a protocol patches one function; for a batch use the guest's: patchers=('patcher_main',)")
    for name in names:
        address = _site_address(image, name)
        edits = [_edit(text, name, image, replacements) for text in scenario.edits]
        yield plan(name, address, image.read(address, SITE_SIZE), edits)


def _site_address(image: Image, function: str) -> int:
    for site in image.sites:
        if site.function == function:
            return site.address
    known = ", ".join(sorted(site.function for site in image.sites)[:8])
    raise ScenarioError(f"{function} has no patch site; functions with one: {known} ('kgraft-sim show' lists all)")


def _edit(text: str, function: str, image: Image, replacements: dict[str, int]) -> tuple[Edit, int]:
    kind, _, name = text.partition(":")
    try:
        edit = Edit(kind)
    except ValueError:
        raise ScenarioError(f"edit {text!r}: write jmp, nop, jmp:FUNCTION or call:FUNCTION") from None
    if edit is Edit.NOP:
        return edit, 0
    if name:
        return edit, image.address(name)
    if function not in replacements:
        raise ScenarioError(f"the patch has no replacement for {function}; name one, as {kind}:FUNCTION")
    return edit, replacements[function]


def _static(image: Image, site: PatchSite) -> tuple[str, ...]:
    symbol = image.symbols.by_name(site.name)
    code = image.read(symbol.address, symbol.size)
    return static_findings(site, (symbol.address, code), image.references)


# the patcher and the words -------------------------------------------------------------------------------


def _with_patcher(scenario: Scenario, image: Image, sites: tuple[PatchSite, ...]) -> tuple[Image, Routine | None]:
    if scenario.patchers or not sites:
        return image, None
    target = Target(image.address, _writable, image.read, len(image.cpus) - 1)
    if scenario.steps.stops and len(scenario.edits) > 1:
        raise ScenarioError(f"{scenario.steps.name} stops the machine once; give it one edit")
    routine = assemble_routine(PATCHER_TEXT, scenario.steps, sites[0], target)
    return image.with_code("patcher", routine.address, routine.code, {}), routine


def _writable(address: int) -> int:
    return address - KERNEL_TEXT + KERNEL_TEXT_ALIAS


def _with_words(scenario: Scenario, image: Image, sites: tuple[PatchSite, ...], routine: Routine | None) -> Image:
    entries = [image.address(_workload(scenario, cpu)) for cpu in range(scenario.cpus)]
    entries += [image.address(name) for name in scenario.patchers] or ([routine.address] if routine else [])
    for cpu, entry in enumerate(entries):
        image = image.poke("cpu_entry", entry.to_bytes(8, "little"), offset=8 * cpu)
    handler = scenario.handler or ("int3_text_poke" if scenario.patchers else scenario.steps.handler)
    words: dict[str, int | str] = {
        "nr_cpus": len(image.cpus), "boot_ist_nmi": scenario.ist_nmi, "boot_ist_bp": scenario.ist_bp,
        "int3_handler": handler, "stop_serialize": int(scenario.steps.stop_serializes), **scenario.words,
    }  # fmt: skip
    if scenario.patchers:
        words.setdefault("poke_batch_len", len(sites))
    for name, value in words.items():
        number = image.address(value) if isinstance(value, str) else value
        image = image.poke(name, number.to_bytes(image.symbols.by_name(name).size, "little"))
    if scenario.model is not None:
        return image
    return _with_descriptors(image, "poke_batch" if scenario.patchers else "poke_desc", sites)


def _workload(scenario: Scenario, cpu: int) -> str:
    if isinstance(scenario.workload, str):
        return scenario.workload
    return scenario.workload[cpu % len(scenario.workload)]


def _with_descriptors(image: Image, table: str, sites: tuple[PatchSite, ...]) -> Image:
    """Fill ``struct poke_desc { u64 site; u64 target; u32 kind; u32 len; }``, one per version of a site."""
    rows = [
        (site.address, target, _KINDS[kind])
        for site in sites
        for target, kind in zip(site.targets, site.kinds, strict=True)
    ]
    if len(rows) > _MAX_DESCRIPTORS[table]:
        raise ScenarioError(f"{len(rows)} edits, but the guest's {table} has room for {_MAX_DESCRIPTORS[table]}")
    for number, (site, target, kind) in enumerate(rows):
        fields = ((site, 8), (target, 8), (kind, 4), (SITE_SIZE, 4))
        data = b"".join(value.to_bytes(size, "little") for value, size in fields)
        image = image.poke(table, data, offset=24 * number)
    return image


def _layout(image: Image, index: int) -> CpuLayout:
    area = image.cpus[index]
    stacks = tuple(Stack(low, high, high != area.main_stack_top) for low, high in area.stacks)
    stacks += tuple(Stack(low, high, False) for low, high in _task_stacks(image, area.base))
    return CpuLayout(index, area.base, area.shared, stacks, image.address("startup_64"), area.main_stack_top)


def _task_stacks(image: Image, base: int) -> Iterator[tuple[int, int]]:
    """Return the stacks of tasks that are not the CPU's first: the kernel's task_stack_1, task_stack_2, ..."""
    for number in count(1):
        name = f"task_stack_{number}"
        if name not in image.symbols:
            return
        symbol = image.symbols.by_name(name)
        yield base + symbol.address, base + symbol.end


# what is watched -----------------------------------------------------------------------------------------


def _mutable(scenario: Scenario, sites: tuple[PatchSite, ...]) -> Iterator[tuple[int, int]]:
    for site in sites:
        yield (site.address, site.end) if scenario.patchers else stored_ranges(scenario.steps, site)


def _watch(scenario: Scenario, guest: Guest) -> Watch:
    transients = () if scenario.patchers else scenario.steps.transients
    sites = tuple(WatchedSite(site.name, site.address, SITE_SIZE, site.versions, transients) for site in guest.sites)
    total = len(guest.layouts)
    wanted = scenario.properties
    if guest.plan is not None and wanted == PROPERTIES:
        wanted = WITH_TASKS
    return Watch(
        guest.boot, sites, frozenset(range(scenario.cpus, total)), guest.image.address("cpu_done"),
        {guest.image.address(name): name for name in _ENDS}, frozenset(wanted),
        guest.plan.universes if guest.plan is not None else None,
    )  # fmt: skip


def _demands(scenario: Scenario, guest: Guest) -> Iterator[Demand]:
    if guest.routine is not None:
        for piece in guest.routine.pieces:
            yield Demand(f"protocol step {piece.name}", piece.start, piece.end)
    named = [*scenario.demands, *scenario.patchers]
    if guest.routine is not None and scenario.steps.traps and scenario.cpus:
        named.append(scenario.handler or scenario.steps.handler)
    for name in named:
        symbol = guest.image.symbols.by_name(name)
        yield Demand(name, symbol.address, symbol.address + max(symbol.size, 1))
    if guest.plan is not None:
        yield from guest.plan.demands
    if scenario.cpus:
        for site in guest.sites:
            for target in sorted({target for target in site.targets if target}):
                yield Demand(f"new function {guest.image.symbols.describe(target)}", target, target + 1)


def _twins(scenario: Scenario) -> tuple[int, ...]:
    """Return the vCPUs that run the same workload; patchers are never interchangeable."""
    if scenario.tasks:
        return ()  # each of them has tasks of its own
    if not isinstance(scenario.workload, str) and len(set(scenario.workload)) > 1:
        return ()
    return tuple(range(scenario.cpus))


def _fingerprint(guest: Guest, config: MachineConfig, watch: Watch) -> str:
    digest = hashlib.sha256()
    for page, content in sorted(guest.boot.pages().items()):
        digest.update(page.to_bytes(8, "little") + content)
    for vcpu in guest.initial.vcpus:
        digest.update(repr((vcpu.rip, vcpu.general, vcpu.rflags, vcpu.system, vcpu.nmi_budget)).encode())
    config_part = (config.profile.name, config.data_model, config.literal, config.mutable)
    digest.update(repr((config_part, watch.sites, sorted(watch.patchers), sorted(watch.properties))).encode())
    return digest.hexdigest()[:8]
