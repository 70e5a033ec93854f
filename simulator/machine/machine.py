"""The machine: ``choices(state)`` lists what can happen next, ``apply(state, choice)`` does it.

A transition belongs to one vCPU. Its result depends on that vCPU and on shared memory alone (``moves``), and it
touches other vCPUs only by signals: an interrupt posted, a change of text that their fetch may still not have
seen. The checker uses this to remember the moves of a (vCPU, memory) pair; nobody has a second way to execute.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from simulator.errors import SimulatorError
from simulator.machine import interrupts, store_buffer, system
from simulator.machine.burst import Burst, Bursts
from simulator.machine.bus import Bus, Identity
from simulator.machine.choice import Choice, Kind
from simulator.machine.engine import Effect, Engine, PageFault, Registers
from simulator.machine.events import NMI_VECTOR, Event, Executed, Faulted, Fetched, Undefined
from simulator.machine.fetch import Candidate, Change, Text
from simulator.machine.interrupts import Post
from simulator.machine.memory import Access, BootImage, Cells
from simulator.machine.profiles import PROFILES, Profile
from simulator.machine.rules import ALL_RULES, Rules
from simulator.machine.state import State
from simulator.machine.vcpu import FLUSHED, RSP, CpuLayout, Fetch, VCpu, live_private, stack_of
from simulator.x86.decode import Instruction, decode

DATA_MODELS = ("tso", "sc")

Signal = Post | Change

_VECTOR_REGISTER = re.compile(r"\b([xyz]?mm[0-9]+|st\([0-7]\)|st|k[0-7])\b")
_VECTOR_MNEMONIC = re.compile(r"f|v(?!erw|err|m)|emms|xsave|xrstor|ldmxcsr|stmxcsr")


@dataclass(frozen=True, slots=True)
class MachineConfig:
    """How the machine behaves; what runs on it is the boot image and the vCPUs."""

    profile: Profile = PROFILES["coherent"]
    data_model: str = "tso"
    literal: bool = False
    """Fetch by the literal rules R2 and R3 instead of the lazy ones."""
    mutable: tuple[tuple[int, int], ...] = ()
    """Ranges of text that may be written."""
    rules: Rules = ALL_RULES


class Move(NamedTuple):
    """One transition of one vCPU against shared memory, and what it means for the others."""

    choice: Choice
    vcpu: VCpu
    memory: Cells
    signals: tuple[Signal, ...]
    events: tuple[Event, ...]
    local: bool
    """Nobody else can notice it, and it cannot notice anybody else."""
    flush: bool
    """The same but for emptying the CPU's fetch state, whose moment other CPUs' stores can tell."""


class Static(NamedTuple):
    """An instruction in text that never changes."""

    instruction: Instruction | None
    code: bytes


class Machine:
    """A multi-CPU guest as a deterministic labelled transition system. Holds no state but caches."""

    def __init__(self, boot: BootImage, layouts: tuple[CpuLayout, ...], config: MachineConfig, engine: Engine,
                 telltales: frozenset[int] = frozenset()) -> None:  # fmt: skip
        self.boot, self.layouts, self.config, self.engine = boot, layouts, config, engine
        self.text = Text(boot, config.profile, config.mutable, config.rules, literal=config.literal)
        self._identity = Identity(tuple(layout.shared for layout in layouts), telltales)
        self._static: dict[int, Static | None] = {}
        self._bursts: Bursts | None = None

    # the two operations ----------------------------------------------------------------------------------

    def choices(self, state: State) -> tuple[Choice, ...]:
        """Return everything that can happen next, in a fixed order. Empty: nothing ever will."""
        return tuple(move.choice for vcpu in state.vcpus for move in self.moves(vcpu, state.memory))

    def apply(self, state: State, choice: Choice) -> tuple[State, tuple[Event, ...]]:
        """Return the state after a choice, and what happened. Raises SimulatorError if it is not enabled."""
        if choice.cpu < len(state.vcpus):
            for move in self.moves(state.vcpus[choice.cpu], state.memory):
                if move.choice == choice:
                    return self.result(state, move), move.events
        raise SimulatorError(f"choice {choice} is not enabled here")

    def result(self, state: State, move: Move) -> State:
        """Return the state after a move, with its signals received by the other vCPUs."""
        own = move.choice.cpu
        vcpus = tuple(
            move.vcpu if number == own else self.receive(vcpu, move.signals) for number, vcpu in enumerate(state.vcpus)
        )
        return State(move.memory, vcpus)

    def receive(self, vcpu: VCpu, signals: tuple[Signal, ...]) -> VCpu:
        """Return another vCPU as it is after the signals of a move."""
        for signal in signals:
            if isinstance(signal, Post):
                if vcpu.layout.number in signal.targets:
                    vcpu = interrupts.request(vcpu, signal.vector)
            else:
                vcpu = vcpu._replace(fetch=self.text.observe(vcpu.fetch, signal, own=False, evict=False))
        return vcpu

    def moves(self, vcpu: VCpu, memory: Cells) -> tuple[Move, ...]:
        """Return every transition of one vCPU; it depends on nothing but the arguments."""
        if vcpu.shutdown:
            return ()
        commits = tuple(self._commits(vcpu, memory))
        if commits and self.config.data_model == "sc":
            return commits
        executions, deliveries = self._executions(vcpu, memory), self._deliveries(vcpu, memory)
        return (*executions, *commits, *deliveries, *self._readahead(vcpu, memory))

    def local_step(self, vcpu: VCpu, memory: Cells, *, flush: bool = False) -> Move | None:
        """Return the vCPU's next step if it is local, or with ``flush`` one that only empties the fetch state.

        Such a step is the same against every memory.
        """
        if vcpu.halted or vcpu.shutdown or (vcpu.stores and self.config.data_model == "sc"):
            return None
        if self._decoded(vcpu.rip) is None:
            return None
        return next((move for move in self._executions(vcpu, memory) if move.local or (flush and move.flush)), None)

    def burst(self, vcpu: VCpu, limit: int, stops: Collection[int] = ()) -> Burst:
        """Return the vCPU after at most ``limit`` local steps at native speed, and how many they were.

        It stops before the first step that is not plain (``machine/burst.py``), which may still be a local one,
        and before each address of ``stops``.
        """
        if vcpu.halted or vcpu.shutdown or (vcpu.stores and self.config.data_model == "sc"):
            return Burst(vcpu, 0)
        if self._bursts is None:
            self._bursts = Bursts(self.boot, self.text, self.instruction)
        return self._bursts.run(vcpu, limit, stops)

    def instruction(self, rip: int) -> Instruction | None:
        """Return the instruction at an address if it is one that never changes."""
        static = self._decoded(rip)
        return static.instruction if static is not None else None

    def deliveries(self, vcpu: VCpu, memory: Cells) -> tuple[Move, ...]:
        """Return the transitions that interrupt a vCPU here."""
        return tuple(self._deliveries(vcpu, memory))

    # commits ---------------------------------------------------------------------------------------------

    def _commits(self, vcpu: VCpu, memory: Cells) -> Iterator[Move]:
        rules = self.config.rules
        numbers = range(len(vcpu.stores)) if not rules.store_order else range(min(1, len(vcpu.stores)))
        argument = 0
        for store in numbers:
            for chunk in range(len(vcpu.stores[store])):
                bus = self._bus(vcpu, memory)
                change, aliased = bus.commit(store, chunk)
                after = vcpu._replace(stores=bus.stores)
                if change is not None:
                    after = after._replace(fetch=self._own_change(vcpu.fetch, change, aliased=aliased))
                yield self._move(Choice(vcpu.number, Kind.COMMIT, argument), after, bus, ())
                argument += 1

    def _own_change(self, fetch: Fetch, change: Change, *, aliased: bool) -> Fetch:
        """Return the fetch state of a CPU after a store of its own changed text."""
        evict = self.config.rules.own_store_evicts and (not aliased or self.text.profile.alias_checked)
        return self.text.observe(fetch, change, own=True, evict=evict)

    # deliveries ------------------------------------------------------------------------------------------

    def deliverable(self, vcpu: VCpu) -> tuple[tuple[Kind, int], ...]:
        """Return the kind and vector of every interrupt that may be delivered here."""
        if not (vcpu.requested or vcpu.nmi_pending or vcpu.timer_armed or vcpu.nmi_budget):
            return ()
        rules, found = self.config.rules, list[tuple[Kind, int]]()
        vector = interrupts.deliverable(vcpu, rules)
        if vector is not None:
            found.append((Kind.INTERRUPT, vector))
        may_nmi = not (vcpu.nmi_blocked and rules.nmi_blocking)
        if vcpu.nmi_pending and may_nmi:
            found.append((Kind.NMI, NMI_VECTOR))
        if interrupts.timer_may_fire(vcpu, rules):
            found.append((Kind.TIMER, interrupts.TIMER_VECTOR))
        if vcpu.nmi_budget and not vcpu.nmi_pending and may_nmi:
            found.append((Kind.ARRIVE, NMI_VECTOR))
        return tuple(found)

    def _deliveries(self, vcpu: VCpu, memory: Cells) -> Iterator[Move]:
        for kind, vector in self.deliverable(vcpu):
            waiting = vcpu
            if kind is Kind.TIMER:
                waiting = interrupts.request(vcpu._replace(timer_armed=False), vector)
            elif kind is Kind.ARRIVE:
                waiting = vcpu._replace(nmi_budget=vcpu.nmi_budget - 1)
            yield self._delivery(waiting, memory, kind, vector)

    def _delivery(self, vcpu: VCpu, memory: Cells, kind: Kind, vector: int) -> Move:
        bus = self._bus(vcpu, memory)
        accepted = interrupts.accept(vcpu, vector)
        after = interrupts.deliver(accepted, bus, vector, vcpu.rip, self.config.rules)
        return self._move(Choice(vcpu.number, kind), after, bus, ())

    # execution -------------------------------------------------------------------------------------------

    def _executions(self, vcpu: VCpu, memory: Cells) -> Iterator[Move]:
        if vcpu.halted:
            return
        static = self._decoded(vcpu.rip)
        if static is not None:
            candidate = Candidate(static.code, vcpu.fetch, True, static.instruction)
            move = self._execute(vcpu, memory, candidate, 0, mutable=False)
            if move is not None:
                yield move
            return
        if self._own_store_pending(vcpu):
            return  # self-modifying code: fetch waits for the store (SDM 3A 8.1.3, APM 2 7.6.1)
        for number, candidate in enumerate(self.text.candidates(vcpu.fetch, memory, vcpu.rip)):
            if not candidate.complete:
                bus = self._bus(vcpu, memory)
                bus.visible = True
                bus.events.append(Fetched(vcpu.number, vcpu.rip, candidate.code))
                yield self._move(Choice(vcpu.number, Kind.FETCH), vcpu._replace(fetch=candidate.fetch), bus, ())
                continue
            move = self._execute(vcpu, memory, candidate, number, mutable=True)
            if move is not None:
                yield move

    def _decoded(self, rip: int) -> Static | None:
        """Return the instruction at ``rip`` when nothing can change it, else None."""
        if rip not in self._static:
            self._static[rip] = self._decode_static(rip)
        return self._static[rip]

    def _decode_static(self, rip: int) -> Static | None:
        code = self.boot.read(rip, 15) if self.boot.permits(rip, int(Access.EXECUTE)) else b""
        instruction = decode(code, rip) if code else None
        length = instruction.length if instruction else len(code)
        if self.text.is_mutable(rip, rip + max(length, 1)):
            return None
        return Static(instruction, code[:length])

    def _own_store_pending(self, vcpu: VCpu) -> bool:
        if not vcpu.stores or not self.config.rules.own_store_evicts:
            return False
        aliases = self.text.profile.alias_checked
        return store_buffer.overlaps(vcpu.stores, vcpu.rip, vcpu.rip + 15, aliases=aliases)

    def _execute(self, vcpu: VCpu, memory: Cells, candidate: Candidate, number: int, *, mutable: bool) -> Move | None:
        """Execute what was fetched (R4); None while a draining instruction waits for the store buffer."""
        instruction, rules = candidate.instruction, self.config.rules
        if instruction is not None and vcpu.stores and self._drains(instruction, vcpu):
            return None
        bus = self._bus(vcpu, memory)
        bus.visible = mutable
        posts: list[Post] = []
        bus.events.append(Executed(vcpu.number, vcpu.rip, candidate.code, mutable, candidate.stale))
        strict = mutable and rules.strict_undefined and self.text.profile.strict
        if strict and Text.undefined(vcpu.fetch, vcpu.rip, len(candidate.code)):
            bus.events.append(Undefined(vcpu.number, vcpu.rip, candidate.code))
        fetched = vcpu._replace(fetch=candidate.fetch, shadow=False)
        seen = tuple(bus.events)
        try:
            if not candidate.code:
                raise PageFault(vcpu.rip, "not executable memory", write=False)
            if instruction is None:
                raise system.Trap(system.INVALID_OPCODE, f"no instruction: {candidate.code.hex(' ')}")
            after = self._perform(fetched, instruction, bus, posts)
        except system.Trap as trap:
            after, bus = self._fault(fetched, memory, candidate.code, trap.vector, trap.reason, seen)
        except PageFault as fault:
            faulting = fetched._replace(system=fetched.system._replace(cr2=fault.address))
            reason = f"{'write to' if fault.write else 'read of'} {fault.address:#x}: {fault.reason}"
            after, bus = self._fault(faulting, memory, candidate.code, 14, reason, seen)
        return self._move(Choice(vcpu.number, Kind.EXECUTE, number), after, bus, tuple(posts))

    def _drains(self, instruction: Instruction, vcpu: VCpu) -> bool:
        rules = self.config.rules
        if instruction.locked:
            return rules.lock_drain
        return rules.fence_drain and system.waits_for_stores(instruction, vcpu)

    def _fault(
        self, vcpu: VCpu, memory: Cells, code: bytes, vector: int, reason: str, seen: tuple[Event, ...]
    ) -> tuple[VCpu, Bus]:
        bus = self._bus(vcpu, memory)
        bus.events.extend((*seen, Faulted(vcpu.number, vector, vcpu.rip, code, reason)))
        return interrupts.deliver(vcpu, bus, vector, vcpu.rip, self.config.rules), bus

    def _perform(self, vcpu: VCpu, instruction: Instruction, bus: Bus, posts: list[Post]) -> VCpu:
        mnemonic, rules = instruction.mnemonic, self.config.rules
        if mnemonic in ("int3", "int"):
            vector = 3 if mnemonic == "int3" else instruction.code[-1]
            saved = instruction.end if rules.trap_saves_next else vcpu.rip
            return interrupts.deliver(vcpu._replace(rip=instruction.end), bus, vector, saved, rules)
        handler = system.HANDLERS.get(mnemonic)
        flushes = self.config.profile.vendor in instruction.serializing
        if handler is None and mnemonic != "mov" and not flushes:
            return self._ordinary(vcpu, instruction, bus)
        step = system.Step(vcpu._replace(rip=instruction.end), instruction, bus, rules, len(self.layouts), posts)
        if handler is not None:
            return self._settle(handler(step), bus)
        special = system.move_special(step) if mnemonic == "mov" else None
        if special is not None:
            return self._settle(special, bus)
        after = self._ordinary(vcpu, instruction, bus)
        return system.flush(step, after, on=rules.serialize_flush) if flushes else after

    def _ordinary(self, vcpu: VCpu, instruction: Instruction, bus: Bus) -> VCpu:
        if _uses_unmodelled_state(instruction):
            raise system.Trap(system.INVALID_OPCODE, f"{instruction.text}: vector and x87 registers are not modelled")
        registers = Registers(vcpu.general, vcpu.rip, vcpu.rflags, vcpu.system.gs_base, vcpu.system.fs_base)
        effect: Effect = self.engine.effect(instruction.code, registers, bus.load)
        if effect.exception is not None:
            raise system.Trap(effect.exception, instruction.text)
        for address, data in effect.reads:
            bus.note_load(address, len(data))
        for address, data in effect.writes:
            bus.check_store(address, len(data))
        for address, data in effect.writes:
            bus.store(address, data, locked=instruction.locked)
        after = vcpu._replace(general=effect.general, rip=effect.rip, rflags=effect.rflags)
        if not effect.writes and effect.general[RSP] == vcpu.general[RSP]:
            return after  # as settled as it was before
        return self._settle(after, bus)

    def _settle(self, vcpu: VCpu, bus: Bus) -> VCpu:
        """Take over what the bus changed, and forget what lies below the stack pointer."""
        rsp, suspended = vcpu.general[RSP], vcpu.suspended
        if suspended:
            here = stack_of(vcpu.layout, rsp)
            suspended = tuple(entry for entry in suspended if entry[0] != here)
        private = live_private(vcpu.layout, bus.private, suspended, rsp)
        fetch = vcpu.fetch
        for change, aliased in bus.own:
            fetch = self._own_change(fetch, change, aliased=aliased)
        return vcpu._replace(private=private, stores=bus.stores, suspended=suspended, fetch=fetch)

    # literal reading ahead -------------------------------------------------------------------------------

    def _readahead(self, vcpu: VCpu, memory: Cells) -> Iterator[Move]:
        for start in self.text.prefetches(vcpu.fetch):
            fetch = self.text.prefetch(vcpu.fetch, memory, start)
            yield self._refetched(vcpu, memory, Kind.PREFETCH, start, fetch)
        for start in self.text.evictions(vcpu.fetch):
            yield self._refetched(vcpu, memory, Kind.EVICT, start, Text.evict(vcpu.fetch, start))

    def _refetched(self, vcpu: VCpu, memory: Cells, kind: Kind, start: int, fetch: Fetch) -> Move:
        bus = self._bus(vcpu, memory)
        bus.visible = True
        number = self.text.granules.index(start)
        return self._move(Choice(vcpu.number, kind, number), vcpu._replace(fetch=fetch), bus, ())

    # shared ----------------------------------------------------------------------------------------------

    def _bus(self, vcpu: VCpu, memory: Cells) -> Bus:
        return Bus(self.boot, self.text, vcpu, memory, self._identity, split=self.config.rules.store_split)

    def _move(self, choice: Choice, vcpu: VCpu, bus: Bus, posts: tuple[Post, ...]) -> Move:
        signals: tuple[Signal, ...] = (*posts, *bus.changes)
        alone = not bus.visible
        return Move(
            choice, vcpu, bus.memory, signals, tuple(bus.events), alone and not bus.flushes, alone and bus.flushes
        )


def fresh_vcpu(layout: CpuLayout) -> VCpu:
    """Return a vCPU as it starts: RDI holds its number, RSP the top of its stack, interrupts are off."""
    general = [0] * 16
    general[RSP], general[7] = layout.stack_top, layout.number
    return VCpu(layout, tuple(general), layout.entry, 2, fetch=FLUSHED)


def _uses_unmodelled_state(instruction: Instruction) -> bool:
    return bool(_VECTOR_REGISTER.search(instruction.operands) or _VECTOR_MNEMONIC.match(instruction.mnemonic))
