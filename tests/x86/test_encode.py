"""The bytes a patcher writes are the ones a CPU reads back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.x86 import encode
from simulator.x86.decode import Flow, decode

TEXT = 0xFFFFFFFF81000000


@pytest.mark.parametrize("length", range(1, 10))
def test_a_nop_of_each_length_is_one_instruction_that_does_nothing(length: int) -> None:
    found = decode(encode.nop(length), TEXT)
    assert found is not None
    assert (found.length, found.mnemonic, found.memory) == (length, "nop", ())


@pytest.mark.parametrize("length", [0, 10, -1])
def test_a_nop_that_does_not_exist_is_refused(length: int) -> None:
    with pytest.raises(SimulatorError, match="choose 1 to 9"):
        encode.nop(length)


def test_the_kernels_five_byte_nop_is_the_recommended_one() -> None:
    assert encode.NOP5.hex(" ") == "0f 1f 44 00 00"


def test_a_jump_to_itself_counts_from_its_end() -> None:
    assert encode.jmp_rel32(TEXT, TEXT).hex(" ") == "e9 fb ff ff ff"


@given(st.integers(-(1 << 31), (1 << 31) - 1))
@settings(derandomize=True, max_examples=100, database=None, deadline=None)
def test_a_call_decodes_to_the_target_it_was_made_for(distance: int) -> None:
    target = (TEXT + encode.CALL_REL32_SIZE + distance) % (1 << 64)
    found = decode(encode.call_rel32(TEXT, target), TEXT)
    assert found is not None
    assert (found.flow, found.target) == (Flow.CALL, target)


@given(st.integers(-0x80, 0x7F))
@settings(derandomize=True, max_examples=50, database=None, deadline=None)
def test_a_short_jump_decodes_to_the_target_it_was_made_for(distance: int) -> None:
    target = TEXT + encode.JMP_REL8_SIZE + distance
    found = decode(encode.jmp_rel8(TEXT, target), TEXT)
    assert found is not None
    assert (found.flow, found.target) == (Flow.JUMP, target)


def test_a_jump_that_is_one_byte_too_far_says_so() -> None:
    with pytest.raises(SimulatorError, match="JMP rel32 at 0x1000 cannot reach"):
        encode.jmp_rel32(0x1000, 0x1005 + (1 << 31))


def test_a_jump_may_wrap_around_the_end_of_the_address_space() -> None:
    assert encode.jmp_rel32((1 << 64) - 5, 0).hex(" ") == "e9 00 00 00 00"


def test_an_address_of_more_than_64_bits_is_refused() -> None:
    with pytest.raises(SimulatorError, match="not a 64-bit address"):
        encode.jmp_rel32(0, 1 << 64)
