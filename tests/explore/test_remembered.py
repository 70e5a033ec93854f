"""A machine that remembers behaves like one that does not."""

from __future__ import annotations

import pytest

from simulator.explore.remembered import remembering
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import run
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import build


@pytest.mark.parametrize("fetch", ["zen3", "stale8", "intel-strict"])
def test_what_is_remembered_is_what_would_be_computed(fetch: str) -> None:
    plain = build(Scenario(placement=62, cpus=2, fetch=fetch), Engine()).subject
    ours = remembering(plain)
    for seed in (0, 1, 0):
        one, other = (run(subject, scheduler("random", seed, 3), 600, 600) for subject in (plain, ours))
        assert [*one] == [*other]
