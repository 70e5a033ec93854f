"""Protocols, shipped and of one's own, safe and known to be unsafe."""

import pytest

from simulator.patching.steps import Arm, Disarm, New, Protocol, Store, SyncCores

INT3 = b"\xcc"
TAIL, HEAD = Store(1, New(1, 5)), Store(0, New(0, 1))

ONE_SYNC = Protocol(
    "one-sync",
    "INT3, tail and first byte with one sync in the middle",
    (Arm(), Store(0, INT3), SyncCores(), TAIL, HEAD, Disarm()),
)


@pytest.mark.parametrize("placement", [0, 4, 62])
def test_text_poke_is_safe_wherever_the_site_lies(kgraft, placement):
    kgraft(protocol="text-poke", placement=placement, fetch=["zen3", "stale8"])


def test_one_sync_is_enough_for_whole_instructions_on_a_coherent_machine(kgraft):
    kgraft(ONE_SYNC, placement=62, properties=("integrity",), fetch="coherent")


def test_one_sync_is_not_enough_where_fetches_may_be_stale(kgraft):
    kgraft(ONE_SYNC, placement=62, properties=("integrity",), fetch="stale8", expect="violation:integrity")


def test_the_two_verdicts_say_how_many_states_there_are(kgraft):
    small, large = kgraft("basic"), kgraft("basic", cpus=2)
    assert small[0].verdict.statistics.states < large[0].verdict.statistics.states


@pytest.mark.kgraft("SB.litmus", fetch="all")
def test_a_store_may_wait_in_the_store_buffer():
    pass
