"""A patch as the command line asks for it: applied to a running kernel, and told as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.cli import options
from simulator.cli.execution import verdict_of
from simulator.cli.exits import Exit
from simulator.cli.migrating import display
from simulator.cli.output import show, width
from simulator.errors import ScenarioError
from simulator.explore.schedulers.uniform import Uniform
from simulator.explore.simulate import SETTLE, TraceStep, run
from simulator.machine.engine import Engine
from simulator.machine.profiles import profile
from simulator.patching.consistency import model as model_by_name
from simulator.report import documents
from simulator.report.finding import explain
from simulator.report.header import header
from simulator.report.migration import held_up
from simulator.report.result import Result
from simulator.report.table import wrap
from simulator.report.words import Narrator
from simulator.scenario.build import Built, build
from simulator.scenario.holders import Holder, holders
from simulator.scenario.migration import Happening, Led, Migrated, happenings
from simulator.scenario.patch_code import patch_functions
from simulator.scenario.workload import parse_tasks, scenario_for

_MEANS = {
    "kgr_signal": ("--signal", "tasks that sleep where they may be interrupted leave the kernel, and are new then"),
    "kgr_force": ("--force", "every task is new at once, wherever it stands, and consistency is given up"),
}
"""Functions of the guest's patcher, and what they do where they are asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be patched, and how."""

    kernel: str
    patch: str
    model: str
    tasks: str | None
    functions: str | None
    cpus: int | None
    fetch: str | None
    seed: int
    steps: int
    signal: bool
    force: bool
    compiler: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """How it went."""

    wanted: Wanted
    built: Built
    steps: tuple[TraceStep, ...]
    happened: tuple[Happening, ...]

    @property
    def done(self) -> int | None:
        """Return the step with which the patcher was done; None if it was not."""
        return next((step.number - 1 for step in self.steps if step.done), None)

    def holders(self) -> tuple[Holder, ...]:
        """Return who holds the patch up in the end."""
        return holders(self.built, self.steps[-1].after)

    def result(self) -> Result:
        """Return the execution as traces want it."""
        stopped = "" if self.done or self.steps[-1].findings else f"the limit of {self.wanted.steps:,} steps"
        verdict = verdict_of(self.built, self.steps, stopped)
        return Result(_name(self.wanted), "", self.built, verdict, steps=self.steps)


def apply(wanted: Wanted, *, quiet: bool) -> Applied:
    """Build the kernel with its patch and apply it, telling each thing as it happens unless ``quiet``.

    Raises ScenarioError or GuestError: the patch does not compile, a site cannot be patched, and so on.
    """
    built = _build(wanted)
    vcpus = len(built.subject.initial.vcpus)
    if not quiet:
        chosen = f"random, seed {wanted.seed}"
        show(f"{header(_name(wanted), '', built, width(), choices=chosen)}\n")
    steps, happened = list[TraceStep](), list[Happening]()
    execution = run(built.subject, Uniform(wanted.seed, vcpus), wanted.steps, SETTLE * vcpus)
    with display(built, quiet=quiet) as shown:
        for step, found in happenings(built, execution):
            steps.append(step)
            happened += found
            shown(step, found)
    return Applied(wanted, built, tuple(steps), tuple(happened))


def report(applied: Applied, *, as_json: bool) -> Exit:
    """Print how it went and return the exit code."""
    finding, held = applied.result().verdict.finding, applied.holders()
    if as_json:
        content = documents.patch(applied.result(), applied.happened, held, applied.done)
        show(documents.dumps(documents.document("patch", seed=applied.wanted.seed, **content)))
    else:
        show("\n" + "\n".join(wrap(_ending(applied), width(), "", "  ")))
        if finding is None and applied.done is None:
            told = held_up(held, _means(applied), width())
            show(told or f"the patcher stands in {_patcher_at(applied)}")
    if finding is not None:
        return Exit.FAILED
    return Exit.OK if applied.done is not None else Exit.INCOMPLETE


def _build(wanted: Wanted) -> Built:
    made = scenario_for(
        wanted.kernel, wanted.patch, parse_tasks(wanted.tasks), tuple(options.listed(wanted.functions)),
        cpus=wanted.cpus, compiler=wanted.compiler,
    )  # fmt: skip
    fetch = made.fetch if wanted.fetch is None else profile(wanted.fetch).name
    words = {"kgr_signals": int(wanted.signal), "kgr_forces": int(wanted.force)}
    chosen = {word: value for word, value in words.items() if value}
    scenario = replace(made, consistency=model_by_name(wanted.model), fetch=fetch, words=chosen)
    built = build(scenario, Engine(), compiler=wanted.compiler)
    able = {function.name for function in patch_functions(built)}
    for function, asked in (("kgr_signal", wanted.signal), ("kgr_force", wanted.force)):
        if asked and function not in able:
            raise ScenarioError(f"{_MEANS[function][0]}: the patcher of {wanted.model} has no {function}()")
    return built


def _name(wanted: Wanted) -> str:
    return f"{wanted.kernel}+{wanted.patch}"


def _ending(applied: Applied) -> str:
    """Return the last line about the patch itself."""
    steps, finding = applied.steps, applied.result().verdict.finding
    new = {each.task: isinstance(each, Migrated) for each in applied.happened if not isinstance(each, Led)}
    count = f", {sum(new.values())} of {len(new)} tasks migrated" if new else ""
    if finding is not None:
        told = explain(Narrator(applied.built), finding, steps)
        return f"VIOLATION: {finding.property} ({finding.kind}) at step {len(steps)}{count}: {told}"
    if applied.done is not None:
        return f"DONE: at step {applied.done}{count}, no violation in this one schedule"
    return f"NOT FINISHED: after {len(steps):,} steps{count}"


def _means(applied: Applied) -> Sequence[tuple[str, str]]:
    """Return what can be done about tasks that do not change over, and was not."""
    wanted = applied.wanted
    used = {"--signal": wanted.signal, "--force": wanted.force}
    able = {function.name for function in patch_functions(applied.built)}
    return [mean for function, mean in _MEANS.items() if function in able and not used[mean[0]]]


def _patcher_at(applied: Applied) -> str:
    patcher = min(applied.built.subject.watch.patchers)
    return applied.built.image.symbols.describe(applied.steps[-1].after.vcpus[patcher].rip)
