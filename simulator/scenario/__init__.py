"""Names to a configured machine with properties: what a scenario script imports."""

from simulator.scenario.scenario import Scenario

__all__ = ["Scenario"]
