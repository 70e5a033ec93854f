"""Protocols near a protocol: counted by hand, and each of them once."""

from __future__ import annotations

from simulator.patching.protocols import protocol
from simulator.patching.steps import Arm, Fence, New, Store, Sync, SyncCores
from simulator.patching.variants import completes, fewer, neighbours, reordered, steps_of

OLD, NEW = b"\x0f\x1f\x44\x00\x00" + b"behind", b"\xe9\x01\x02\x03\x04" + b"behind"
TAIL, HEAD, SYNC = Store(1, New(1, 5)), Store(0, New(0, 1)), SyncCores()
TEXT_POKE = protocol("text-poke").steps


def test_subsets_begin_with_all_steps_and_come_once() -> None:
    """{A, S, S}: 8 subsets, of which the two with one S and A, and the two with only one S, are the same steps."""
    steps = (Arm(), SYNC, SYNC)
    assert [*fewer(steps)] == [(0, 1, 2), (0, 1), (1, 2), (0,), (1,), ()]


def test_stores_and_syncs_change_places_and_nothing_else_does() -> None:
    whole = [each for each in reordered((TAIL, Arm(), HEAD, Fence())) if len(each) == 4]
    assert whole == [(0, 1, 2, 3), (2, 1, 0, 3)]


def test_text_poke_has_290_orders_of_subsets_that_end_in_the_new_text() -> None:
    """Tail and head are always there. With k syncs they have (k+2)!/k! orders; with the INT3 as well, which has to come
    before the head, (k+3)!/k!/2. For k = 0 to 3 that is 2+3, 6+12, 12+30, 20+60 = 145, each with and without arm.
    """
    found = [each for each in reordered(TEXT_POKE) if completes(steps_of(each, TEXT_POKE), OLD, NEW)]
    assert len(found) == 290


def test_an_edit_drops_exchanges_or_puts_in_a_sync() -> None:
    """Of two steps: 2 drops, 1 exchange, 3 places for a sync."""
    assert [*neighbours([(0, 1)], (TAIL, HEAD))] == [(1,), (0,), (1, 0), (None, 0, 1), (0, None, 1), (0, 1, None)]


def test_the_sync_that_is_put_in_is_of_the_protocols_own_kind() -> None:
    nmi, delay = SyncCores(Sync.NMI), SyncCores(Sync.DELAY)
    assert steps_of((0, None), (nmi,)) == (nmi, nmi)
    assert steps_of((0, None), (delay,)) == (delay, SYNC)


def test_bytes_count_as_they_are_written_last() -> None:
    int3 = Store(0, b"\xcc")
    assert completes((int3, TAIL, HEAD), OLD, NEW)
    assert not completes((TAIL, HEAD, int3), OLD, NEW)
    assert completes((Store(0, New(0, 8)),), OLD, NEW)
    assert not completes((HEAD,), OLD, NEW)
