"""Every rule of the machine, switched off in turn, is missed by some shipped scenario.

A scenario notices when its verdict is no longer the one it expects. Without a rule, searches run without the
reductions that take it for granted: what IRET flushes, and that no NMI interrupts an NMI handler.
"""

from dataclasses import fields, replace
from functools import cache

import pytest

from simulator.explore.checker import Options, check
from simulator.explore.reductions import Reductions
from simulator.machine.rules import ALL_RULES, Rules
from simulator.scenario.build import Guest, Hardware, prepare
from simulator.scenario.catalogue import find
from tests.semantics.guests import built, engine

# Rule: the scenario and the profile that notice, and the verdict without the rule.
NOTICED = {
    "interrupt_priority": ("timer-before-its-eoi", "coherent", "violation:assertions"),
    "interrupt_flag": ("ipi-sync-and-refcount", "coherent", "violation:traps"),
    "gate_clears_flag": ("disarm-after-ipi", "coherent", "violation:traps"),
    "nmi_blocking": ("two-nmis", "coherent", "violation:traps"),
    "iret_unblocks_nmi": ("nmi-sync", "coherent", "violation:progress"),
    "iret_flush": ("stop-machine", "stale8", "violation:integrity"),
    "serialize_flush": ("own-text-cpuid", "stale8", "violation:integrity"),
    "fence_drain": ("one-store-across-line", "coherent", "violation:freshness"),
    "lock_drain": ("breakpoint-by-xchg", "coherent", "violation:traps"),
    "store_order": ("disarm-after-ipi", "coherent", "violation:traps"),
    "store_split": ("one-store-across-32", "zen3", "safe"),
    "fetch_split": ("jump-to-self-across-line", "zen3", "safe"),
    "stale_fetch": ("stop-machine-without-serialize", "stale8", "safe"),
    "drop_partial": ("nmi-acks-then-calls", "line64", "violation:integrity"),
    "own_store_evicts": ("own-text", "coherent", "violation:integrity"),
    "strict_undefined": ("jump-to-self", "intel-strict", "safe"),
    "ist_switch": ("breakpoint-on-ist", "coherent", "safe"),
    "trap_saves_next": ("basic", "coherent", "violation:traps"),
}
RULES = tuple(field.name for field in fields(ALL_RULES))
ALL_ON = Options()
OPTIONS = {"iret_flush": Options(Reductions(dead=False)), "nmi_blocking": Options(Reductions(interrupts=False))}


@cache
def guest(name: str) -> Guest:
    return prepare(find(name).scenario, engine())


def verdict(name: str, profile: str, rules: Rules = ALL_RULES, options: Options = ALL_ON) -> str:
    """The verdict of the shipped scenario on a machine with these rules."""
    return check(built(guest(name), profile, Hardware(rules=rules)).subject, options).label


def without(rule: str) -> Rules:
    return replace(ALL_RULES, **{rule: False})


def test_every_rule_has_a_scenario_that_needs_it() -> None:
    assert {*NOTICED} == {*RULES}


@pytest.mark.parametrize("rule", NOTICED)
def test_the_scenario_is_as_expected_with_all_rules(rule: str) -> None:
    name, profile, _ = NOTICED[rule]
    assert verdict(name, profile) == find(name).scenario.expected(profile)


@pytest.mark.parametrize("rule", NOTICED)
def test_the_scenario_fails_without_the_rule(rule: str) -> None:
    name, profile, changed = NOTICED[rule]
    found = verdict(name, profile, without(rule), OPTIONS.get(rule, ALL_ON))
    assert found != find(name).scenario.expected(profile)
    assert found == changed
