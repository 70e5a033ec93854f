"""A burst ends where the same number of local steps ends, with the same registers and private memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.explore.schedulers import scheduler
from simulator.explore.simulate import run
from simulator.machine.burst import is_plain
from simulator.machine.machine import Machine
from simulator.machine.vcpu import RSP, VCpu
from simulator.scenario.catalogue import find
from simulator.scenario.scenario import Scenario
from simulator.x86.registers import GENERAL
from tests.semantics import bare
from tests.semantics.bare import Bare, block, register
from tests.semantics.guests import build

PRIVATE = block(0) + 0x1000


def stepped(machine: Machine, vcpu: VCpu, count: int) -> VCpu:
    """The vCPU after so many local steps, taken one by one."""
    for _ in range(count):
        move = machine.local_step(vcpu, ())
        assert move is not None, f"the step at {vcpu.rip:#x} is not local"
        vcpu = move.vcpu
    return vcpu


def after(source: str, limit: int = 10_000) -> tuple[Bare, VCpu, int]:
    here = bare.bare(source)
    end, count = here.machine.burst(here.initial.vcpus[0], limit)
    assert end == stepped(here.machine, here.initial.vcpus[0], count)
    return here, end, count


def length_before(source: str, last: str) -> int:
    """How many instructions of straight code run before the last one, which is where a burst has to stop."""
    _, _, count = after(f"{source}\n{last}\nhlt")
    return count


# where it stops ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "last",
    [
        "mov eax, [r14]", "mov [r14], eax", "push qword ptr [r14]", "pop qword ptr [r14]", "call qword ptr [r14]",
        "add dword ptr [r14], 1", "lock inc dword ptr [rsp]", "xchg [rsp], rax", "mov eax, [r12]", "cli", "sti",
        "pushfq\npopfq", "cpuid", "rdtsc", "wrmsr", "rdmsr", "int3", "int 0x40", "ud2", "hlt", "iretq", "mov rax, cr0",
        "mov eax, ds", "mfence", "pause", "rep stosb", "div r10", "idiv r10d", "mov rsp, rax",
        "mov eax, [rsp - 8]", "lea rsp, [rsp - 8]", "sub rsp, rax", "mov rax, [r9]", "swapgs", "in al, 0x10", "syscall",
    ],
)  # fmt: skip
def test_a_burst_stops_before_what_is_not_plain(last: str) -> None:
    assert length_before("nop\nnop\nnop", last) == 3


def test_a_burst_stops_after_the_number_of_instructions_it_may_take() -> None:
    assert after("again: inc rax\njmp again", 12_345)[2] == 12_345


def test_a_burst_stops_before_an_address_it_was_given() -> None:
    here = bare.bare("nop\nnop\nnop\nhlt")
    vcpu = here.initial.vcpus[0]
    assert here.machine.burst(vcpu, 100, {vcpu.rip + 2}).steps == 2


def test_addresses_to_stop_at_hold_for_one_burst_only() -> None:
    here = bare.bare("nop\nnop\nnop\nhlt")
    vcpu = here.initial.vcpus[0]
    counts = [here.machine.burst(vcpu, 100, stops).steps for stops in ((), {vcpu.rip + 1}, ())]
    assert counts == [3, 1, 3]


def test_code_that_jumps_into_the_middle_of_an_instruction_stops_there_too() -> None:
    """FA, the immediate of a MOV, is CLI."""
    _, _, count = after("jmp middle + 1\nmiddle: mov al, 0xfa\nhlt".replace("middle + 1", f"{bare.CODE + 3:#x}"))
    assert count == 1


def test_text_that_can_change_is_neither_run_nor_read() -> None:
    here = bare.bare(f"movabs rbx, {bare.TEXT:#x}\njmp rbx", text=b"\x90\x90\xf4", mutable=((1, 2),))
    assert here.machine.burst(here.initial.vcpus[0], 100).steps == 3


def test_nothing_runs_while_a_store_waits_that_must_be_visible_first() -> None:
    here = bare.bare("mov [r14], eax\nnop\nhlt", data_model="sc")
    state = bare.take(here, here.initial, "0x")
    assert here.machine.burst(state.vcpus[0], 100).steps == 0


def test_a_waiting_store_does_not_hold_private_code_up() -> None:
    here = bare.bare("mov [r14], eax\nnop\nnop\nhlt")
    state = bare.take(here, here.initial, "0x")
    end, count = here.machine.burst(state.vcpus[0], 100)
    assert (end, count) == (stepped(here.machine, state.vcpus[0], 2), 2)


# what it does --------------------------------------------------------------------------------------------


def test_a_loop_over_private_memory_gives_the_sum_it_should() -> None:
    source = f"""
        movabs rdi, {PRIVATE:#x}
        mov ecx, 400
    fill:
        mov [rdi + rcx * 8], rcx
        dec ecx
        jnz fill
        mov ecx, 400
    add:
        add rax, [rdi + rcx * 8]
        dec ecx
        jnz add
        mov ebx, [r14]
    """
    _, end, count = after(source)
    assert (register(end, "rax"), count) == (400 * 401 // 2, 2 + 3 * 400 + 1 + 3 * 400)


def test_a_burst_goes_on_across_pages_of_code() -> None:
    here = bare.bare("nop", f"movabs rbx, {bare.HANDLERS:#x}\njmp rbx", gates={0x40: bare.Gate("inc rcx\nhlt")})
    vcpu = here.initial.vcpus[1]
    assert here.machine.burst(vcpu, 100) == (stepped(here.machine, vcpu, 3), 3)


def test_stack_that_is_allocated_again_holds_what_boot_left() -> None:
    """PUSH and POP leave a value below the stack pointer; a frame made there must not show it."""
    source = "mov eax, 7\npush rax\npop rbx\nsub rsp, 16\nmov rcx, [rsp + 8]\nmov edx, [r14]"
    assert register(after(source)[1], "rcx") == 0


def test_stack_that_is_aligned_by_a_mask_holds_what_boot_left() -> None:
    source = "mov eax, 7\npush rax\npush rax\npop rbx\npop rbx\nand rsp, -64\nmov rcx, [rsp + 56]\nmov edx, [r14]"
    assert register(after(source)[1], "rcx") == 0


def test_a_burst_begins_with_the_private_memory_of_its_cpu_whatever_ran_before() -> None:
    here = bare.bare(f"movabs rdi, {PRIVATE:#x}\nmov eax, [rdi]\ninc eax\nmov [rdi], eax\nmov eax, [r14]")
    vcpu = here.initial.vcpus[0]
    assert here.machine.burst(vcpu, 100) == here.machine.burst(vcpu, 100)


# against local steps -------------------------------------------------------------------------------------

REGISTERS = [name for name in GENERAL if name not in ("rsp", "r12", "r13", "r14", "r15")]
REGISTER = st.sampled_from(REGISTERS)
NUMBER = st.one_of(st.integers(-3, 70), st.sampled_from([0x7FFFFFFF, -0x80000000, 0x1234567]))
PLACE = st.builds(lambda n: f"qword ptr [r8 + {8 * n}]", st.integers(0, 40))
FRAME = st.builds(lambda n: f"qword ptr [rsp + {8 * n}]", st.integers(0, 5))
OPERAND = st.one_of(REGISTER, REGISTER, PLACE, FRAME, NUMBER.map(str))
TARGET = st.one_of(REGISTER, PLACE, FRAME)
SHIFT = st.sampled_from(["shl", "shr", "sar", "rol", "ror", "rcl"])
ONE = st.sampled_from(["inc", "dec", "neg", "not", "mul", "imul", "div"])
ACROSS = st.sampled_from(["imul", "cmovc", "cmovs", "bt", "xchg"])
TWO = st.sampled_from(["mov", "add", "sub", "adc", "sbb", "and", "or", "xor", "cmp", "test"])
PLAIN = st.one_of(
    st.builds(lambda name, a, b: f"{name} {a}, {b}", TWO, REGISTER, OPERAND),
    st.builds(lambda name, a, b: f"{name} {a}, {b}", TWO, TARGET, REGISTER),
    st.builds(lambda name, a, n: f"{name} {a}, {n}", SHIFT, TARGET, st.integers(0, 63)),
    st.builds(lambda name, a: f"{name} {a}", ONE, TARGET),
    st.builds(lambda name, a, b: f"{name} {a}, {b}", ACROSS, REGISTER, REGISTER),
    st.builds(lambda a, b, n: f"lea {a}, [{b} + {n}]", REGISTER, REGISTER, st.integers(0, 99)),
    st.sampled_from(["push rax\npop rbx", "push 5\npush rcx\npop rdx\npop rsi", "cdq", "cqo", "stc", "nop", "setz al"]),
    st.sampled_from(["sub rsp, 48\nmov rbx, [rsp + 16]\nadd rsp, 48", "call over\nover: pop rdx"]),
)  # fmt: skip
RARE = st.sampled_from(["mov eax, [r14]", "mov [r15], ebx", "cli", "rdtsc", "lock inc qword ptr [r8]", "pushfq\npopfq"])


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Straight pieces of random code, some of them in loops of up to 40 turns, counted on the stack."""
    lines = ["sub rsp, 64", f"movabs r8, {PRIVATE:#x}"]
    for number in range(draw(st.integers(1, 4))):
        body = [line.replace("over", f"o{number}_{i}") for i, line in enumerate(draw(st.lists(PLAIN, max_size=8)))]
        body = [line for line in body if line.split()[1:2] != ["r8,"] and " r8" not in line.split(",")[0]]
        if draw(st.booleans()):
            turns = draw(st.integers(1, 40))
            body = [
                f"mov dword ptr [rsp + 56], {turns}",
                f"l{number}:",
                *body,
                "dec dword ptr [rsp + 56]",
                f"jnz l{number}",
            ]
        lines += body
        if draw(st.integers(0, 3)) == 0:
            lines.append(draw(RARE))
    return "\n".join((*lines, "hlt"))


def to_the_end(machine: Machine, vcpu: VCpu, limit: int) -> Iterator[tuple[VCpu, VCpu]]:
    """Bursts and, in between, single steps, up to something that is not local: (burst, the same in steps)."""
    for _ in range(30):
        end, count = machine.burst(vcpu, limit)
        yield end, stepped(machine, vcpu, count)
        if count < limit:
            here = machine.instruction(end.rip)
            move = machine.local_step(end, ())
            assert move is None or here is None or not is_plain(here), f"stopped before {here}"
            if move is None:
                return
            end = move.vcpu
        vcpu = end


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(), st.sampled_from([3, 50, 1000]), st.lists(st.integers(0, 2**64 - 1), min_size=16, max_size=16))
def test_random_programs_from_random_registers_end_as_in_single_steps(
    source: str, limit: int, general: list[int]
) -> None:
    here = bare.bare(source)
    vcpu = here.initial.vcpus[0]
    general[RSP], general[12:] = vcpu.general[RSP], vcpu.general[12:]
    for burst, steps in to_the_end(here.machine, vcpu._replace(general=tuple(general)), limit):
        assert burst == steps


GUESTS = {
    "syscalls": find("basic").scenario,
    "locks": find("lock-irqsave").scenario,
    "batch": Scenario(patch="batch", patchers=("patcher_main",), workload="workload_batch"),
}


@pytest.mark.parametrize("name", GUESTS)
def test_bursts_from_anywhere_in_a_guest_end_as_in_single_steps(name: str) -> None:
    """Every vCPU that a random schedule leads to is run on from there by bursts."""
    subject = build(GUESTS[name], "stale8").subject
    machine, lengths = subject.machine, set()
    chooser = scheduler("random", 1, len(subject.initial.vcpus), subject.watch)
    starts = {step.after.vcpus[step.choice.cpu] for step in run(subject, chooser, 150, 150)}
    for vcpu in starts:
        for burst, steps in to_the_end(machine, vcpu, 200):
            assert burst == steps
        lengths.add(machine.burst(vcpu, 200).steps)
    assert max(lengths) > 5


OPCODES = [
    lead + escape + bytes((opcode,)) + operands
    for lead in (b"", b"\x48", b"\x66")
    for escape in (b"", b"\x0f")
    for opcode in range(256)
    for operands in (b"\xc1", b"\x44\x24\x08")
]
ROOM = 32


def test_whatever_the_bytes_are_a_burst_of_one_is_a_local_step() -> None:
    """Every opcode of one and two bytes, with operands in registers and in private memory, ended by HLTs."""
    per_page = bare.PAGE // ROOM
    for first in range(0, len(OPCODES), per_page):
        text = b"".join(code.ljust(ROOM, b"\xf4") for code in OPCODES[first : first + per_page])
        here = bare.bare("hlt", text=text)
        vcpu = here.initial.vcpus[0]
        general = tuple(PRIVATE + 8 * number for number in range(16))
        general = (*general[:RSP], vcpu.general[RSP] - 64, *general[RSP + 1 :])
        for number in range(min(per_page, len(OPCODES) - first)):
            start = vcpu._replace(rip=bare.TEXT + ROOM * number, general=general)
            end, count = here.machine.burst(start, 1)
            if count:
                assert end == stepped(here.machine, start, 1), OPCODES[first + number].hex(" ")
