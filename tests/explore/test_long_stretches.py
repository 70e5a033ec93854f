"""Local steps taken in bursts: the same violations as one by one, and a million of them are one transition."""

from __future__ import annotations

import pytest

from simulator.explore.checker import Options, check
from simulator.explore.reductions import Reductions, stretch
from simulator.explore.verdict import Outcome
from simulator.scenario.catalogue import find
from tests.semantics.guests import build, findings
from tests.semantics.test_reductions_change_nothing import SMALL, subject

BURSTS = Reductions(registers=False)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: "-".join(str(part) for part in case))
def test_bursts_of_a_few_steps_change_no_violation(
    case: tuple[str, int, str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = findings(subject(*case), BURSTS)
    monkeypatch.setattr(stretch, "_PATIENCE", 2)
    assert findings(subject(*case), BURSTS) == expected


@pytest.mark.parametrize("name", ["basic", "disarm-after-nmi", "five-nops", "lock-irqsave", "batch"])
def test_bursts_of_a_few_steps_change_no_verdict(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = build(find(name).scenario, "coherent").subject
    expected = check(searched, Options(BURSTS))
    monkeypatch.setattr(stretch, "_PATIENCE", 2)
    found = check(searched, Options(BURSTS))
    assert (found.label, found.finding, found.schedule) == (expected.label, expected.finding, expected.schedule)


def test_a_million_local_steps_are_one_transition() -> None:
    verdict = check(build(find("long-computation").scenario, "coherent").subject)
    assert (verdict.outcome, verdict.statistics.transitions < 1_000) == (Outcome.SAFE, True)
