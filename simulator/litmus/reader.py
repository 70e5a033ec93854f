"""From the parse tree to a ``Litmus``, from the leaves up; what the grammar allows and makes no sense is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from lark import Token, Transformer, v_args

from simulator.litmus.condition import And, Condition, Executes, Faults, Not, Or, Quantifier, RegisterIs, WordIs
from simulator.litmus.test import (
    TEXT_MODULUS,
    Code,
    Handler,
    Line,
    Litmus,
    Place,
    Register,
    Routine,
    Site,
    Verdict,
    Version,
    Word,
)
from simulator.machine.profiles import PROFILES
from simulator.x86.registers import GENERAL, PARTS

REGISTERS = (*GENERAL, "rflags")
_ALWAYS = ("int3", "torn")
"""What may be executed at a site besides its versions."""
_MOST_CPUS = 8


class Nonsense(Exception):
    """Something that the grammar allows and that makes no sense, with its place in the text."""

    def __init__(self, at: Token, what: str) -> None:
        super().__init__(what)
        self.line, self.column = at.line or 1, at.column or 1


def _number(token: Token) -> int:
    return int(token, 0)


def _prose(token: Token) -> str:
    return " ".join(token.strip('"').split())


def _line(token: Token) -> Line:
    return Line(" ".join(token.split()), token.line or 1, token.column or 1)


def _register(name: Token) -> str:
    if name not in REGISTERS:
        raise Nonsense(name, f"`{name}` is not a register; write one of {', '.join(REGISTERS)}")
    return str(name)


@v_args(inline=True)
class Reader(Transformer[Token, Litmus]):
    """One method per rule of the grammar. It remembers which CPUs, words and sites are named where."""

    def __init__(self) -> None:
        super().__init__()
        self._cpus: list[Token] = []
        self._names: list[Token] = []
        self._defined: list[Token] = []
        self._executes: list[tuple[Token, Token]] = []

    def test(self, title: Token, *parts: Any) -> Litmus:
        """Put the parts together."""

        def of(kind: type) -> tuple[Any, ...]:
            return tuple(part for part in parts if isinstance(part, kind))

        about = next((_prose(part) for part in parts if isinstance(part, Token)), "")
        threads, (condition,), lists = of(_Threads)[0], of(Condition), of(list)
        expect, because = next(iter(of(_Expect)), ({}, ""))
        litmus = Litmus(
            str(title), tuple(threads), condition, about, of(Word), of(Register), of(Site), of(Routine), of(Handler),
            tuple(chain.from_iterable(lists)), expect, because,
        )  # fmt: skip
        self._check(litmus)
        return litmus

    def _check(self, litmus: Litmus) -> None:
        count = len(litmus.threads)
        for cpu in self._cpus:
            if int(cpu) >= count:
                raise Nonsense(cpu, f"there is no P{cpu}: the CPUs are {', '.join(f'P{n}' for n in range(count))}")
        seen = {f"{site.name}_{version.name}" for site in litmus.sites for version in site.versions}
        for name in self._defined:
            if name in PARTS or name == "rip":
                raise Nonsense(name, f"`{name}` is a register")
            if name in seen:
                raise Nonsense(name, f"`{name}` is the name of something else already")
            seen.add(name)
        words = {word.name for word in litmus.words}
        for name in self._names:
            if name not in words:
                raise Nonsense(name, f"there is no word `{name}`; words are {', '.join(sorted(words)) or 'none'}")
        sites = {site.name: site for site in litmus.sites}
        for what, name in self._executes:
            if name not in sites:
                raise Nonsense(name, f"there is no site `{name}`; sites are {', '.join(sites) or 'none'}")
            kinds = (*(version.name for version in sites[name].versions), *_ALWAYS)
            if what not in kinds:
                raise Nonsense(what, f"`{what}` is not a version of {name}; write one of {', '.join(kinds)}")

    # before the first step -------------------------------------------------------------------------------

    def word(self, name: Token, value: Token, place: Place | None = None) -> Word:
        self._defined.append(name)
        return Word(str(name), _number(value), place)

    def register(self, cpu: Token, name: Token, value: Token) -> Register:
        self._cpus.append(cpu)
        return Register(int(cpu), _register(name), _number(value) if value.type == "NUMBER" else str(value))

    def place(self, base: Token, offset: Token | None = None) -> Place:
        number = _number(offset) if offset is not None else 0
        if not 0 <= number < TEXT_MODULUS:
            raise Nonsense(offset or base, f"an offset is a number from 0 to {TEXT_MODULUS - 1}")
        return Place(str(base) if base.type == "NAME" else "", number)

    def alias(self, name: Token) -> Token:
        self._defined.append(name)
        return name

    def version(self, label: Token, *code: Token) -> Version:
        name = label.rstrip(": \t")
        if name in _ALWAYS:
            raise Nonsense(label, f"`{name}` cannot be the name of a version")
        if not code and name != "then":
            raise Nonsense(label, f"version `{name}` has no instructions")
        return Version(name, self.code(*code))

    def site(self, name: Token, *parts: Any) -> Site:
        self._defined.append(name)
        place = next((part for part in parts if type(part) is Place), None)
        alias = next((str(part) for part in parts if isinstance(part, Token)), None)
        versions = [part for part in parts if isinstance(part, Version)]
        then = versions.pop().code if versions[-1].name == "then" else None
        names = [version.name for version in versions]
        if not names or "then" in names or len(set(names)) < len(names):
            raise Nonsense(name, f"site `{name}` needs one version or more, each with a name of its own, then `then:`")
        return Site(str(name), tuple(versions), then, place, alias)

    # code ------------------------------------------------------------------------------------------------

    def code(self, *instructions: Token) -> Code:
        return tuple(map(_line, instructions))

    def routine(self, name: Token, code: Code) -> Routine:
        self._defined.append(name)
        return Routine(str(name), code)

    def handler(self, vector: Token, *parts: Any) -> Handler:
        if not 0 <= _number(vector) <= 255:
            raise Nonsense(vector, "a vector is a number from 0 to 255")
        stack = parts[0] if len(parts) > 1 else None
        if stack is not None and stack not in ("0", "1", "2"):
            raise Nonsense(stack, "there are the interrupt stacks 1 and 2; 0 is the current one")
        return Handler(_number(vector), int(stack or 0), parts[-1])

    def head(self, *names: Token) -> int:
        for number, name in enumerate(names):
            if name != f"P{number}":
                raise Nonsense(name, f"`{name}` where P{number} should be: CPUs are numbered from the left")
            if number == _MOST_CPUS:
                raise Nonsense(name, f"a litmus test has at most {_MOST_CPUS} CPUs")
        return len(names)

    def cell(self, instruction: Token | None = None) -> Line | None:
        return _line(instruction) if instruction is not None else None

    def row(self, *cells: Line | None) -> tuple[Line | None, ...]:
        return cells

    def threads(self, count: int, *rows: tuple[Line | None, ...]) -> _Threads:
        for row in rows:
            if len(row) > count:
                last = next((line for line in reversed(row) if line is not None), None)
                at = Token("INSTRUCTION", "", line=last.line if last else 1, column=last.column if last else 1)
                raise Nonsense(at, f"{len(row)} columns, but there are {count} CPUs")
        return _Threads(tuple(_column(rows, number)) for number in range(count))

    # afterwards ------------------------------------------------------------------------------------------

    def register_shown(self, cpu: Token, name: Token) -> RegisterIs:
        return self.register_is(cpu, name, Token("NUMBER", "0"))

    def word_shown(self, name: Token) -> WordIs:
        return self.word_is(name, Token("NUMBER", "0"))

    def locations(self, *shown: RegisterIs | WordIs) -> list[RegisterIs | WordIs]:
        return list(shown)

    def register_is(self, cpu: Token, name: Token, value: Token) -> RegisterIs:
        self._cpus.append(cpu)
        return RegisterIs(int(cpu), _register(name), _number(value))

    def word_is(self, name: Token, value: Token) -> WordIs:
        self._names.append(name)
        return WordIs(str(name), _number(value))

    def executes(self, cpu: Token, what: Token, site: Token, after: Token | None = None) -> Executes:
        self._cpus += [cpu] if after is None else [cpu, after]
        self._executes.append((what, site))
        return Executes(int(cpu), str(what), str(site), None if after is None else int(after))

    def faults(self, cpu: Token) -> Faults:
        self._cpus.append(cpu)
        return Faults(int(cpu))

    def negation(self, operand: Any) -> Not:
        return Not(operand)

    def conjunction(self, *operands: Any) -> And:
        return And(operands)

    def disjunction(self, *operands: Any) -> Or:
        return Or(operands)

    def condition(self, quantifier: Token, formula: Any) -> Condition:
        return Condition(Quantifier("".join(quantifier.split())), formula)

    def expected(self, letters: Token, verdict: Token) -> tuple[Token, Verdict]:
        return letters, Verdict(verdict)

    def expect(self, *parts: Any) -> _Expect:
        *pairs, because = parts
        known = {profile.letter for profile in PROFILES.values()}
        found: dict[str, Verdict] = {}
        for letters, verdict in pairs:
            if letters != "*" and not set(letters) <= known:
                raise Nonsense(letters, f"`{letters}`: fetch models are {''.join(sorted(known))}, * is all others")
            if set(letters) & set("".join(found)):
                raise Nonsense(letters, f"`{letters}`: each fetch model has one verdict")
            found[str(letters)] = verdict
        return _Expect((found, _prose(because)))


class _Threads(tuple[Code, ...]):
    """The code of every CPU."""


class _Expect(tuple[dict[str, Verdict], str]):
    """The verdicts, and why."""


def _column(rows: tuple[tuple[Line | None, ...], ...], number: int) -> Iterator[Line]:
    for row in rows:
        line = row[number] if number < len(row) else None
        if line is not None:
            yield line
