"""Names, widths and flag bits."""

import pytest

from simulator.x86 import registers


def test_the_general_registers_are_in_encoding_order() -> None:
    assert registers.GENERAL[:8] == ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi")


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("ah", "rax"),
        ("sil", "rsi"),
        ("spl", "rsp"),
        ("r8b", "r8"),
        ("r15d", "r15"),
        ("bx", "rbx"),
        ("cr3", "cr3"),
    ],
)
def test_a_part_of_a_register_belongs_to_the_whole_one(part: str, whole: str) -> None:
    assert registers.whole_register(part) == whole


def test_every_general_register_has_four_widths() -> None:
    widths = {name: {w for whole, w in registers.PARTS.values() if whole == name} for name in registers.GENERAL}
    assert all(found == {1, 2, 4, 8} for found in widths.values())


def test_flags_print_lowest_bit_first() -> None:
    assert registers.format_flags(0x246) == "PF ZF IF"


def test_no_flags_print_as_a_dash() -> None:
    assert registers.format_flags(registers.FLAGS_FIXED) == "-"


@pytest.mark.parametrize(("msr", "inside"), [(0x7FF, False), (0x830, True), (0x80B, True), (0x900, False)])
def test_the_x2apic_has_the_msrs_from_0x800_to_0x8ff(msr: int, inside: bool) -> None:
    assert registers.is_x2apic(msr) is inside
