"""text_poke: INT3 over the first byte, the tail behind it, then the first byte.

After Linux's ``text_poke_bp_batch`` (arch/x86/kernel/alternative.c; introduced by commit fd4363fff3d9 ("x86:
Introduce int3 (breakpoint)-based instruction patching") in v3.12). The three syncs have three jobs: the first
makes sure nobody still reads the old head, the second that nobody reads an old tail behind the new head, the
third that nobody is left in the INT3.
"""

from __future__ import annotations

from simulator.patching.steps import Arm, Disarm, New, Protocol, Step, Store, Sync, SyncCores, WaitRefs

INT3 = Store(0, b"\xcc")
TAIL = Store(1, New(1, 5))
HEAD = Store(0, New(0, 1))
_BY = {Sync.IPI: "", Sync.NMI: ", by NMI", Sync.DELAY: ", each only a delay"}


def text_poke(syncs: str = "123", *, how: Sync = Sync.IPI, name: str | None = None) -> Protocol:
    """Return the protocol with a subset of its three syncs, named by their digits."""
    steps: list[Step] = [Arm()]
    for digit, store in zip("123", (INT3, TAIL, HEAD), strict=True):
        steps.append(store)
        if digit in syncs:
            steps.append(SyncCores(how))
    return Protocol(
        name or ("text-poke" if syncs == "123" else f"text-poke-{syncs or 'none'}"),
        f"INT3, tail, first byte, with {_syncs(syncs)}{_BY[how]}",
        tuple(steps),
    )


def disarm_after(base: Protocol, name: str, story: str) -> Protocol:
    """Return ``base`` followed by the removal of the #BP handler's entry."""
    return Protocol(name, story, (*base.steps, Disarm()), base.handler)


def _syncs(digits: str) -> str:
    return {"": "no sync", "123": "all three syncs"}.get(digits, f"sync {' and '.join(digits)} only")


_FULL = text_poke().steps
_NMI = text_poke(how=Sync.NMI, name="text-poke-nmi")

SUBSETS = tuple(text_poke(syncs) for syncs in ("123", "", "1", "2", "3", "12", "13", "23"))

PROTOCOLS = (
    *SUBSETS,
    disarm_after(text_poke(), "text-poke-disarm", "the handler's entry is removed after the last sync"),
    Protocol("disarm-early", "the handler's entry is removed before the last sync",
             (*_FULL[:-1], Disarm(), _FULL[-1])),
    Protocol("disarm-unsynced", "no last sync, then the handler's entry is removed",
             (*text_poke("12").steps, Disarm())),
    Protocol("arm-late", "the handler's entry is made after the INT3",
             (INT3, Arm(), *_FULL[2:])),
    _NMI,
    disarm_after(_NMI, "text-poke-nmi-disarm", "synced by NMI, then the handler's entry is removed"),
    Protocol("text-poke-nmi-refs", "synced by NMI; a handler that counts itself is waited for, then disarmed",
             (*_NMI.steps, WaitRefs(), Disarm()), "int3_emulate_refs"),
    Protocol("wait-refs", "all syncs by IPI; handlers that count themselves are waited for, then disarmed",
             (*_FULL, WaitRefs(), Disarm()), "int3_emulate_refs"),
    text_poke(how=Sync.DELAY, name="text-poke-delay"),
)  # fmt: skip
