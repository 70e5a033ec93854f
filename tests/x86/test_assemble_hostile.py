"""Keystone calls abort() on some text; no text given to ``assemble`` may reach that.

The same properties run in a child process, where a crash is a failed test and not a dead test run, and, for
lines of the grammar only, in this one. Run as a program, the module is the child.
"""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import AssemblyError
from simulator.x86.assemble import assemble
from simulator.x86.decode import Data
from simulator.x86.grammar import SIZES
from simulator.x86.mnemonics import ARITIES, PREFIXES
from simulator.x86.registers import PARTS

TEXT = 0xFFFFFFFFA0000000
BORDERS = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x8000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    1 << 63,
    (1 << 64) - 1,
    1 << 64,
]
PIECES = [
    *(
        ".text",
        ".align 16",
        '.ascii "x"',
        ".byte",
        "%rax",
        "$1",
        "offset",
        "short",
        "ptr",
        "dup",
        "db",
        "st(0)",
    ),
    *(
        "'",
        '"',
        "\\",
        "\0",
        "\t",
        "\r",
        "\n",
        ";",
        "#",
        "//",
        "/*",
        "{",
        "}",
        "(",
        ")",
        "!",
        "@",
        "<<",
        "riz",
        "1b",
    ),
    *(
        "ah",
        "rip",
        "gs:",
        "[",
        "]",
        "*",
        "+",
        "-",
        ",",
        "0x",
        "0b1",
        "1e9",
        "mov",
        "nop",
        "lock",
        "rep",
        "x:",
    ),
]

quick = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

numbers = st.one_of(st.sampled_from(BORDERS), st.integers(-(1 << 64), 1 << 64)).map(hex)
registers = st.sampled_from([*PARTS, "cs", "fs", "cr0", "cr8", "dr7"])
sizes = st.sampled_from(["", *(f"{name} ptr " for name in SIZES)])
segments = st.sampled_from(["", "", "gs:", "fs:", "ds:"])
terms = st.one_of(registers, numbers, st.just("rip"), st.just("here"), registers.map(lambda name: name + "*4"))
memory = st.builds(
    lambda size, segment, parts: f"{size}{segment}[{' + '.join(parts)}]",
    sizes,
    segments,
    st.lists(terms, min_size=1, max_size=3),
)
operands = st.lists(st.one_of(registers, numbers, memory, st.just("here")), max_size=3).map(", ".join)
lines = st.builds(
    lambda prefix, name, rest: f"here: {prefix} {name} {rest}",
    st.sampled_from(["", "", "", *PREFIXES]),
    st.sampled_from([*ARITIES, "nop5", "int3", "serialize", "endbr64"]),
    operands,
)
noise = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))


def outcome(source: str) -> None:
    """Assemble, or be told in one line why not; anything else is an exception that fails the test."""
    try:
        found = assemble(source, TEXT)
    except AssemblyError as error:
        assert str(error).startswith("line ") and str(error).isprintable()
        return
    assert found.code == b"".join(item.code for item in found.instructions)


@given(noise)
@settings(quick, max_examples=700)
def any_text_has_an_outcome(source: str) -> None:
    """The child's first property."""
    outcome(source)


@given(lines, noise)
@settings(quick, max_examples=500)
def a_line_with_noise_behind_it_has_an_outcome(line: str, rest: str) -> None:
    """The child's second property."""
    outcome(line + rest)


@given(lines)
@settings(quick, max_examples=1500)
def any_line_of_the_grammar_has_an_outcome(line: str) -> None:
    """The child's third property."""
    outcome(line)


def test_no_text_kills_the_process() -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    child = subprocess.run(
        [sys.executable, str(Path(__file__))],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (child.returncode, child.stderr) == (0, "")


@given(lines)
@settings(quick, max_examples=500)
def test_a_line_of_the_grammar_assembles_to_one_instruction_or_is_refused(line: str) -> None:
    try:
        found = assemble(line, TEXT)
    except AssemblyError:
        return
    assert len(found.instructions) == 1 and not isinstance(found.instructions[0], Data)


@given(lines)
@settings(quick, max_examples=300)
def test_the_same_line_assembles_to_the_same_bytes_again(line: str) -> None:
    try:
        code = assemble(line, TEXT).code
    except AssemblyError:
        return
    assert assemble("nop\n" + line, TEXT - 1).code == b"\x90" + code


if __name__ == "__main__":
    any_text_has_an_outcome()
    a_line_with_noise_behind_it_has_an_outcome()
    any_line_of_the_grammar_has_an_outcome()
