"""Jobs that do little, or die of it, for tests of who does them."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from simulator.campaign.jobs import Plan
from simulator.machine.engine import Engine
from simulator.scenario import Scenario
from simulator.scenario.build import configure, prepare


@dataclass(frozen=True, slots=True)
class Square:
    """The square of a number."""

    number: int

    @property
    def key(self) -> str:
        return f"square {self.number}"

    @property
    def label(self) -> str:
        return self.key

    def run(self) -> int:
        return self.number**2


@dataclass(frozen=True, slots=True)
class Noted(Square):
    """The square of a number; each time it is computed leaves a line in a file."""

    notes: Path = Path()

    def run(self) -> int:
        with self.notes.open("a") as file:
            file.write(f"{self.number}\n")
        return self.number**2


@dataclass(frozen=True, slots=True)
class DiesOnce(Square):
    """Kills its worker the first time: the marker says that it has."""

    marker: Path = Path()

    def run(self) -> int:
        try:
            self.marker.touch(exist_ok=False)
        except FileExistsError:
            return self.number**2
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody comes here")


@dataclass(frozen=True, slots=True)
class DiesAlways(Square):
    """Kills its worker each time."""

    def run(self) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody comes here")


@dataclass(frozen=True, slots=True)
class Fails(Square):
    """Raises."""

    def run(self) -> int:
        raise ValueError(f"no square of {self.number}")


@dataclass(frozen=True, slots=True)
class Interrupts(Square):
    """Presses Ctrl-C in another process, and goes on for ever."""

    process: int = 0

    def run(self) -> int:
        os.kill(self.process, signal.SIGINT)
        while True:
            signal.pause()


UNSAFE = Scenario(
    protocol="text-poke-none", placement=62, workload="workload_caller_once", properties=("integrity",),
    expect={"*": "violation:integrity"},
)  # fmt: skip


def plan(scenario: Scenario = UNSAFE, fetch: str = "zen3", scheduler: str = "weighted", seed: int = 0) -> Plan:
    """A campaign on a small scenario."""
    guest = prepare(scenario, engine := Engine())
    return Plan(guest, fetch, configure(guest, fetch, engine).fingerprint, scheduler, seed, 2_000)
