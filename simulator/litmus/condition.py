"""What a litmus test asks about the end of an execution: atoms, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Quantifier(StrEnum):
    """Over which executions a condition is asked."""

    EXISTS = "exists"
    NOT_EXISTS = "~exists"
    FORALL = "forall"


class RegisterIs(NamedTuple):
    """``1:rax=2``: a register of a CPU at the end."""

    cpu: int
    register: str
    value: int

    def __str__(self) -> str:
        return f"{self.cpu}:{self.register}={self.value}"


class WordIs(NamedTuple):
    """``[x]=2``: a word of memory at the end."""

    name: str
    value: int

    def __str__(self) -> str:
        return f"[{self.name}]={self.value}"


class Executes(NamedTuple):
    """``1 executes old at s after 0``: at some time, behind the end of CPU ``after`` where one is named."""

    cpu: int
    what: str
    """A version of the site, ``int3`` or ``torn``."""
    site: str
    after: int | None = None

    def __str__(self) -> str:
        late = "" if self.after is None else f" after {self.after}"
        return f"{self.cpu} executes {self.what} at {self.site}{late}"


class Faults(NamedTuple):
    """``1 faults``: the CPU was shut down by an exception that nobody handles."""

    cpu: int

    def __str__(self) -> str:
        return f"{self.cpu} faults"


Atom = RegisterIs | WordIs | Executes | Faults


class Not(NamedTuple):
    """Negation."""

    operand: Formula

    def __str__(self) -> str:
        return f"~{_inner(self.operand)}"


class And(NamedTuple):
    """Conjunction."""

    operands: tuple[Formula, ...]

    def __str__(self) -> str:
        return " /\\ ".join(map(_inner, self.operands))


class Or(NamedTuple):
    """Disjunction."""

    operands: tuple[Formula, ...]

    def __str__(self) -> str:
        return " \\/ ".join(map(_inner, self.operands))


Formula = Atom | Not | And | Or


class Condition(NamedTuple):
    """A quantified formula."""

    quantifier: Quantifier
    formula: Formula

    def __str__(self) -> str:
        return f"{self.quantifier} ({self.formula})"


def _inner(formula: Formula) -> str:
    return f"({formula})" if isinstance(formula, And | Or) else str(formula)


def atoms(formula: Formula) -> Iterator[Atom]:
    """Yield the atoms of a formula from left to right."""
    if isinstance(formula, Not):
        yield from atoms(formula.operand)
    elif isinstance(formula, And | Or):
        for operand in formula.operands:
            yield from atoms(operand)
    else:
        yield formula


def holds(formula: Formula, true: Callable[[Atom], bool]) -> bool:
    """Evaluate a formula, given which atoms are true."""
    if isinstance(formula, Not):
        return not holds(formula.operand, true)
    if isinstance(formula, And):
        return all(holds(operand, true) for operand in formula.operands)
    if isinstance(formula, Or):
        return any(holds(operand, true) for operand in formula.operands)
    return true(formula)
