"""The second program form: straight-line threads over one-granule sites, where only the age of a fetch
matters.

Each variable is one granule that is 0 (old) and becomes 1 (new); `exec x` fetches it as an instruction, `load
x` reads it as data.  The rules are those of `explore`, cut down to that: R1 is TSO, R2 takes the held copy if
there is one, R3 holds any granule (age P) or the granules of the next `exec`s in program order (age Q), R5
empties.
"""

from collections.abc import Iterator
from typing import NamedTuple

# What a thread can do: `store x`, `load x`, `exec x`, `lock` (a LOCKed instruction elsewhere), `mfence`,
# `lfence`, `cpuid` (any instruction that serializes for both vendors).
Program = tuple[str, ...]
Held = tuple[tuple[str, int], ...]  # variables and the values they are held with


class Thread(NamedTuple):
    """`read` are the results of its loads and execs; `held` is by variable (age P) or a queue of values (age
    Q)."""

    pc: int = 0
    buffer: tuple[str, ...] = ()
    held: Held = ()
    read: tuple[int, ...] = ()


class Memory(NamedTuple):
    new: frozenset[str]
    threads: tuple[Thread, ...]


def outcomes(*programs: Program, age: str, amd: bool) -> frozenset[tuple[int, ...]]:
    """The results of all loads and execs, thread after thread, of every run; MFENCE serializes if `amd`."""
    start = Memory(frozenset(), (Thread(),) * len(programs))
    seen, todo, ends = {start}, [start], set()
    while todo:
        memory = todo.pop()
        if all(thread.pc == len(program) for thread, program in zip(memory.threads, programs, strict=True)):
            ends.add(tuple(result for thread in memory.threads for result in thread.read))
        for number, program in enumerate(programs):
            for new, thread in _steps(memory.new, memory.threads[number], program, age, amd):
                after = Memory(new, (*memory.threads[:number], thread, *memory.threads[number + 1 :]))
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
    return frozenset(ends)


def _steps(
    new: frozenset[str], me: Thread, program: Program, age: str, amd: bool
) -> Iterator[tuple[frozenset[str], Thread]]:
    if me.buffer:  # R1; its own store evicts what it hits (in a queue, everything)
        stored, *rest = me.buffer
        held = tuple(copy for copy in me.held if copy[0] != stored)
        if age == "Q" and held != me.held:
            held = ()
        yield new | {stored}, me._replace(buffer=tuple(rest), held=held)
    for held in _prefetches(new, me, program, age):  # R3
        yield new, me._replace(held=held)
    if me.pc < len(program):
        yield from ((new, thread) for thread in _execute(new, me, program[me.pc], age, amd))


def _prefetches(new: frozenset[str], me: Thread, program: Program, age: str) -> Iterator[Held]:
    ahead = [operation.split()[1] for operation in program[me.pc :] if operation.startswith("exec")]
    if age == "P":
        for name in sorted(set(ahead)):
            others = tuple(copy for copy in me.held if copy[0] != name)
            yield others if others != me.held else tuple(sorted((*others, (name, int(name in new)))))
    elif age == "Q" and len(me.held) < len(ahead):
        name = ahead[len(me.held)]
        yield (*me.held, (name, int(name in new)))


def _execute(new: frozenset[str], me: Thread, operation: str, age: str, amd: bool) -> Iterator[Thread]:
    name, _, variable = operation.partition(" ")
    following = me._replace(pc=me.pc + 1)
    match name:
        case "store":
            yield following._replace(buffer=(*me.buffer, variable))
        case "load":
            yield following._replace(read=(*me.read, int(variable in new or variable in me.buffer)))
        case "exec":
            value, held = int(variable in new), me.held
            if age == "P":
                value = dict(held).get(variable, value)
                held = tuple(sorted({**dict(held), variable: value}.items()))
            elif held:
                (_, value), *rest = held
                held = tuple(rest)
            yield following._replace(held=held, read=(*me.read, value))
        case "lfence":
            yield following
        case "lock" | "mfence" | "cpuid":
            if not me.buffer:
                flushes = name == "cpuid" or (name == "mfence" and amd)
                yield following._replace(held=() if flushes else me.held)
        case _:
            raise ValueError(f"no such operation: {operation}")
