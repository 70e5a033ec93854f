"""Transitions in words."""

import itertools

import pytest

from simulator.explore.checker import check
from simulator.explore.properties import WatchedSite
from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import replay, run
from simulator.machine.engine import Engine
from simulator.report.words import Fact, Narrator, Rank, disassembled, label_of
from simulator.scenario import Scenario
from simulator.scenario.build import Built, build


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    """Return the counterexample of a handler that is armed too late."""
    late = build(Scenario(protocol="arm-late"), Engine())
    return [*Narrator(late).facts(replay(late.subject, check(late.subject).schedule))]


def test_a_counterexample_reads_as_a_story(facts: list[Fact]) -> None:
    size = facts[3].text.rpartition("/")[2]
    assert [fact.text for fact in facts] == [
        "workload_caller()",
        "1. store +0 cc",
        "2. arm",
        f"cc visible at answer+0x0/{size}",
        "executes cc = int3",
        f"#BP, saved RIP answer+0x1/{size}",
        "int3_emulate()",
        "reads poke_armed = 0",
        "die_int3()",
    ]


def test_the_end_of_a_guest_is_a_milestone(facts: list[Fact]) -> None:
    assert facts[-1].rank is Rank.MILESTONE


def test_a_cpu_that_spins_is_told_once(built: Built) -> None:
    steps = run(built.subject, scheduler("round-robin", 0, 2), 2_000, 100)
    told = [fact for fact in Narrator(built).facts(steps) if fact.cpu == 1]
    assert all(one.text != other.text for one, other in itertools.pairwise(told))


@pytest.mark.parametrize(
    ("code", "label"),
    [("0f1f440000", "old"), ("cc", "int3"), ("e9440000", "torn"), ("ebfe", "torn")],
)
def test_what_is_executed_at_a_site_has_a_label(built: Built, code: str, label: str) -> None:
    assert label_of(built.subject.watch.sites[0], bytes.fromhex(code)) == label


def test_one_of_five_nops_is_old() -> None:
    site = WatchedSite("answer", 0x1000, 5, (b"\x90" * 5, bytes.fromhex("e944332211")))
    assert [label_of(site, b"\x90", offset) for offset in range(5)] == ["old"] * 5


def test_the_tail_of_a_jump_is_torn() -> None:
    site = WatchedSite("answer", 0x1000, 5, (b"\x90" * 5, bytes.fromhex("e944332211")))
    assert label_of(site, bytes.fromhex("4433"), 1) == "torn"


def test_the_last_version_is_new(built: Built) -> None:
    site = built.subject.watch.sites[0]
    assert label_of(site, site.versions[-1]) == "new"


def test_a_jump_names_where_it_leads(built: Built) -> None:
    site = built.sites[0]
    assert disassembled(built.image, site.versions[1], site.address).startswith("jmp <answer_fixed+0x0/")


def test_a_step_of_the_protocol_is_found_by_address(built: Built) -> None:
    assert built.routine is not None
    piece = built.routine.pieces[2]
    assert Narrator(built).piece_at(piece.start + 1) == piece.name == "3. sync cores (ipi)"
