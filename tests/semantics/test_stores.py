"""Stores on the machine without a kernel: what waits for them, in which pieces they come, and where they land."""

import pytest

from simulator.machine.choice import Kind
from simulator.machine.events import Executed, Faulted, Loaded
from simulator.machine.profiles import PROFILES
from tests.semantics.bare import ALIAS, CODE, Gate, X, bare, events, every_end, kinds, outcomes, register, take

DRAINING = ("mfence", "lock inc dword ptr [r15]", "xchg dword ptr [r15], eax", "cpuid", "serialize", "iretq")
NOT_DRAINING = ("lfence", "nop", "mov eax, dword ptr [r15]", "hlt", "pause")


@pytest.mark.parametrize("source", DRAINING)
def test_some_instructions_wait_for_the_store_buffer(source: str) -> None:
    here = bare(f"mov dword ptr [r14], 1\n{source}")
    state = take(here, here.initial, "0x")
    assert kinds(here, state) == {Kind.COMMIT}
    assert Kind.EXECUTE in kinds(here, take(here, state, "0c"))


@pytest.mark.parametrize("source", NOT_DRAINING)
def test_others_do_not(source: str) -> None:
    here = bare(f"mov dword ptr [r14], 1\n{source}")
    assert Kind.EXECUTE in kinds(here, take(here, here.initial, "0x"))


def test_an_x2apic_write_overtakes_a_store() -> None:
    here = bare("mov ecx, 0x80b\nmov dword ptr [r14], 1\nwrmsr")
    assert Kind.EXECUTE in kinds(here, take(here, here.initial, "0x", "0x"))


def test_a_locked_store_is_visible_at_once() -> None:
    here = bare("lock inc dword ptr [r14]\nhlt")
    after = take(here, here.initial, "0x")
    assert after.memory == ((X, 1),)
    assert after.vcpus[0].stores == ()


def test_a_load_sees_the_own_pending_store() -> None:
    here = bare("mov word ptr [r14], 0x0102\nmov byte ptr [r14+1], 3\nmov eax, dword ptr [r14]\nhlt")
    loaded = events(here, take(here, here.initial, "0x", "0x"), "0x")
    assert [event.data.hex() for event in loaded if isinstance(event, Loaded)] == ["02030000"]


@pytest.mark.parametrize(
    ("profile", "at", "pieces"),
    [
        ("coherent", 62, 1), ("line64", 62, 2), ("line64", 30, 1), ("zen3", 62, 2), ("zen3", 30, 2),
        ("zen3", 5, 1), ("qword8", 5, 2), ("qword8", 0, 1), ("fifo8", 5, 2), ("byte1", 0, 8),
        ("stale64", 30, 1), ("stale64", 62, 2), ("stale8", 5, 2), ("stale1", 0, 8), ("intel-strict", 5, 2),
    ],
)  # fmt: skip
def test_a_store_of_text_has_the_pieces_of_the_profile(profile: str, at: int, pieces: int) -> None:
    here = bare(f"mov qword ptr [r13+{at}], rax", profile=profile, mutable=((at, at + 8),))
    (store,) = take(here, here.initial, "0x").vcpus[0].stores
    assert len(store) == pieces


@pytest.mark.parametrize("profile", PROFILES)
def test_a_store_of_data_inside_a_quadword_is_one_piece(profile: str) -> None:
    here = bare("mov qword ptr [r14], rax", profile=profile)
    (store,) = take(here, here.initial, "0x").vcpus[0].stores
    assert len(store) == 1


def test_the_pieces_of_a_store_come_in_any_order() -> None:
    here = bare(
        "mov word ptr [r13+63], 0x0101\nhlt",
        "movzx eax, byte ptr [r12+63]\nmovzx ebx, byte ptr [r12+64]\nhlt",
        "movzx ebx, byte ptr [r12+64]\nmovzx eax, byte ptr [r12+63]\nhlt",
        profile="line64", mutable=((63, 65),),
    )  # fmt: skip
    assert {(1, 0)} <= outcomes(here, (1, "rax"), (1, "rbx"))
    assert {(0, 1)} <= outcomes(here, (2, "rax"), (2, "rbx"))


def test_a_locked_store_of_text_is_one_piece() -> None:
    here = bare("lock add qword ptr [r13+62], 1", profile="byte1", mutable=((62, 70),))
    assert take(here, here.initial, "0x").vcpus[0].stores == ()


def test_what_is_stored_through_the_alias_is_read_through_the_text() -> None:
    here = bare(
        f"mov byte ptr [r13+7], 0x5a\nmfence\nmovzx eax, byte ptr [r12+7]\nmov rbx, {ALIAS + 7:#x}\n"
        "movzx ebx, byte ptr [rbx]\nhlt",
        mutable=((7, 8),),
    )
    assert outcomes(here, (0, "rax"), (0, "rbx")) == {(0x5A, 0x5A)}


def test_text_that_no_site_declares_cannot_be_stored_to() -> None:
    here = bare("mov byte ptr [r13+9], 1", gates={14: Gate("hlt")}, mutable=((7, 8),))
    (found,) = (event for event in events(here, here.initial, "0x") if isinstance(event, Faulted))
    assert "no patch site declares" in found.reason


def test_an_executed_instruction_is_an_event_with_its_bytes() -> None:
    here = bare("inc r9\nhlt")
    assert events(here, here.initial, "0x") == (Executed(0, CODE, bytes.fromhex("49ffc1")),)


def test_what_is_read_below_the_stack_pointer_is_forgotten() -> None:
    here = bare("push rax\nmov qword ptr [rsp], 5\npop rbx\nhlt")
    ends, _ = every_end(here)
    assert {register(state.vcpus[0], "rbx") for state in ends} == {5}
    assert {state.vcpus[0].private for state in ends} == {()}
