"""Which registers, flags and private words a CPU will overwrite before it reads them, whatever happens.

Two states that differ only there have the same future, so the checker clears them. The proof is an abstract run
of the CPU's code from where it stands, along every path (``abstract_run.py``). At a patch site it follows
every version of the instruction and, for INT3, the handler through its gate.

Where an address was computed, as by a #BP handler from its table, the run guesses: a load or store there leaves
private memory alone, a jump or return leads to one of the ``targets``. Every instruction that any CPU executes in
the exploration is shown to ``note``, which raises ``Misjudged`` where a guess was wrong; the caller starts again
with what was learned. The run does not follow interrupts: the caller answers for them, since a handler that
restores what it interrupted and never looks at it (``oblivious.py``) changes nothing here. What the run
does not understand makes everything live.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.explore.properties import INT3, Watch
from simulator.explore.reductions.abstract_places import FLAGS, held
from simulator.explore.reductions.abstract_run import Answer, run
from simulator.machine.machine import Machine
from simulator.machine.vcpu import RSP, VCpu
from simulator.x86.decode import Flow, Instruction, decode
from simulator.x86.registers import GENERAL

STATUS_FLAGS = 0x8D5
"""CF, PF, AF, ZF, SF, OF."""


BUDGET = 20_000
"""Steps of abstract runs for one vCPU after which no more is asked; what is not known by then is kept."""

_VAIN = 30
"""How much more the steps of a run count that found nothing: the next one is not likely to do better."""

_EVERYTHING = Answer((), frozenset(), everything=True, steps=0)


class Lessons(NamedTuple):
    """What earlier attempts taught: where computed jumps lead, and who reaches private memory by computed addresses."""

    targets: frozenset[int] = frozenset()
    intruders: frozenset[int] = frozenset()


NOTHING_LEARNED = Lessons()


class Misjudged(Exception):
    """A guess about computed addresses was wrong; ``lessons`` are what to start again with."""

    def __init__(self, lessons: Lessons) -> None:
        super().__init__("a computed address led elsewhere than was taken for granted")
        self.lessons = lessons


class Unread:
    """Clears what will not be read; remembers the answers by place and by the values they depend on."""

    def __init__(self, machine: Machine, watch: Watch, lessons: Lessons) -> None:
        self._machine, self._watch = machine, watch
        self._lessons = lessons._replace(targets=lessons.targets | _likely_targets(watch))
        self._answers: dict[tuple[object, ...], list[Answer]] = {}
        self._decoded: dict[int, tuple[Instruction, ...]] = {}
        self._jumps, self._apart = set[int](), set[int]()  # instructions that something was guessed of
        self._went: dict[int, set[int]] = {}
        self._intruders: set[int] = set()
        self._spent: dict[int, int] = {}

    # guesses ---------------------------------------------------------------------------------------------

    def targets(self, instruction: Instruction) -> frozenset[int]:
        """Guess where an instruction leads whose target was computed."""
        self._jumps.add(instruction.address)
        self._judge(instruction.address)
        return self._lessons.targets

    def stays_apart(self, instruction: Instruction) -> bool:
        """Guess that a computed address is not one of private memory; False where that is known to be wrong."""
        if instruction.address in self._lessons.intruders:
            return False
        self._apart.add(instruction.address)
        self._judge(instruction.address)
        return True

    def note(self, before: VCpu, address: int, rip: int) -> None:
        """Learn what the instruction at ``address`` did for a CPU that it left at ``rip``. Raises Misjudged."""
        instruction = self._machine.instruction(address)
        if instruction is None or before.rip != address:
            return
        if instruction.target is None and instruction.flow in (Flow.JUMP, Flow.CALL, Flow.RET, Flow.IRET):
            self._went.setdefault(address, set()).add(rip)
            self._judge(address)
        elif address not in self._intruders and _intrudes(self._machine, before, instruction):
            self._intruders.add(address)
            self._judge(address)

    def _judge(self, address: int) -> None:
        elsewhere = self._went.get(address, set()) - self._lessons.targets if address in self._jumps else set()
        intruders = {address} & self._intruders & self._apart
        if elsewhere or intruders:
            old = self._lessons
            raise Misjudged(Lessons(old.targets | elsewhere, old.intruders | intruders))

    # answers ---------------------------------------------------------------------------------------------

    def without(self, vcpu: VCpu) -> VCpu:
        """Return the vCPU with registers, status flags and private words cleared that it will not read."""
        answer = self._answer(vcpu)
        if answer.everything:
            return vcpu
        live = answer.live
        general = tuple(value if place in live or place == RSP else 0 for place, value in enumerate(vcpu.general))
        rflags = vcpu.rflags if FLAGS in live else vcpu.rflags & ~STATUS_FLAGS
        private = tuple(cell for cell in vcpu.private if cell[0] in live)
        if (general, rflags, private) == (vcpu.general, vcpu.rflags, vcpu.private):
            return vcpu
        return vcpu._replace(general=general, rflags=rflags, private=private)

    def _answer(self, vcpu: VCpu) -> Answer:
        key = (vcpu.layout.number, vcpu.rip, vcpu.general[RSP], vcpu.system)
        known = self._answers.setdefault(key, [])
        for answer in known:
            if all(held(self._machine, vcpu, place) == value for place, value in answer.demanded):
                return answer
        cpu = vcpu.layout.number
        if self._spent.get(cpu, 0) > BUDGET:
            return _EVERYTHING
        answer = run(self._machine, vcpu, self)
        known.append(answer)
        self._spent[cpu] = self._spent.get(cpu, 0) + answer.steps * (_VAIN if answer.everything else 1)
        return answer

    def instructions(self, rip: int) -> tuple[Instruction, ...]:
        """Return every instruction that may be executed at an address without a violation of integrity."""
        known = self._decoded.get(rip)
        if known is None:
            known = self._decoded[rip] = () if rip in self._watch.ends else tuple(self._versions(rip))
        return known

    def _versions(self, rip: int) -> Iterator[Instruction]:
        static = self._machine.instruction(rip)
        if static is not None:
            yield static
            return
        sites = [site for site in self._watch.sites if site.address == rip]
        codes = [code for site in sites for code in (*site.versions, INT3, *site.transients)]
        for code in codes or [self._machine.boot.read(rip, 15)]:
            instruction = decode(code, rip)
            if instruction is not None:
                yield instruction


def _intrudes(machine: Machine, vcpu: VCpu, instruction: Instruction) -> bool:
    """Say whether an instruction reaches the CPU's private memory through a register other than RSP."""
    registers = dict(zip(GENERAL, vcpu.general, strict=True))
    bases = {"gs": vcpu.system.gs_base, "fs": vcpu.system.fs_base}
    for operand in instruction.memory:
        if operand.implicit or not (operand.base or operand.index):
            continue
        address = operand.address(registers, bases.get(operand.segment or "", 0))
        for end in (address, address + operand.size - 1):
            region = machine.boot.region(end)
            if region is not None and region.owner is not None:
                return True
    return False


def _likely_targets(watch: Watch) -> frozenset[int]:
    """Return where a #BP handler may send a CPU: where the versions of the sites lead, and behind the sites."""
    found = {site.end for site in watch.sites}
    for site in watch.sites:
        for code in site.versions:
            instruction = decode(code, site.address)
            if instruction is not None and instruction.target is not None:
                found.add(instruction.target)
    return frozenset(found)


def applies(watch: Watch) -> bool:
    """Say whether the ends of all paths that the abstract run leaves out are violations the caller stops at."""
    return {"integrity", "traps", "assertions"} <= watch.properties
