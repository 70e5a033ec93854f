"""The machine without a kernel: interrupts, faults, and instructions with an answer of their own."""

import pytest

from simulator.errors import ScenarioError
from simulator.machine.choice import Kind
from simulator.machine.events import Delivered, Faulted, Flushed, Posted, Shutdown
from simulator.machine.profiles import PROFILES
from simulator.machine.state import State
from simulator.machine.vcpu import IF, RSP
from tests.semantics.bare import (
    CODE,
    CONSTANT,
    EOI,
    TEXT,
    Bare,
    Gate,
    bare,
    events,
    every_end,
    kinds,
    outcomes,
    stack_top,
    take,
    with_cpu,
)

IDLE = "idle:\nhlt\njmp idle"
HANDLER = Gate(f"mov r8, r9\n{EOI}\niretq")
NMI = Gate("inc r10\niretq", ist=2)


def requested(here: Bare, *vectors: int, cpu: int = 0) -> Bare:
    return Bare(here.machine, with_cpu(here.initial, cpu, requested=vectors), here.handlers)


# interrupts ----------------------------------------------------------------------------------------------


def test_the_instruction_behind_an_sti_is_never_interrupted() -> None:
    here = requested(bare(f"sti\ninc r9\ninc r9\n{IDLE}", gates={0xFB: HANDLER}), 0xFB)
    assert outcomes(here, (0, "r8")) == {(1,), (2,)}


def test_an_sti_with_interrupts_on_already_protects_nothing() -> None:
    here = requested(bare(f"sti\ninc r9\n{IDLE}", gates={0xFB: HANDLER}, interrupts=True), 0xFB)
    assert outcomes(here, (0, "r8")) == {(0,), (1,)}


def test_a_maskable_interrupt_waits_for_the_flag() -> None:
    here = requested(bare("inc r9\nsti\ninc r9\ncli\ninc r9\nhlt", gates={0xFB: HANDLER}), 0xFB)
    assert outcomes(here, (0, "r8")) == {(2,), (0,)}, "behind the shadow, or never: CLI comes next"


def test_an_nmi_does_not_wait_for_the_flag() -> None:
    here = bare("hlt", gates={2: NMI})
    assert kinds(here, with_cpu(here.initial, nmi_pending=True)) == {Kind.EXECUTE, Kind.NMI}


def test_an_interrupt_gate_turns_interrupts_off_and_iret_on_again() -> None:
    here = requested(bare(IDLE, gates={0xFB: Gate("iretq")}, interrupts=True), 0xFB)
    inside = take(here, here.initial, "0i")
    assert not inside.vcpus[0].rflags & IF
    assert take(here, inside, "0x").vcpus[0].rflags & IF


def test_nmis_are_blocked_up_to_the_iret() -> None:
    here = bare(IDLE, gates={2: NMI})
    state = take(here, with_cpu(here.initial, nmi_pending=True), "0n")
    state = with_cpu(state, nmi_pending=True)
    assert kinds(here, state) == {Kind.EXECUTE}
    state = take(here, state, "0x")
    assert kinds(here, state) == {Kind.EXECUTE}, "in front of the IRET"
    assert Kind.NMI in kinds(here, take(here, state, "0x"))


def test_the_iret_of_a_breakpoint_inside_an_nmi_handler_unblocks_nmis() -> None:
    here = bare(IDLE, gates={2: Gate("int3\ninc r10\niretq", ist=2), 3: Gate("iretq")})
    state = take(here, with_cpu(here.initial, nmi_pending=True), "0n", "0x")
    state = with_cpu(state, nmi_pending=True)
    assert kinds(here, state) == {Kind.EXECUTE}, "in the #BP handler"
    assert Kind.NMI in kinds(here, take(here, state, "0x")), "back in the NMI handler"


def test_an_external_nmi_arrives_as_often_as_it_may() -> None:
    here = bare(IDLE, gates={2: NMI})
    two = Bare(here.machine, with_cpu(here.initial, nmi_budget=2))
    assert outcomes(two, (0, "r10")) == {(2,)}


def test_a_gate_with_an_ist_index_switches_stacks() -> None:
    here = bare(IDLE, gates={2: NMI})
    inside = take(here, with_cpu(here.initial, nmi_pending=True), "0n")
    assert inside.vcpus[0].general[RSP] == stack_top(0, 2) - 40


def test_a_gate_without_one_stays_on_the_stack() -> None:
    here = requested(bare(IDLE, gates={0xFB: HANDLER}, interrupts=True), 0xFB)
    assert take(here, here.initial, "0i").vcpus[0].general[RSP] == stack_top(0) - 40


def test_iret_gives_the_interrupted_stack_back() -> None:
    here = bare(IDLE, gates={2: NMI})
    state = take(here, with_cpu(here.initial, nmi_pending=True), "0n", "0x", "0x")
    assert state.vcpus[0].general[RSP] == stack_top(0)


def test_a_breakpoint_saves_the_address_behind_it() -> None:
    here = bare("int3\nhlt", gates={3: Gate("iretq")})
    assert [e.interrupted for e in events(here, here.initial, "0x") if isinstance(e, Delivered)] == [CODE + 1]


def test_the_highest_vector_goes_first() -> None:
    here = requested(bare(IDLE, gates={0x31: HANDLER, 0xFB: HANDLER}, interrupts=True), 0x31, 0xFB)
    assert [e.vector for e in events(here, here.initial, "0i") if isinstance(e, Delivered)] == [0xFB]


@pytest.mark.parametrize(("waiting", "comes"), [(0x31, False), (0x5F, False), (0x61, True)])
def test_only_a_higher_class_interrupts_a_handler_before_its_eoi(waiting: int, comes: bool) -> None:
    gates = {0x51: Gate("sti\nnop\nnop\niretq"), waiting: HANDLER}
    here = requested(bare(IDLE, gates=gates, interrupts=True), 0x51)
    state = with_cpu(take(here, here.initial, "0i", "0x", "0x"), requested=(waiting,))
    assert (Kind.INTERRUPT in kinds(here, state)) is comes


def test_eoi_lets_the_next_one_in() -> None:
    gates = {0x51: Gate(f"{EOI}\nsti\nnop\nnop\niretq"), 0x31: HANDLER}
    here = requested(bare(IDLE, gates=gates, interrupts=True), 0x31, 0x51)
    state = take(here, here.initial, "0i", *["0x"] * 6)
    assert state.vcpus[0].in_service == ()
    assert Kind.INTERRUPT in kinds(here, state)


def test_a_halted_cpu_wakes_for_an_interrupt() -> None:
    here = bare("hlt\nmov r9d, 5\nhlt", gates={0xFB: Gate(f"{EOI}\niretq")}, interrupts=True)
    asleep = take(here, here.initial, "0x")
    assert kinds(here, asleep) == set()
    assert outcomes(Bare(here.machine, with_cpu(asleep, requested=(0xFB,))), (0, "r9")) == {(5,)}


def test_a_cpu_halted_with_interrupts_off_wakes_only_for_an_nmi() -> None:
    here = bare("hlt\nhlt", gates={0xFB: HANDLER, 2: NMI})
    asleep = with_cpu(take(here, here.initial, "0x"), requested=(0xFB,))
    assert kinds(here, asleep) == set()
    assert kinds(here, with_cpu(asleep, nmi_pending=True)) == {Kind.NMI}


def test_delivery_drops_what_was_read_of_an_instruction() -> None:
    here = requested(
        bare(f"call {TEXT + 62:#x}\n{IDLE}", text=bytes(62) + b"\x0f\x1f\x44\x00\x00\xc3", mutable=((62, 67),),
             profile="line64", gates={0xFB: HANDLER}, interrupts=True),
        0xFB,
    )  # fmt: skip
    read = take(here, here.initial, "0x", "0f")
    assert read.vcpus[0].fetch.partial == b"\x0f\x1f"
    assert take(here, read, "0i").vcpus[0].fetch.partial == b""


# the local APIC ------------------------------------------------------------------------------------------


def sent(command: int, destination: int = 0) -> tuple[Posted, State]:
    """The first of three vCPUs writes the interrupt command register."""
    source = f"mov ecx, 0x830\nmov eax, {command:#x}\nmov edx, {destination:#x}\nwrmsr\nhlt"
    here = bare(source, "hlt", "hlt")
    before = take(here, here.initial, "0x", "0x", "0x")
    (posted,) = (event for event in events(here, before, "0x") if isinstance(event, Posted))
    return posted, take(here, before, "0x")


@pytest.mark.parametrize(
    ("name", "command", "destination", "targets"),
    [
        ("to one", 0xFB, 2, (2,)),
        ("to the broadcast address", 0xFB, 0xFFFFFFFF, (0, 1, 2)),
        ("to nobody", 0xFB, 9, ()),
        ("to itself", 0x400FB, 0, (0,)),
        ("to all", 0x800FB, 0, (0, 1, 2)),
        ("to all others", 0xC00FB, 0, (1, 2)),
    ],
)
def test_an_ipi_reaches_those_it_names(name: str, command: int, destination: int, targets: tuple[int, ...]) -> None:
    posted, after = sent(command, destination)
    assert (posted.targets, posted.vector) == (targets, 0xFB)
    assert tuple(vcpu.number for vcpu in after.vcpus if vcpu.requested == (0xFB,)) == targets


def test_delivery_mode_nmi_sends_nmis() -> None:
    _, after = sent(0xC0400)
    assert [vcpu.nmi_pending for vcpu in after.vcpus] == [False, True, True]


def test_two_requests_of_one_vector_are_one() -> None:
    source = "mov ecx, 0x830\nmov eax, 0xc00fb\nxor edx, edx\nwrmsr\nwrmsr\nhlt"
    here = bare(source, "hlt")
    ends, _ = every_end(here)
    assert {state.vcpus[1].requested for state in ends} == {(0xFB,)}


# faults --------------------------------------------------------------------------------------------------


def fault(source: str, vector: int) -> tuple[Faulted, State, Bare]:
    here = bare(source, gates={vector: Gate("hlt")})
    (found,) = (event for event in events(here, here.initial, "0x") if isinstance(event, Faulted))
    return found, take(here, here.initial, "0x"), here


@pytest.mark.parametrize(
    ("source", "vector", "code", "reason"),
    [
        ("ud2", 6, "0f 0b", "ud2"),
        (".byte 0x06", 6, "06", "no instruction: 06"),
        ("div ebx", 0, "f7 f3", "div ebx"),
        ("rdmsr", 13, "0f 32", "RDMSR 0x0 is not modelled"),
        ("in al, dx", 13, "ec", "port I/O"),
        ("movzx eax, byte ptr [rax]", 14, "0f b6 00", "read of 0x0: no memory there"),
        ("mov byte ptr [rax], al", 14, "88 00", "write to 0x0: no memory there"),
        (".byte 0x66, 0x0f, 0xef, 0xc1", 6, "66 0f ef c1", "vector and x87 registers are not modelled"),
    ],
)
def test_a_fault_says_where_with_which_bytes_and_why(source: str, vector: int, code: str, reason: str) -> None:
    found, after, here = fault(source, vector)
    assert (found.vector, found.address) == (vector, CODE)
    assert found.code.hex(" ").startswith(code)
    assert reason in found.reason
    assert after.vcpus[0].rip == here.handlers[vector]


def test_a_page_fault_leaves_its_address_in_cr2() -> None:
    here = bare(f"mov rax, {CONSTANT + 5:#x}\nmov byte ptr [rax], al", gates={14: Gate("hlt")})
    assert take(here, here.initial, "0x", "0x").vcpus[0].system.cr2 == CONSTANT + 5


def test_a_faulting_instruction_changes_nothing_but_the_stack() -> None:
    _, after, here = fault("push qword ptr [rax]", 14)
    before = here.initial.vcpus[0]
    assert after.vcpus[0].general[:RSP] == before.general[:RSP]
    assert after.vcpus[0].general[RSP] == stack_top(0) - 48, "frame and error code"


def test_a_fault_saves_its_own_address() -> None:
    here = bare("ud2", gates={6: Gate("hlt")})
    assert [e.interrupted for e in events(here, here.initial, "0x") if isinstance(e, Delivered)] == [CODE]


def test_a_fault_without_gates_stops_the_cpu_for_good() -> None:
    here = bare("ud2")
    assert any(isinstance(event, Shutdown) for event in events(here, here.initial, "0x"))
    assert kinds(here, take(here, here.initial, "0x")) == set()


def test_a_fault_without_its_gate_is_a_double_fault() -> None:
    here = bare("ud2", gates={8: Gate("hlt", ist=1)})
    assert [e.vector for e in events(here, here.initial, "0x") if isinstance(e, Delivered)] == [8]


def test_private_memory_of_another_cpu_is_an_error_of_the_scenario() -> None:
    here = bare(f"mov rax, {stack_top(1) - 8:#x}\nmov rbx, qword ptr [rax]", "hlt")
    with pytest.raises(ScenarioError, match=r"vCPU0 touched .* declared private to vCPU1"):
        take(here, here.initial, "0x", "0x")


# instructions with an answer of their own ----------------------------------------------------------------


def test_time_advances_only_when_it_is_read() -> None:
    source = "rdtsc\nmov r8d, eax\nnop\nnop\nrdtsc\nmov r9d, eax\nhlt"
    assert outcomes(bare(source), (0, "r8"), (0, "r9")) == {(1000, 2000)}


def test_cpuid_names_no_host() -> None:
    vendor = outcomes(bare("cpuid\nhlt"), (0, "rbx"), (0, "rdx"), (0, "rcx"))
    (words,) = vendor
    assert b"".join(word.to_bytes(4, "little") for word in words) == b"KgraftSimCPU"


def test_random_numbers_are_not() -> None:
    first, second = (outcomes(bare("rdrand rax\nhlt"), (0, "rax")) for _ in range(2))
    assert first == second
    assert len(first) == 1


@pytest.mark.parametrize("source", ["cpuid", "serialize", "invlpg byte ptr [rax]", "mov cr3, rax", "wbinvd"])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_both_vendors_call_serializing_flushes(source: str, profile: str) -> None:
    here = bare(source, profile=profile)
    assert any(isinstance(event, Flushed) for event in events(here, here.initial, "0x"))


@pytest.mark.parametrize("profile", PROFILES)
def test_mfence_flushes_for_amd_only(profile: str) -> None:
    here = bare("mfence", profile=profile)
    flushed = any(isinstance(event, Flushed) for event in events(here, here.initial, "0x"))
    assert flushed is (PROFILES[profile].letter in "ABZCQD")


@pytest.mark.parametrize("source", ["lfence", "lock inc dword ptr [r14]", "pause", "sfence", "mov cr8, rax"])
@pytest.mark.parametrize("profile", ["zen3", "stale8", "intel-strict"])
def test_what_nobody_calls_serializing_does_not_flush(source: str, profile: str) -> None:
    here = bare(source, profile=profile, gates={13: Gate("hlt")})
    assert not any(isinstance(event, Flushed) for event in events(here, here.initial, "0x"))


def test_an_x2apic_write_does_not_flush() -> None:
    here = bare("mov ecx, 0x80b\nwrmsr")
    assert not any(isinstance(event, Flushed) for event in events(here, take(here, here.initial, "0x"), "0x"))
