"""A machine without a kernel: a few instructions per vCPU, an IDT where a test asks for one, and nothing else.

Every vCPU has its own page of code, a main stack and two interrupt stacks; all share a page of data and a page of
text that may change. A vCPU ends in HLT with interrupts off, or idles in HLT with interrupts on. It starts with
R14 = X, R15 = Y (two words of data, each in its line), R12 = TEXT and R13 = ALIAS, and all else zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.explore.properties import Watch
from simulator.explore.subject import Subject
from simulator.machine.choice import Choice, Kind
from simulator.machine.events import Event
from simulator.machine.machine import Machine, MachineConfig, fresh_vcpu
from simulator.machine.memory import Access, BootImage, Region
from simulator.machine.profiles import PROFILES
from simulator.machine.rules import ALL_RULES, Rules
from simulator.machine.state import State
from simulator.machine.vcpu import IF, CpuLayout, Stack, System, VCpu
from simulator.x86.assemble import assemble
from simulator.x86.registers import GENERAL
from tests.semantics.guests import engine

PAGE = 0x1000
CODE = 0xFFFFFFFF81000000
TEXT = 0xFFFFFFFF81100000
"""Text that may change, where a test says so."""
ALIAS = 0xFFFF888001100000
"""A second mapping of it."""
HANDLERS = 0xFFFFFFFF81200000
IDT = 0xFFFFFFFF81300000
DATA = 0xFFFFFFFF81400000
CONSTANT = 0xFFFFFFFF81500000
BLOCK = 0xFFFF888000000000
X, Y = DATA, DATA + 0x40

_RX, _RW, _R = Access.READ | Access.EXECUTE, Access.READ | Access.WRITE, Access.READ
_INTERRUPT_GATE = 0x8E
EOI = "mov ecx, 0x80b\nxor eax, eax\nxor edx, edx\nwrmsr"


@dataclass(frozen=True, slots=True)
class Gate:
    """A handler, and the interrupt stack its gate names."""

    source: str
    ist: int = 0


@dataclass(frozen=True, slots=True)
class Bare:
    """What a test runs."""

    machine: Machine
    initial: State
    handlers: Mapping[int, int] = field(default_factory=dict)
    """Vector to the address of its handler."""

    @property
    def subject(self) -> Subject:
        return Subject(self.machine, self.initial, Watch(self.machine.boot))


def block(cpu: int) -> int:
    return BLOCK + cpu * 0x10000


def stack_top(cpu: int, stack: int = 0) -> int:
    """The main stack's top (0) or that of an interrupt stack (1, 2)."""
    return block(cpu) + 0x8000 - stack * PAGE


def bare(
    *programs: str,
    profile: str = "coherent",
    data_model: str = "tso",
    text: bytes = b"",
    mutable: Sequence[tuple[int, int]] = (),
    gates: Mapping[int, Gate] | None = None,
    rules: Rules = ALL_RULES,
    literal: bool = False,
    interrupts: bool = False,
) -> Bare:
    """One vCPU per program; ``mutable`` are offsets into the text page."""
    contents = [(CODE + cpu * PAGE, assemble(source, CODE + cpu * PAGE).code) for cpu, source in enumerate(programs)]
    contents.append((TEXT, text or b"\x90"))
    entries, handlers = {}, HANDLERS
    for vector, gate in (gates or {}).items():
        code = assemble(gate.source, handlers).code
        contents += [(handlers, code), (IDT + 16 * vector, _gate(handlers, gate.ist))]
        entries[vector] = handlers
        handlers += len(code) + 16 & ~0xF
    layouts = tuple(_layout(cpu) for cpu in range(len(programs)))
    contents += [(layout.base + 0x24 + 8 * i, top) for layout in layouts for i, top in enumerate(_tops(layout))]
    boot = BootImage(_regions(len(programs)), contents)
    config = MachineConfig(
        PROFILES[profile], data_model, literal, tuple((TEXT + low, TEXT + high) for low, high in mutable), rules
    )
    vcpus = tuple(_vcpu(layout, bool(gates), interrupts) for layout in layouts)
    return Bare(Machine(boot, layouts, config, engine()), State((), vcpus), entries)


def _gate(handler: int, ist: int) -> bytes:
    low, middle, high = handler & 0xFFFF, handler >> 16 & 0xFFFF, handler >> 32
    return b"".join(
        value.to_bytes(size, "little")
        for value, size in ((low, 2), (0x10, 2), (ist, 1), (_INTERRUPT_GATE, 1), (middle, 2), (high, 4), (0, 4))
    )


def _layout(cpu: int) -> CpuLayout:
    base = block(cpu)
    stacks = tuple(Stack(stack_top(cpu, i) - PAGE, stack_top(cpu, i), i > 0) for i in range(3))
    return CpuLayout(cpu, base, (base, base), stacks, CODE + cpu * PAGE, stack_top(cpu))


def _tops(layout: CpuLayout) -> Iterator[bytes]:
    for stack in (1, 2):
        yield stack_top(layout.number, stack).to_bytes(8, "little")


def _regions(cpus: int) -> Iterator[Region]:
    yield Region("code", CODE, CODE + cpus * PAGE, _RX)
    yield Region("text", TEXT, TEXT + PAGE, _RX | _RW)
    yield Region("alias", ALIAS, ALIAS + PAGE, _RW, alias_of=TEXT)
    yield Region("handlers", HANDLERS, HANDLERS + PAGE, _RX)
    yield Region("idt", IDT, IDT + PAGE, _R)
    yield Region("data", DATA, DATA + PAGE, _RW)
    yield Region("constant", CONSTANT, CONSTANT + PAGE, _R)
    for cpu in range(cpus):
        yield Region(f"cpu{cpu}", block(cpu), block(cpu) + 0x8000, _RW, owner=cpu)


def _vcpu(layout: CpuLayout, gates: bool, interrupts: bool) -> VCpu:
    system = System(idt_base=IDT, idt_limit=0xFFF if gates else 0, tss_base=layout.base)
    vcpu = fresh_vcpu(layout)
    general = (*vcpu.general[:7], 0, *vcpu.general[8:12], TEXT, ALIAS, X, Y)
    return vcpu._replace(general=general, system=system, rflags=2 | (IF if interrupts else 0))


# running -------------------------------------------------------------------------------------------------


def every_end(here: Bare) -> tuple[frozenset[State], frozenset[Event]]:
    """All states in which nothing can happen any more, and every event on the way."""
    seen, todo = {here.initial}, [here.initial]
    ends, events = set(), set()
    while todo:
        state = todo.pop()
        moves = [move for vcpu in state.vcpus for move in here.machine.moves(vcpu, state.memory)]
        if not moves:
            ends.add(state)
        for move in moves:
            events.update(move.events)
            after = here.machine.result(state, move)
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return frozenset(ends), frozenset(events)


def register(vcpu: VCpu, name: str) -> int:
    return vcpu.general[GENERAL.index(name)]


def outcomes(here: Bare, *wanted: tuple[int, str]) -> frozenset[tuple[int, ...]]:
    """The values of (vCPU, register) pairs at the end of every run."""
    ends, _ = every_end(here)
    return frozenset(tuple(register(state.vcpus[cpu], name) for cpu, name in wanted) for state in ends)


def kinds(here: Bare, state: State, cpu: int = 0) -> set[Kind]:
    return {choice.kind for choice in here.machine.choices(state) if choice.cpu == cpu}


def take(here: Bare, state: State, *letters: str) -> State:
    """The state after choices like ``0x``; an execution takes what memory holds."""
    for letter in letters:
        state, _ = here.machine.apply(state, Choice(int(letter[0]), Kind(letter[1])))
    return state


def events(here: Bare, state: State, letter: str) -> tuple[Event, ...]:
    return here.machine.apply(state, Choice(int(letter[0]), Kind(letter[1])))[1]


def with_cpu(state: State, cpu: int = 0, **values: object) -> State:
    vcpus = list(state.vcpus)
    vcpus[cpu] = vcpus[cpu]._replace(**values)
    return State(state.memory, tuple(vcpus))
