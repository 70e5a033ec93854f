"""Text to a litmus test. The grammar is ``grammar.lark``; every error names the line and the column."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from simulator.errors import LitmusError
from simulator.litmus.reader import Nonsense, Reader
from simulator.litmus.test import Litmus

_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
_WORDS = {
    "TITLE": "a name", "NAME": "a name", "STRING": 'a text in "quotes"', "NUMBER": "a number", "CPU": "a CPU's number",
    "THREAD": "P0", "LABEL": "the name of a version and a colon", "INSTRUCTION": "an instruction",
    "QUANTIFIER": "exists, ~exists or forall", "LETTERS": "letters of fetch models", "_NOT": "~",
    "VERDICT": "Ok, No or Undefined", "_LOCATIONS": "locations", "$END": "the end",
}  # fmt: skip


def parse(text: str, where: str = "litmus test") -> Litmus:
    """Return the litmus test that ``text`` says; ``where`` is its file, for errors. Raises LitmusError."""
    plain = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    try:
        litmus = Reader().transform(_parser().parse(plain))
    except UnexpectedInput as problem:
        raise _unexpected(problem, plain, where) from None
    except VisitError as problem:
        if not isinstance(problem.orig_exc, Nonsense):
            raise
        wrong = problem.orig_exc
        raise LitmusError(f"{where}:{wrong.line}:{wrong.column}: {wrong}") from None
    assert isinstance(litmus, Litmus)
    return replace(litmus, source=where)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text()
    return Lark(grammar, start="test", parser="lalr", propagate_positions=True)


def _unexpected(problem: UnexpectedInput, text: str, where: str) -> LitmusError:
    wanted: set[str] = set()
    if isinstance(problem, UnexpectedToken):
        wanted = problem.accepts or problem.expected
    elif isinstance(problem, UnexpectedCharacters):
        wanted = problem.allowed or set()
    names = sorted({_name(terminal) for terminal in wanted})
    line, column = problem.line, problem.column
    rest = text.split("\n")[line - 1][column - 1 :] if line > 0 else ""
    if isinstance(problem, UnexpectedToken):
        rest = problem.token
        if problem.token.type == "$END":  # Lark says where the last token stands
            lines = text.rstrip().split("\n")
            line, column = len(lines), len(lines[-1]) + 1
    found = rest.split()
    what = f"`{found[0][:30]}`" if found else "the end"
    return LitmusError(f"{where}:{line}:{column}: {what} where {' or '.join(names)} should be")


def _name(terminal: str) -> str:
    if terminal in _WORDS:
        return _WORDS[terminal]
    pattern = next(each.pattern.value for each in _parser().terminals if each.name == terminal)
    return f"`{pattern}`"
