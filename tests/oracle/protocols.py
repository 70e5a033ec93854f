"""The protocols of the table, as data."""

from itertools import compress

from tests.oracle.model import (
    INT3,
    NEW,
    SELF,
    SITE,
    Arm,
    Disarm,
    Protocol,
    Step,
    StopBegin,
    StopEnd,
    Store,
    Sync,
)

BREAKPOINT = Store(0, INT3)
TAIL = Store(1, NEW[1:])
HEAD = Store(0, NEW[:1])

BYTEWISE = tuple(Store(offset, NEW[offset : offset + 1]) for offset in range(SITE))


def int3(syncs: str, *, arm: tuple[Step, ...] = (Arm(),), late: tuple[Step, ...] = ()) -> Protocol:
    """The INT3 protocol with a subset of its three syncs, written as their digits."""
    first, second, third = ((Sync(),) if digit in syncs else () for digit in "123")
    steps = (*arm, BREAKPOINT, *late, *first, TAIL, *second, HEAD, *third)
    return Protocol(f"int3:{syncs or 'none'}", steps)


def protocol(name: str, *steps: Step) -> Protocol:
    return Protocol(name, steps)


SUBSETS = tuple("".join(compress("123", (bits & 1, bits & 2, bits & 4))) for bits in range(8))
_FULL = int3("123").steps

PROTOCOLS = {
    each.name: each
    for each in (
        Protocol("naive-asc", BYTEWISE),
        Protocol("naive-desc", BYTEWISE[::-1]),
        protocol("store8", Store(0, NEW)),
        protocol("store8+sync", Store(0, NEW), Sync()),
        protocol("locked8", Store(0, NEW, locked=True)),
        protocol("locked8+sync", Store(0, NEW, locked=True), Sync()),
        protocol("opcode-first", HEAD, TAIL),
        protocol("address-first", TAIL, HEAD),
        protocol("address-first+syncs", TAIL, Sync(), HEAD, Sync()),
        *(int3(syncs) for syncs in SUBSETS),
        Protocol("int3:123+disarm", (*_FULL, Disarm())),
        Protocol("disarm-before-3", (*_FULL[:-1], Disarm(), Sync())),
        Protocol("disarm-without-3", (*int3("12").steps, Disarm())),
        Protocol("arm-after-int3", int3("123", arm=(), late=(Arm(),)).steps),
        protocol("jmp-self", Store(0, SELF * 2), Store(4, NEW[4:]), Store(0, NEW[:4])),
        *(
            protocol(f"stop-{how}{'+serialize' if serialize else ''}", StopBegin(), *stores, StopEnd(serialize))
            for how, stores in (("store8", (Store(0, NEW),)), ("bytes", BYTEWISE))
            for serialize in (True, False)
        ),
    )
}
