"""What a fresh process has to say: run as a program, it reads a question as JSON and prints the answer as JSON.

It finds its own counterexamples, replays those of the asking process, and runs every scheduler. States travel as
pickles.
"""

import base64
import json
import pickle
import sys
from functools import cache

from simulator.explore.checker import check
from simulator.explore.schedule import Schedule, format_choices, parse
from simulator.explore.schedulers import SCHEDULERS, scheduler
from simulator.explore.simulate import replay, run
from simulator.machine.state import State
from simulator.scenario.build import Built
from simulator.scenario.scenario import Scenario
from tests.semantics.guests import build

UNSAFE = {
    "torn": (Scenario(protocol="text-poke-none", placement=62), "stale8"),
    "torn-between-reads": (Scenario(protocol="text-poke-23", placement=62), "byte1"),
    "undefined": (Scenario(protocol="address-first", placement=5), "intel-strict"),
    "stale-queue": (Scenario(protocol="locked-store8", placement=0), "zen3"),
    "unclaimed": (Scenario(protocol="disarm-early"), "coherent"),
    "unclaimed-nmi": (Scenario(protocol="text-poke-nmi-refs", workload="workload_caller_once"), "coherent"),
    "twins": (Scenario(protocol="text-poke-none", workload="workload_caller_once", cpus=2, placement=62), "fifo8"),
}
"""Name to a scenario and a profile under which it is violated."""

SEEDS = (0, 1, 7)
LIMIT = 400


@cache
def built(name: str) -> Built:
    scenario, profile = UNSAFE[name]
    return build(scenario, profile)


def counterexample(name: str) -> str:
    """The shortest schedule to a violation, as a replay string."""
    verdict = check(built(name).subject)
    return str(Schedule(name, (), built(name).fingerprint, verdict.schedule))


def violation(text: str) -> tuple[list[str], State]:
    """The findings of the last step of a replay string, and the state it leads to."""
    schedule = parse(text)
    ready = built(schedule.scenario)
    assert schedule.fingerprint == ready.fingerprint
    *_, last = replay(ready.subject, schedule.choices)
    return [repr(finding) for finding in last.findings], last.after


def scheduled(name: str) -> dict[str, str]:
    """Scheduler and seed to the choices it makes."""
    subject = built(name).subject
    cpus = len(subject.initial.vcpus)
    return {
        f"{each}-{seed}": format_choices(
            step.choice for step in run(subject, scheduler(each, seed, cpus, subject.watch), LIMIT, LIMIT)
        )
        for each in SCHEDULERS
        for seed in SEEDS
    }


def packed(state: State) -> str:
    return base64.b64encode(pickle.dumps(state)).decode()


def unpacked(text: str) -> State:
    found = pickle.loads(base64.b64decode(text))
    assert isinstance(found, State)
    return found


def answer(question: dict[str, list[str]]) -> dict[str, object]:
    """``question`` maps a name to a replay string and the packed state that it led to elsewhere."""
    replayed = {name: violation(schedule) for name, (schedule, _) in question.items()}
    return {
        "hash": hash("a string"),
        "counterexamples": {name: counterexample(name) for name in UNSAFE},
        "violations": {name: findings for name, (findings, _) in replayed.items()},
        "states": {name: packed(state) for name, (_, state) in replayed.items()},
        "equal": {name: state == unpacked(question[name][1]) for name, (_, state) in replayed.items()},
        "same hash": {name: hash(state) == hash(unpacked(question[name][1])) for name, (_, state) in replayed.items()},
        "runs": {name: scheduled(name) for name in UNSAFE},
    }


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
