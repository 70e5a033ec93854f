"""Every execution of a litmus test is there, and is told truly."""

import pytest

from simulator.litmus import Verdict, ask, find
from simulator.litmus.build import build
from simulator.litmus.condition import Executes
from simulator.litmus.judge import Answer
from simulator.litmus.outcomes import Outcomes
from simulator.litmus.parse import parse
from simulator.machine.profiles import PROFILES
from simulator.report.litmus import herd, trace
from tests.semantics.guests import engine

SITE = "site s at 64k+0 { old: mov ebx, 0x11111111; new: mov edi, 0x22222222; }"


def litmus(condition: str, *rows: str, initial: str = "x = 0;", more: str = "", profile: str = "coherent") -> Answer:
    heads = " | ".join(f"P{number}" for number in range(max(row.count("|") for row in rows) + 1))
    lines = "\n".join(f"{row} ;" for row in (heads, *rows))
    return ask(parse(f"X86_64 T {{ {initial} }}\n{more}\n{lines}\n{condition}\n"), profile, engine())


def texts(answer: Answer) -> list[str]:
    return [outcome.text for outcome in answer.outcomes]


@pytest.mark.parametrize(("cpus", "states"), [(1, 5), (2, 25), (3, 125)])
def test_cpus_that_store_apart_have_five_states_each(cpus: int, states: int) -> None:
    """A CPU that stores (S), commits (C) and halts (H): start, S, SC, SH, and SCH, which SHC is too.

    CPUs that store to different words know nothing of each other, so the numbers multiply.
    """
    row = " | ".join(f"mov dword ptr [x{number}], 1" for number in range(cpus))
    initial = " ".join(f"x{number} = 0;" for number in range(cpus))
    assert litmus("exists ([x0]=1)", row, initial=initial).states == states


def test_the_outcomes_of_store_buffering_are_all_four() -> None:
    assert texts(ask(find("SB").litmus, "coherent", engine())) == [
        "0:rax=0; 1:rax=0;", "0:rax=0; 1:rax=1;", "0:rax=1; 1:rax=0;", "0:rax=1; 1:rax=1;",
    ]  # fmt: skip


def test_without_store_buffers_the_fourth_is_not_there() -> None:
    assert ask(find("SB").litmus, "coherent", engine(), data_model="sc").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("exists (0:rax=1)", "Ok"), ("exists (0:rax=2)", "No"), ("~exists (0:rax=2)", "Ok"),
        ("~exists (0:rax=1)", "No"),
        ("forall (0:rax=1)", "Ok"), ("forall (0:rax=1 /\\ [x]=0)", "No"), ("exists (~[x]=7 \\/ 0:rax=0)", "No"),
        ("exists (not [x]=3)", "Ok"), ("forall (0:rbx=-1)", "Ok"),
    ],
)  # fmt: skip
def test_a_condition_is_judged_over_the_final_states(condition: str, verdict: str) -> None:
    answer = litmus(condition, "mov eax, 1", "mov rbx, -1", "mov dword ptr [x], 7")
    assert answer.verdict == verdict


def test_registers_start_with_what_the_test_says() -> None:
    answer = litmus("exists (0:rax=9 /\\ [x]=9)", "mov qword ptr [rbx], rax", initial="x = 0; 0:rax = 9; 0:rbx = x;")
    assert answer.verdict is Verdict.OK


def test_locations_are_shown_besides_what_the_condition_names() -> None:
    answer = litmus("locations [ 0:rcx; ] exists (0:rax=1)", "mov eax, 1", "mov ecx, 2")
    assert texts(answer) == ["0:rax=1; 0:rcx=2;"]


def test_an_exception_that_nobody_handles_is_a_fault() -> None:
    assert texts(litmus("exists (0 faults)", "ud2")) == ["0 faults;"]


def test_an_exception_with_a_handler_is_none() -> None:
    answer = litmus("exists (0 faults)", "ud2", more="handler 6 { add qword ptr [rsp], 2; iretq; }")
    assert answer.verdict is Verdict.NO


def test_a_cpu_that_waits_for_ever_has_no_final_state() -> None:
    answer = litmus("forall (0:rax=1)", "wait: cmp dword ptr [x], 1", "jne wait")
    assert (answer.outcomes, answer.verdict) == ((), Verdict.OK)


def test_a_cpu_that_loops_without_doing_anything_has_no_final_state() -> None:
    assert litmus("exists (0:rax=0)", "loop: jmp loop").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("store", "kinds"),
    [
        ("mov byte ptr [s], 0xcc", {"old", "int3"}),
        ("mov byte ptr [s+1], 0x22", {"old", "torn"}),
        ("nop", {"old"}),
    ],
)
def test_what_is_executed_at_a_site_is_told(store: str, kinds: set[str]) -> None:
    text = f"X86_64 T {{ {SITE} }}\nP0 | P1 ;\n{store} | call s ;\nexists (1 executes old at s)"
    watched = [Executes(1, kind, "s") for kind in ("old", "new", "int3", "torn")]
    found = Outcomes(build(parse(text), "coherent", engine()), watched)
    assert {atom.what for final in found.finals for atom in final.seen} == kinds


def test_after_means_that_the_other_cpu_has_ended() -> None:
    rows = ("mov byte ptr [s+1], 0x11 | call s", "mfence |")
    late = litmus("exists (1 executes old at s after 0)", *rows, initial=SITE)
    torn = litmus("exists (1 executes torn at s after 0)", *rows, initial=SITE)
    assert (late.verdict, torn.verdict) == (Verdict.OK, Verdict.NO)


def test_an_execution_that_is_undefined_is_not_followed() -> None:
    answer = ask(find("CoFF").litmus, "intel-strict", engine())
    assert answer.undefined and answer.verdict is Verdict.UNDEFINED


def test_a_search_that_is_stopped_claims_nothing() -> None:
    answer = ask(find("SB").litmus, "coherent", engine(), limit=10)
    assert (answer.complete, answer.verdict, answer.passed) == (False, None, False)


@pytest.mark.parametrize("name", ["SB", "n7", "MP.RF", "14-MP.RF+ipi-entry", "35-INT3.13-x64", "43-NMI.int3-nested"])
def test_a_witness_leads_to_a_state_that_is_one(name: str) -> None:
    test = find(name).litmus
    answer = ask(test, "stale64", engine())
    built = build(test, "stale64", engine())
    state = built.initial
    for choice in answer.schedule:
        state, _ = built.machine.apply(state, choice)
    assert answer.verdict is Verdict.OK and not built.machine.choices(state)


def test_a_witness_is_told_in_the_words_of_the_test() -> None:
    test = find("MP.RF").litmus
    told = trace(build(test, "zen3", engine()), ask(test, "zen3", engine()).schedule)
    assert "mov byte ptr [x+1], 1" in told and "old x, older than memory" in told


@pytest.mark.parametrize("profile", PROFILES)
def test_interrupts_come_at_every_boundary(profile: str) -> None:
    """An IPI may find the CPU before or behind each of its two instructions, or in its HLT."""
    answer = litmus(
        "exists (1:rdx=0)",
        "mov ecx, 0x830 | inc ebx", "mov eax, 0xc00f2 | inc ebx", "xor edx, edx |", "wrmsr |",
        initial="1:rflags = 0x200;", more="handler 0xf2 { mov edx, ebx; iretq; }", profile=profile,
    )  # fmt: skip
    assert {text.split("=")[1] for text in texts(answer)} == {"0;", "1;", "2;"}


def test_the_output_has_the_lines_of_herd() -> None:
    assert herd([ask(find("SB").litmus, "coherent", engine())]).splitlines() == [
        "Test SB Allowed", "Fetch models coherent", "States 4",
        "1     *>0:rax=0; 1:rax=0;", "1     :>0:rax=0; 1:rax=1;", "1     :>0:rax=1; 1:rax=0;",
        "1     :>0:rax=1; 1:rax=1;", "Ok", "Witnesses", "Positive: 1 Negative: 3",
        "Condition exists (0:rax=0 /\\ 1:rax=0)", "Observation SB Sometimes 1 3", "As expected",
    ]  # fmt: skip
