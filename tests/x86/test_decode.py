"""What bytes mean, the cases Capstone gets wrong included."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.x86.decode import Data, Flow, Instruction, MemoryOperand, Vendor, decode, disassemble

TEXT = 0xFFFFFFFF81000000
BOTH = frozenset(Vendor)
PREFIX_BYTES = st.sampled_from(list(b"\x66\xf2\xf3\xf0\x2e\x65\x67\x48\x41"))
OPCODES = st.sampled_from([b"", b"\x0f", b"\x0f\x00", b"\x0f\x01", b"\x0f\x1e", b"\x0f\xae", b"\x0f\xb9", b"\xc4"])


def one(code: str, address: int = TEXT) -> Instruction:
    """Decode bytes that must be one whole instruction."""
    found = decode(bytes.fromhex(code), address)
    assert found is not None
    assert found.code == bytes.fromhex(code)
    return found


@given(st.lists(PREFIX_BYTES, max_size=3), OPCODES, st.binary(min_size=10, max_size=12))
@settings(derandomize=True, max_examples=1500, database=None, deadline=None)
def test_no_proper_prefix_of_an_instruction_decodes(prefixes: list[int], opcode: bytes, rest: bytes) -> None:
    found = decode(bytes(prefixes) + opcode + rest, TEXT)
    if found is not None:
        assert [decode(found.code[:size], TEXT) for size in range(found.length)] == [None] * found.length


@given(OPCODES, st.binary(min_size=10, max_size=12), st.binary(min_size=1, max_size=3))
@settings(derandomize=True, max_examples=500, database=None, deadline=None)
def test_bytes_behind_an_instruction_do_not_change_it(opcode: bytes, rest: bytes, behind: bytes) -> None:
    found = decode(opcode + rest, TEXT)
    if found is not None:
        assert decode(found.code + behind, TEXT) == found


def test_no_bytes_are_no_instruction() -> None:
    assert decode(b"", TEXT) is None


def test_sixteen_bytes_of_prefixes_are_no_instruction() -> None:
    assert decode(b"\x66" * 15 + b"\x90", TEXT) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("0f 01 e8", "serialize"),
        ("48 0f 01 e8", "serialize"),
        ("f2 0f 01 ca", "erets"),
        ("f3 0f 01 ca", "eretu"),
        ("f3 48 0f 01 ca", "eretu"),
        ("0f 01 ca", "clac"),
        ("f3 0f 01 e8", "setssbsy"),
        ("f3 0f 01 ee", "clui"),
        ("0f 01 ee", "rdpkru"),
        ("f3 0f 01 fe", "rmpadjust"),
        ("0f 01 fe", "invlpgb"),
        ("0f 01 ff", "tlbsync"),
        ("f2 0f 00 f0", "lkgs ax"),
        ("f3 0f 1e fa", "endbr64"),
        ("0f 1c eb", "nop ebx"),
        ("67 0f b9 40 10", "ud1 dword ptr [eax + 0x10]"),
        ("0f 0b", "ud2"),
    ],
)
def test_a_system_instruction_reads_as_what_it_is(code: str, text: str) -> None:
    assert one(code).text == text


def test_lock_does_not_make_serialize_legal() -> None:
    assert decode(bytes.fromhex("f00f01e8"), TEXT) is None


@pytest.mark.parametrize(
    ("code", "flow", "target"),
    [
        ("90", Flow.NEXT, None),
        ("e9 fb ff ff ff", Flow.JUMP, TEXT),
        ("ff e0", Flow.JUMP, None),
        ("e8 00 00 00 00", Flow.CALL, TEXT + 5),
        ("ff 10", Flow.CALL, None),
        ("74 fe", Flow.BRANCH, TEXT),
        ("e2 fe", Flow.BRANCH, TEXT),
        ("c3", Flow.RET, None),
        ("cc", Flow.TRAP, None),
        ("cd 80", Flow.TRAP, None),
        ("0f 0b", Flow.TRAP, None),
        ("48 cf", Flow.IRET, None),
        ("f4", Flow.HALT, None),
        ("0f 05", Flow.SYSCALL, None),
        ("48 0f 07", Flow.SYSCALL, None),
    ],
)
def test_an_instruction_says_where_the_cpu_goes(code: str, flow: Flow, target: int | None) -> None:
    found = one(code)
    assert (found.flow, found.target) == (flow, target)


@pytest.mark.parametrize(
    ("code", "vendors"),
    [
        ("0f a2", BOTH),
        ("48 cf", BOTH),
        ("0f 22 d8", BOTH),
        ("0f 23 f8", BOTH),
        ("0f 01 3f", BOTH),
        ("0f 01 17", BOTH),
        ("0f 00 d8", BOTH),
        ("0f 30", BOTH),
        ("0f 09", BOTH),
        ("0f 01 e8", BOTH),
        ("0f ae f0", frozenset({Vendor.AMD})),
        ("44 0f 22 c0", frozenset()),
        ("0f 20 d8", frozenset()),
        ("0f ae e8", frozenset()),
        ("48 87 07", frozenset()),
        ("48 0f 07", frozenset()),
        ("cc", frozenset()),
    ],
)
def test_an_instruction_says_for_whom_it_serializes(code: str, vendors: frozenset[Vendor]) -> None:
    assert one(code).serializing == vendors


@pytest.mark.parametrize(
    ("code", "locked"),
    [("f0 ff 07", True), ("48 87 07", True), ("48 87 c8", False), ("ff 07", False), ("f0 48 0f c1 07", True)],
)
def test_lock_and_xchg_with_memory_are_atomic(code: str, locked: bool) -> None:
    assert one(code).locked is locked


@pytest.mark.parametrize(
    ("code", "access"),
    [
        ("48 89 07", "-w8"),
        ("48 8b 07", "r-8"),
        ("83 38 03", "r-4"),
        ("f0 48 0f b1 0f", "rw8"),
        ("48 d1 07", "rw8"),
        ("48 0f c3 07", "-w8"),
        ("0f 11 07", "-w16"),
        ("48 8d 47 08", ""),
        ("0f 1f 44 00 00", ""),
        ("0f 01 3f", ""),
        ("50", "-w8"),
        ("58", "r-8"),
        ("e8 00 00 00 00", "-w8"),
        ("c3", "r-8"),
        ("48 cf", "r-40"),
        ("ff 30", "r-8 -w8"),
        ("f3 48 a5", "-w8 r-8"),
        ("6c", "-w1"),
    ],
)
def test_memory_is_read_and_written_as_the_cpu_does(code: str, access: str) -> None:
    found = [f"{'r' if m.read else '-'}{'w' if m.written else '-'}{m.size}" for m in one(code).memory]
    assert " ".join(found) == access


def test_a_rip_relative_operand_has_its_absolute_address() -> None:
    (operand,) = one("48 8b 05 10 00 00 00").memory
    assert operand.address({}) == TEXT + 7 + 0x10


def test_a_push_writes_below_the_stack_pointer() -> None:
    (operand,) = one("50").memory
    assert operand.address({"rsp": 0x1000}) == 0xFF8


def test_a_pop_to_the_stack_addresses_from_behind_the_popped_word() -> None:
    target, _ = one("8f 44 24 08").memory
    assert target.address({"rsp": 0x1000}) == 0x1010


def test_a_segment_base_is_added_to_a_per_cpu_address() -> None:
    (operand,) = one("65 8b 04 25 40 00 00 00").memory
    assert (operand.segment, operand.address({}, segment_base=0x10000)) == ("gs", 0x10040)


def test_a_32_bit_address_is_cut_to_32_bits() -> None:
    (operand,) = one("67 8b 47 08").memory
    assert operand.address({"rdi": 0x1_FFFF_FFFC}) == 4


@pytest.mark.parametrize(("bit", "address"), [(0, 0x1000), (64, 0x1008), ((1 << 64) - 1, 0xFF8)])
def test_a_bit_number_in_a_register_reaches_beyond_the_operand(bit: int, address: int) -> None:
    (operand,) = one("f0 48 0f ab 37").memory
    assert operand.address({"rdi": 0x1000, "rsi": bit}) == address


@pytest.mark.parametrize(
    ("code", "read", "written"),
    [
        ("48 89 07", "rax rdi", ""),
        ("f0 48 0f b1 0f", "rax rcx rdi", "rax rflags"),
        ("b0 01", "rax", "rax"),
        ("b8 01 00 00 00", "", "rax"),
        ("48 0f 44 c1", "rax rcx rflags", "rax"),
        ("fa", "rflags", "rflags"),
        ("9c", "rflags rsp", "rsp"),
        ("0f 1f 44 00 00", "", ""),
        ("0f 05", "rflags", "r11 rcx rflags"),
    ],
)
def test_registers_read_and_written_are_named_whole(code: str, read: str, written: str) -> None:
    found = one(code)
    assert (" ".join(found.registers_read), " ".join(found.registers_written)) == (read, written)


def test_a_prefix_is_not_part_of_the_mnemonic() -> None:
    found = one("f0 ff 07")
    assert (found.prefix, found.mnemonic, found.text) == ("lock", "inc", "lock inc dword ptr [rdi]")


def test_a_sweep_shows_what_cannot_be_decoded_as_bytes() -> None:
    found = disassemble(bytes.fromhex("90 06 c3"), TEXT)
    assert [item.text for item in found] == ["nop", ".byte 0x06", "ret"]


def test_a_sweep_covers_all_bytes_once_and_in_order() -> None:
    code = random.Random(1).randbytes(4000)
    assert b"".join(item.code for item in disassemble(code, TEXT)) == code


def test_a_sweep_stops_at_an_instruction_cut_off_at_the_end() -> None:
    assert isinstance(disassemble(bytes.fromhex("90 e9 00"), TEXT)[1], Data)


def test_decoded_values_can_be_compared_and_hashed() -> None:
    operand = MemoryOperand("rdi", None, 1, 0, None, 8, False, True)
    assert {operand} == set(one("48 89 07").memory)
