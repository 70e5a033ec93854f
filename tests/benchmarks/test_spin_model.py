"""The model that SPIN checks is of the protocol: its size is the one that was counted, and syncs matter in it.

CPUs of the plain model meet only through the patcher, so in each phase of the patcher their states form a product. A
CPU alone has 8 states in the first phase, 11 in ten and 22 in three. SPIN has one more step of the patcher at the start
and the end of each process: 8^N + 10 * 11^N + 3 * 22^N, and again 8^N + 11^N.
"""

from __future__ import annotations

import pytest

from benchmarks import spin

pytestmark = pytest.mark.skipif(bool(spin.missing()), reason="needs spin and gcc")

PLAIN, SITE_ONLY = spin.MODELS[:2]


@pytest.mark.parametrize("cpus", [1, 2])
def test_the_plain_model_has_as_many_states_as_were_counted_by_hand(cpus: int) -> None:
    phases = 8**cpus + 10 * 11**cpus + 3 * 22**cpus
    assert spin.measure(PLAIN, None, cpus).states == phases + 8**cpus + 11**cpus


def test_interrupts_at_the_site_only_leave_fewer_states() -> None:
    assert spin.measure(SITE_ONLY, None, 3).states < spin.measure(PLAIN, None, 3).states


@pytest.mark.parametrize("sync", [1, 2, 3])
def test_without_one_of_its_syncs_the_model_is_unsafe(sync: int) -> None:
    assert spin.measure(SITE_ONLY, None, 2, f"-DSKIP={sync}").outcome == "violation"
