"""The last line of a counterexample names who, what, where and why."""

import pytest

from simulator.explore.properties import PROPERTIES, Finding
from simulator.report.finding import explain
from simulator.report.words import Narrator
from simulator.scenario.build import Built

CODE = bytes.fromhex("0f1fff2140")
LINES = {
    ("integrity", "torn"): "vCPU0 executed 0f 1f ff 21 40 at answer+0x0/SIZE: neither old, INT3 nor new",
    ("integrity", "undefined"): "undefined, stored by another CPU and not serialized since",
    ("boundaries", "inside"): "vCPU0 stands at answer+0x0/SIZE, inside the site",
    ("boundaries", "saved-inside"): "vCPU0 was interrupted at answer+0x0/SIZE, inside the site",
    ("traps", "unclaimed-int3"): "vCPU0 took an INT3 that no handler claims",
    ("traps", "exception-6"): "vCPU0 took #UD at answer+0x0/SIZE",
    ("traps", "exception"): "vCPU0 took an exception nobody expects",
    ("traps", "triple-fault"): "by a triple fault",
    ("freshness", "old"): "after the patch was done: the old instruction",
    ("freshness", "int3"): "after the patch was done: a leftover INT3",
    ("freshness", "self"): "after the patch was done: a leftover of the protocol",
    ("order", "step-back"): "it had executed a newer version before",
    ("progress", "stuck"): "vCPU0 waits for ever",
    ("assertions", "panic"): "vCPU0 panicked",
}


@pytest.mark.parametrize("kind", LINES, ids="-".join)
def test_every_kind_of_violation_has_its_line(built: Built, kind: tuple[str, str]) -> None:
    site = built.sites[0]
    size = hex(built.image.symbols.by_name("answer").size)
    found = explain(Narrator(built), Finding(*kind, 0, site.address, CODE), ())
    assert LINES[kind].replace("SIZE", size) in found


def test_every_property_has_a_line() -> None:
    assert {name for name, _ in LINES} == set(PROPERTIES)
