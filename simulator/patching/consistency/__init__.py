"""Every shipped consistency model, by name: what a byte protocol does for text, these do for tasks."""

from __future__ import annotations

from types import MappingProxyType

from simulator.errors import ScenarioError
from simulator.patching.consistency.hybrid import HYBRID
from simulator.patching.consistency.immediate import IMMEDIATE
from simulator.patching.consistency.kgraft import IMMUTABLE, KGRAFT, LATE, REVERSE
from simulator.patching.consistency.model import Model
from simulator.patching.consistency.stop_machine import STOP_MACHINE

__all__ = ["MODELS", "PRINCIPAL", "Model", "model"]

PRINCIPAL = (IMMEDIATE, KGRAFT, HYBRID, STOP_MACHINE)
"""The four that are compared; the others are variants of kGraft, right and wrong."""

MODELS = MappingProxyType({each.name: each for each in (*PRINCIPAL, REVERSE, IMMUTABLE, LATE)})


def model(name: str) -> Model:
    """Return a consistency model by name. Raises ScenarioError when there is none."""
    if name not in MODELS:
        raise ScenarioError(f"no consistency model {name!r}; choose one of: {', '.join(MODELS)}")
    return MODELS[name]
