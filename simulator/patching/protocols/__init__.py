"""Every shipped protocol, by name."""

from __future__ import annotations

from types import MappingProxyType

from simulator.errors import ScenarioError
from simulator.patching.protocols import plain, stop_machine, text_poke
from simulator.patching.steps import Protocol

PROTOCOLS = MappingProxyType(
    {each.name: each for each in (*text_poke.PROTOCOLS, *plain.PROTOCOLS, *stop_machine.PROTOCOLS)}
)


def protocol(name: str) -> Protocol:
    """Return a protocol by name. Raises ScenarioError when there is none."""
    if name not in PROTOCOLS:
        raise ScenarioError(f"no protocol {name!r}; choose one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
