"""New litmus tests by random critical cycles, after diy (Alglave, Maranget, Sarkar, Sewell, TACAS 2011).

A cycle goes from CPU to CPU by reads-from (Rf: a write to whoever sees it) and from-read (Fr: whoever sees the old
value to the write), and inside a CPU by program order, with or without something in between. An outcome that closes
the cycle is what no interleaving of the instructions has. Reads are loads (R) or executions (F) of what is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from simulator.errors import LitmusError
from simulator.litmus.parse import parse
from simulator.litmus.test import Litmus

BETWEEN = ("po", "po", "po", "mfence", "lock", "lfence", "cpuid")
"""What may stand between two accesses of a CPU; plain program order is the most frequent."""
LOCATIONS = "xyzw"
_INSTRUCTIONS = {"mfence": "mfence", "lock": "lock inc dword ptr [l]", "lfence": "lfence", "cpuid": "cpuid"}
_PATIENCE = 500
"""Known cycles in a row after which there are taken to be no others."""


class Access(NamedTuple):
    """One access of a cycle."""

    kind: str
    """``W``, ``R`` or ``F``."""
    location: str
    value: int
    """What a read has to see; 1 for a write."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """For each CPU its accesses, one or two, and what stands between them."""

    threads: tuple[tuple[tuple[Access, ...], str], ...]

    @property
    def edges(self) -> str:
        """Return the cycle as diy writes it, as ``PodWR Fre PodWR Fre``."""
        words = []
        for number, (accesses, between) in enumerate(self.threads):
            if len(accesses) == 2:
                way = "Pod" if between == "po" else f"{between.capitalize()}d"
                words.append(f"{way}{accesses[0].kind}{accesses[1].kind}")
            last, following = accesses[-1], self.threads[(number + 1) % len(self.threads)][0][0]
            code = "".join(access.kind for access in (last, following) if access.kind == "F")
            words.append(("Rf" if last.kind == "W" else "Fr") + code + "e")
        return " ".join(words)

    @property
    def programs(self) -> tuple[tuple[str, ...], ...]:
        """Return each CPU's operations in words: ``store x``, ``load x``, ``exec x``, ``mfence`` ..."""
        names = {"W": "store", "R": "load", "F": "exec"}
        programs = []
        for accesses, between in self.threads:
            operations = [f"{names[access.kind]} {access.location}" for access in accesses]
            if len(operations) == 2 and between != "po":
                operations.insert(1, between)
            programs.append(tuple(operations))
        return tuple(programs)

    def text(self, name: str) -> str:
        """Return the litmus test."""
        accesses = [access for thread, _ in self.threads for access in thread]
        code = sorted({access.location for access in accesses if access.kind == "F"})
        words = sorted({access.location for access in accesses} - set(code))
        lock = ["l"] if any(between == "lock" for _, between in self.threads) else []
        initial = [f"site {site} {{ old: mov ebx, 0; new: mov ebx, 1; }}" for site in code]
        initial += [f"{word} = 0;" for word in (*words, *lock)]
        columns = [[f"P{number}", *_code(*thread, code)] for number, thread in enumerate(self.threads)]
        wanted = " /\\ ".join(
            f"{number}:{register}={access.value}"
            for number, (thread, _) in enumerate(self.threads)
            for register, access in _reads(thread)
        )
        lines = [f"X86_64 {name}", f'"{self.edges}"', "{", *(f"  {line}" for line in initial), "}"]
        return "\n".join([*lines, *_rows(columns), f"exists ({wanted})", ""])


def generate(number: int, seed: int) -> tuple[tuple[Cycle, Litmus], ...]:
    """Return so many different cycles and their tests; the same seed gives the same ones. Raises LitmusError."""
    random = Random(seed)
    found: dict[Cycle, None] = {}
    repeated = 0
    while len(found) < number:
        cycle = _cycle(random)
        repeated = repeated + 1 if cycle in found else 0
        if repeated > _PATIENCE:
            raise LitmusError(f"after {len(found)} different cycles seed {seed} makes only known ones; ask for fewer")
        found[cycle] = None
    return tuple(
        (cycle, parse(cycle.text(name), name)) for place, cycle in enumerate(found) if (name := f"cycle-{seed}-{place}")
    )


def _cycle(random: Random) -> Cycle:
    """Return a random cycle: each CPU hands a location over to the next one."""
    while True:
        size = random.choice((2, 2, 3))
        # For each hand-over, whether it is Rf (the left CPU writes) or Fr (the right one does).
        handed = [random.choice(("Rf", "Fr")) for _ in range(size)]
        threads = [_thread(random, handed[number - 1], handed[number]) for number in range(size)]
        if sum(len(kinds) == 2 for kinds, _ in threads) >= 2:
            return _located(threads, handed)


def _thread(random: Random, before: str, after: str) -> tuple[str, str]:
    """Return the kinds of a CPU's accesses, given how it is entered and left, and what stands between them."""
    entered = random.choice("RF") if before == "Rf" else "W"
    left = "W" if after == "Rf" else random.choice("RF")
    if (entered, left) == ("W", "W") and random.random() < 0.5:
        return "W", "po"
    return entered + left, random.choice(BETWEEN)


def _located(threads: list[tuple[str, str]], handed: list[str]) -> Cycle:
    """Give each hand-over a location; a CPU with a single access keeps the one it got."""
    here = 0
    fresh = sum(len(kinds) == 2 for kinds, _ in threads)
    first = next(number for number, (kinds, _) in enumerate(threads) if len(kinds) == 2)
    order = [*range(first, len(threads)), *range(first)]
    placed: dict[int, tuple[tuple[Access, ...], str]] = {}
    for number in order:
        kinds, between = threads[number]
        seen = int(handed[number - 1] == "Rf")
        accesses = [Access(kinds[0], LOCATIONS[here], seen if kinds[0] != "W" else 1)]
        if len(kinds) == 2:
            here = (here + 1) % fresh
            accesses.append(Access(kinds[1], LOCATIONS[here], 1 if kinds[1] == "W" else 0))
        placed[number] = tuple(accesses), between
    return Cycle(tuple(placed[number] for number in range(len(threads))))


def _reads(thread: tuple[Access, ...]) -> Iterator[tuple[str, Access]]:
    reads = [access for access in thread if access.kind != "W"]
    return ((f"r{8 + number}", access) for number, access in enumerate(reads))


def _code(thread: tuple[Access, ...], between: str, sites: list[str]) -> Iterator[str]:
    registers = {id(access): register for register, access in _reads(thread)}
    for number, access in enumerate(thread):
        if number and between != "po":
            yield _INSTRUCTIONS[between]
        where = f"byte ptr [{access.location}{'+1' if access.location in sites else ''}]"
        if access.kind == "W":
            yield f"mov {where}, 1"
        elif access.kind == "R":
            yield f"movzx {registers[id(access)]}d, {where}"
        else:
            yield f"call {access.location}"
            yield f"mov {registers[id(access)]}d, ebx"


def _rows(columns: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in columns]
    for row in range(max(map(len, columns))):
        cells = [column[row] if row < len(column) else "" for column in columns]
        yield " " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " ;"
