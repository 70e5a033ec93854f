"""The oracle answers the same question the same way, however often it is asked."""

import pytest

from simulator.machine.engine import Engine, Registers
from simulator.x86.assemble import assemble

HERE = 0xFFFFFFFF81000000


@pytest.mark.parametrize(("source", "vector"), [("div rax", 0), ("ud2", 6), ("int 0x40", 0x40)])
def test_an_exception_is_the_same_each_time_it_is_raised(source: str, vector: int) -> None:
    """Unicorn makes a double fault of a second exception, and of a third nothing at all."""
    engine = Engine(memo=False)
    registers = Registers((0,) * 16, HERE, 2, 0, 0)
    code = assemble(source, HERE).code
    found = [engine.effect(code, registers, lambda address, size: bytes(size)).exception for _ in range(4)]
    assert found == [vector] * 4
