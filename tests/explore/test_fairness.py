"""Done is reached on every fair schedule, or a lasso shows how a patcher is kept waiting."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from simulator.explore.checker import Limits, Options, check
from simulator.explore.fairness.check import check_fair, kept_waiting
from simulator.explore.reductions import Reductions
from simulator.explore.simulate import TraceStep, replay
from simulator.explore.subject import Subject
from simulator.explore.verdict import Outcome, Verdict
from simulator.machine.choice import Kind
from simulator.scenario.catalogue import find
from simulator.scenario.scenario import Scenario
from simulator.x86.assemble import assemble
from tests.semantics.bare import EOI, Bare, Gate, bare
from tests.semantics.guests import build

UNMERGED = Options(Reductions(merge=False, interrupts=False, dead=False, symmetry=False))
NO_INTERRUPTS = Options(Reductions(interrupts=False))
WAIT = "again:\nmov eax, [r14]\ntest eax, eax\njz again\ndone: hlt"
"""A patcher that waits until X is not zero."""
HANDLER = Gate(f"push rax\npush rcx\npush rdx\nmov dword ptr [r14], 1\n{EOI}\npop rdx\npop rcx\npop rax\niretq")
SEND = "mfence\nmov ecx, 0x830\nmov eax, 0x000c0040\nxor edx, edx\nwrmsr\n"
"""Vector 0x40 to all others."""


def subject(here: Bare, length: int) -> Subject:
    """The last vCPU is a patcher, done at the HLT its program ends in."""
    patcher = len(here.initial.vcpus) - 1
    vcpu = here.initial.vcpus[patcher]
    found = here.subject
    return replace(found, watch=replace(found.watch, patchers=frozenset({patcher}), done=vcpu.rip + length - 1))


def waiting_for(program: str, *, send: bool = False, interrupts: bool = False) -> Subject:
    """vCPU0 runs a program, vCPU1 waits for X, maybe after it has sent an interrupt whose handler sets X."""
    source = (SEND if send else "") + WAIT
    here = bare(program, source, gates={0x40: HANDLER}, interrupts=interrupts)
    return subject(here, len(assemble(source, here.initial.vcpus[1].rip).code))


@cache
def scenario(name: str, fetch: str = "coherent") -> Subject:
    return build(find(name).scenario, fetch).subject


def lasso(searched: Subject, verdict: Verdict, turns: int = 1) -> tuple[TraceStep, ...]:
    stem, turn = verdict.schedule[: -verdict.loop], verdict.schedule[-verdict.loop :]
    return tuple(replay(searched, stem + turn * turns))


# machines counted by hand --------------------------------------------------------------------------------


def test_a_store_that_is_made_becomes_visible_one_day() -> None:
    assert check_fair(waiting_for("mov dword ptr [r14], 1\nhlt")).outcome is Outcome.SAFE


def test_a_cpu_that_only_reads_keeps_the_patcher_waiting() -> None:
    assert check_fair(waiting_for("again: mov eax, [r15]\njmp again")).label == "violation:fair-progress"


def test_a_value_that_comes_and_goes_need_never_be_seen() -> None:
    searched = waiting_for("mov eax, 1\nagain: xchg [r14], eax\nxchg [r14], eax\njmp again")
    assert (check(searched).outcome, check_fair(searched).label) == (Outcome.SAFE, "violation:fair-progress")


def test_an_interrupt_that_may_always_be_taken_is_taken() -> None:
    assert check_fair(waiting_for("again: jmp again", send=True, interrupts=True)).outcome is Outcome.SAFE


def test_an_interrupt_that_may_be_taken_now_and_then_is_taken() -> None:
    assert check_fair(waiting_for("again: sti\nnop\nnop\ncli\njmp again", send=True)).outcome is Outcome.SAFE


def test_with_weak_fairness_alone_it_may_miss_every_such_moment() -> None:
    searched = waiting_for("again: sti\nnop\nnop\ncli\njmp again", send=True)
    assert check(searched).outcome is Outcome.SAFE
    assert check_fair(searched, prompt=False).label == "violation:fair-progress"


def test_the_shadow_of_sti_keeps_an_interrupt_out_for_ever() -> None:
    searched = waiting_for("again: sti\ncli\njmp again", send=True)
    assert check_fair(searched).label == "violation:fair-progress"


def test_an_interrupt_does_not_come_through_a_cleared_flag() -> None:
    assert check_fair(waiting_for("again: jmp again", send=True)).label == "violation:fair-progress"


def test_a_moment_in_the_middle_of_a_stretch_of_local_code_counts() -> None:
    """CLI and STI are local, so the whole of it is one transition up to the load."""
    searched = waiting_for("again: mov eax, [r15]\nsti\nnop\nnop\ncli\njmp again", send=True)
    verdicts = [check_fair(searched, prompt=prompt).label for prompt in (True, False)]
    assert verdicts == ["safe", "violation:fair-progress"]


# protocols -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fetch", ["coherent", "zen3", "stale8"])
def test_text_poke_is_done_on_every_fair_schedule(fetch: str) -> None:
    assert check_fair(scenario("basic", fetch)).outcome is Outcome.SAFE


def test_text_poke_needs_interrupts_to_come_between_two_breakpoints() -> None:
    """IF is clear in the #BP handler: with weak fairness alone the sync IPI can miss every moment in between."""
    assert check_fair(scenario("basic"), prompt=False).label == "violation:fair-progress"


def test_a_patcher_that_waits_for_handlers_too_early_can_wait_for_ever_though_done_stays_reachable() -> None:
    searched = scenario("refs-awaited-too-early")
    assert (check(searched).label, check_fair(searched).label) == ("safe", "violation:fair-progress")


@pytest.mark.parametrize("options", [UNMERGED, NO_INTERRUPTS], ids=["unmerged", "no-interrupts"])
@pytest.mark.parametrize("name", ["basic", "refs-awaited-too-early", "refs-awaited-last", "interrupts-off"])
def test_the_reductions_change_no_answer(name: str, options: Options) -> None:
    assert check_fair(scenario(name), options).label == check_fair(scenario(name)).label


# the lasso -----------------------------------------------------------------------------------------------

UNFAIR = ("refs-awaited-too-early", "interrupts-off")


@pytest.mark.parametrize("name", UNFAIR)
def test_a_lasso_comes_back_to_the_state_where_its_loop_begins(name: str) -> None:
    verdict = check_fair(scenario(name))
    steps = lasso(scenario(name), verdict)
    assert steps[-verdict.loop].before == steps[-1].after


@pytest.mark.parametrize("name", UNFAIR)
def test_the_loop_of_a_lasso_can_be_taken_again(name: str) -> None:
    verdict = check_fair(scenario(name))
    steps = lasso(scenario(name), verdict, turns=3)
    assert not any(step.done or step.findings for step in steps)


@pytest.mark.parametrize("name", UNFAIR)
def test_a_replayed_lasso_is_judged_as_the_search_did(name: str) -> None:
    verdict = check_fair(scenario(name))
    assert kept_waiting(scenario(name), lasso(scenario(name), verdict), verdict.loop) == verdict.finding


def test_a_loop_that_leaves_a_cpu_out_is_no_counterexample() -> None:
    """The patcher alone goes round in its loop; the other CPU could run all the while."""
    searched = scenario("basic")
    only_patcher = [step for step in lasso(searched, check_fair(searched, prompt=False)) if step.choice.cpu == 1]
    patcher = tuple(replay(searched, [step.choice for step in only_patcher]))
    loops = [n for n in range(1, len(patcher)) if patcher[-n].before == patcher[-1].after]
    assert loops
    assert kept_waiting(searched, patcher, loops[0]) is None


def test_a_path_that_does_not_close_is_no_counterexample() -> None:
    searched = scenario("refs-awaited-too-early")
    verdict = check_fair(searched)
    assert kept_waiting(searched, lasso(searched, verdict), verdict.loop - 1) is None


def test_everyone_who_can_run_takes_a_step_in_the_loop() -> None:
    verdict = check_fair(scenario("refs-awaited-too-early"))
    runs = {choice.cpu for choice in verdict.schedule[-verdict.loop :] if choice.kind is Kind.EXECUTE}
    assert runs == {0, 1}


def test_a_limit_stops_the_search() -> None:
    verdict = check_fair(build(Scenario(cpus=2), "coherent").subject, Options(limits=Limits(transitions=4096)))
    assert (verdict.outcome, verdict.stopped_by) == (Outcome.INCOMPLETE, "limit of 4,096 transitions")
