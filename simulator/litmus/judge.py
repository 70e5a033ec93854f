"""The verdict of a litmus test under one fetch model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from simulator.litmus.build import Built, build
from simulator.litmus.condition import Atom, Executes, Faults, Quantifier, RegisterIs, WordIs, atoms, holds
from simulator.litmus.outcomes import LIMIT, Final, Outcomes
from simulator.litmus.reader import REGISTERS
from simulator.litmus.test import Litmus, Verdict
from simulator.machine.choice import Choice
from simulator.machine.engine import Engine
from simulator.machine.memory import read_cells


@dataclass(frozen=True, slots=True)
class Outcome:
    """What can be told of final states that look alike."""

    text: str
    states: int
    """How many final states of the machine look so."""
    witness: bool
    """Whether the formula of the condition is true of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a litmus test came to under one fetch model."""

    litmus: Litmus
    profile: str
    outcomes: tuple[Outcome, ...]
    undefined: bool
    states: int
    """States of the machine that were visited."""
    complete: bool
    """Whether these are all; if not, nothing is claimed."""
    schedule: tuple[Choice, ...]
    """A shortest execution that decides: to a witness, to something undefined; empty where there is none."""

    @property
    def positive(self) -> int:
        """Return how many final states the formula is true of."""
        return sum(outcome.states for outcome in self.outcomes if outcome.witness)

    @property
    def negative(self) -> int:
        """Return how many final states the formula is false of."""
        return sum(outcome.states for outcome in self.outcomes if not outcome.witness)

    @property
    def verdict(self) -> Verdict | None:
        """Return what the condition comes to; None if the search was stopped by its limit."""
        if not self.complete:
            return None
        if self.undefined:
            return Verdict.UNDEFINED
        quantifier = self.litmus.condition.quantifier
        if quantifier is Quantifier.FORALL:
            return Verdict.NO if self.negative else Verdict.OK
        return Verdict.OK if bool(self.positive) is (quantifier is Quantifier.EXISTS) else Verdict.NO

    @property
    def expected(self) -> Verdict | None:
        """Return what the file expects."""
        return self.litmus.expected(self.profile)

    @property
    def passed(self) -> bool:
        """Say whether the verdict is the expected one; without an expectation every verdict is."""
        return self.complete and self.expected in (None, self.verdict)


def ask(litmus: Litmus, profile: str, engine: Engine, *, data_model: str = "tso", limit: int = LIMIT) -> Answer:
    """Run every execution of a test under a fetch model (by name or letter). Raises LitmusError."""
    built = build(litmus, profile, engine, data_model=data_model)
    formula = litmus.condition.formula
    named = tuple(dict.fromkeys(atoms(formula)))
    found = Outcomes(built, [atom for atom in named if isinstance(atom, Executes)], limit=limit)
    shown = tuple(dict.fromkeys(_shown(atom) for atom in (*named, *litmus.locations)))

    def true(final: Final) -> bool:
        return holds(formula, lambda atom: is_true(built, final, atom))

    texts = Counter((_text(built, final, shown), true(final)) for final in found.finals)
    outcomes = tuple(Outcome(text, number, witness) for (text, witness), number in sorted(texts.items()))
    wanted = litmus.condition.quantifier is not Quantifier.FORALL  # a witness for it, or against it
    schedule = found.undefined_witness() or found.witness(lambda final: true(final) is wanted) or ()
    name = built.machine.config.profile.name
    return Answer(litmus, name, outcomes, found.undefined, found.states, found.complete, schedule)


def is_true(built: Built, final: Final, atom: Atom) -> bool:
    """Say whether an atom is true of a final state."""
    if isinstance(atom, Executes):
        return atom in final.seen
    if isinstance(atom, Faults):
        return final.state.vcpus[atom.cpu].shutdown
    return _value(built, final, atom) == atom.value % 2**64


def _value(built: Built, final: Final, atom: RegisterIs | WordIs) -> int:
    if isinstance(atom, WordIs):
        data = read_cells(built.machine.boot, final.state.memory, built.symbols[atom.name], 8)
        return int.from_bytes(data, "little")
    vcpu = final.state.vcpus[atom.cpu]
    return (*vcpu.general, vcpu.rflags)[REGISTERS.index(atom.register)]


def _shown(atom: Atom) -> Atom:
    """Return what an atom is about, whatever value it asks for."""
    return atom._replace(value=0) if isinstance(atom, RegisterIs | WordIs) else atom


def _text(built: Built, final: Final, shown: tuple[Atom, ...]) -> str:
    parts = []
    for atom in shown:
        if isinstance(atom, RegisterIs | WordIs):
            parts.append(str(atom._replace(value=_value(built, final, atom))))
        elif is_true(built, final, atom):
            parts.append(str(atom))
    return " ".join(f"{part};" for part in parts)
