"""What goes over the wire is framed as GDB's manual says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.gdb.packets import LONGEST, Reader, Signal, TooLong, escape, frame, unescape


def test_a_packet_has_its_sum_behind_it() -> None:
    assert frame(b"qC") == b"$qC#b4"


@given(st.binary(max_size=200))
def test_escaped_data_comes_back(data: bytes) -> None:
    assert unescape(escape(data)) == data


@given(st.binary(max_size=200))
def test_escaped_data_never_ends_a_packet(data: bytes) -> None:
    assert not set(b"#$*") & set(escape(data))


@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(1, 7))
def test_packets_come_out_however_they_are_cut(bodies: list[bytes], size: int) -> None:
    stream = b"".join(b"+" + frame(escape(body)) for body in bodies)
    reader = Reader()
    found = [item for at in range(0, len(stream), size) for item in reader.feed(stream[at : at + size])]
    assert found == [escape(body) for body in bodies]


def test_a_damaged_packet_is_told_from_a_good_one() -> None:
    assert [*Reader().feed(b"$g#00$g#67")] == [Signal.DAMAGED, b"g"]


def test_ctrl_c_counts_between_packets_only() -> None:
    assert [*Reader().feed(b"\x03" + frame(b"X0,1:\x03"))] == [Signal.INTERRUPT, b"X0,1:\x03"]


def test_a_packet_that_never_ends_is_given_up() -> None:
    with pytest.raises(TooLong):
        [*Reader().feed(b"$" + bytes(LONGEST))]
