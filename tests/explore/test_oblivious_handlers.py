"""A handler is delivered at one boundary only if it provably cannot tell which."""

from __future__ import annotations

import pytest

from simulator.explore.reductions.oblivious import is_oblivious
from simulator.machine.engine import Engine
from simulator.machine.machine import Machine, MachineConfig, fresh_vcpu
from simulator.machine.memory import Access, BootImage, Region
from simulator.machine.vcpu import CpuLayout, Stack
from simulator.x86.assemble import assemble

TEXT, IDT, DATA, PRIVATE = 0x10000, 0x20000, 0x30000, 0x40000
VECTOR = 0x40
EOI = "mov ecx, 0x80b\nxor eax, eax\nxor edx, edx\nwrmsr"


def oblivious(source: str, *, idt: Access = Access.READ) -> bool:
    gate = TEXT & 0xFFFF | 0x10 << 16 | 0x8E << 40 | (TEXT >> 16 & 0xFFFF) << 48
    regions = (
        Region("text", TEXT, TEXT + 0x1000, Access.READ | Access.EXECUTE),
        Region("idt", IDT, IDT + 0x1000, idt),
        Region("data", DATA, DATA + 0x1000, Access.READ | Access.WRITE),
        Region("private", PRIVATE, PRIVATE + 0x2000, Access.READ | Access.WRITE, owner=0),
    )
    contents = ((TEXT, assemble(source, TEXT).code), (IDT + 16 * VECTOR, gate.to_bytes(16, "little")))
    layout = CpuLayout(0, PRIVATE, (0, 0), (Stack(PRIVATE + 0x1000, PRIVATE + 0x2000, False),), TEXT, PRIVATE + 0x2000)
    machine = Machine(BootImage(regions, contents), (layout,), MachineConfig(), Engine())
    vcpu = fresh_vcpu(layout)
    vcpu = vcpu._replace(system=vcpu.system._replace(idt_base=IDT, idt_limit=0xFFF))
    return is_oblivious(machine, vcpu, VECTOR)


def test_a_handler_that_counts_and_returns_cannot_tell_where_it_interrupted() -> None:
    assert oblivious(f"lock inc dword ptr [{DATA:#x}]\niretq")


def test_a_handler_that_saves_and_restores_what_it_uses_cannot_tell() -> None:
    saved = "push rax\npush rcx\npush rdx"
    assert oblivious(f"{saved}\n{EOI}\npop rdx\npop rcx\npop rax\niretq")


def test_a_handler_that_loops_on_shared_memory_cannot_tell() -> None:
    assert oblivious(f"push rax\nagain:\nmov eax, dword ptr [{DATA:#x}]\ntest eax, eax\njne again\npop rax\niretq")


def test_a_handler_that_calls_a_function_cannot_tell() -> None:
    assert oblivious(f"call count\niretq\ncount:\nlock inc dword ptr [{DATA:#x}]\nret")


def test_a_handler_that_serializes_by_an_iret_to_itself_cannot_tell() -> None:
    frame = f"push 0x18\npush rsp\nadd qword ptr [rsp], 8\npushfq\npush 0x10\npush {TEXT + 19:#x}\niretq"
    code = assemble(frame, TEXT).code
    frame = frame.replace(hex(TEXT + 19), hex(TEXT + len(code)))
    assert oblivious(f"{frame}\nlock inc dword ptr [{DATA:#x}]\niretq")


@pytest.mark.parametrize(
    ("what", "source"),
    [
        ("reads the interrupted RIP", "push rax\nmov rax, qword ptr [rsp+8]\ntest rax, rax\npop rax\niretq"),
        ("stores an interrupted register", f"mov qword ptr [{DATA:#x}], rbx\niretq"),
        ("branches on interrupted flags", "je over\nover:\niretq"),
        ("branches on an interrupted register", "push rcx\ntest rbx, rbx\nje over\nover:\npop rcx\niretq"),
        ("does not restore a register", f"mov eax, dword ptr [{DATA:#x}]\niretq"),
        ("restores registers the wrong way round", "push rax\npush rcx\npop rax\npop rcx\niretq"),
        ("returns somewhere else", f"push rax\nmov eax, {TEXT:#x}\nmov qword ptr [rsp+8], rax\npop rax\niretq"),
        ("touches private memory", f"lock inc dword ptr [{PRIVATE:#x}]\niretq"),
        ("follows a pointer", f"push rax\nmov rax, qword ptr [{DATA:#x}]\nmov dword ptr [rax], 1\npop rax\niretq"),
        ("uses per-CPU data", "lock inc dword ptr gs:[0x40]\niretq"),
        ("changes what the CPU is", "push rcx\nmov ecx, 0xc0000101\nwrmsr\npop rcx\niretq"),
        ("turns interrupts on", "sti\niretq"),
        ("never returns", "again:\nhlt\njmp again"),
    ],
)  # fmt: skip
def test_a_handler_is_not_proven_if_it(what: str, source: str) -> None:
    assert not oblivious(source)


def test_a_handler_behind_a_gate_that_can_change_is_not_proven() -> None:
    assert not oblivious("iretq", idt=Access.READ | Access.WRITE)
