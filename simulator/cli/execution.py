"""One execution from start to end, and its report: what ``run`` and ``replay`` share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.cli.exits import Exit
from simulator.cli.output import show, width
from simulator.cli.question import Question, loop_of
from simulator.errors import ScheduleMismatch
from simulator.explore.checker import Limits, Options, check
from simulator.explore.fairness.check import kept_waiting
from simulator.explore.properties import Finding
from simulator.explore.schedule import Schedule, parse
from simulator.explore.schedulers import scheduler as scheduler_by_name
from simulator.explore.simulate import SETTLE, TraceStep, run
from simulator.explore.simulate import replay as take_again
from simulator.explore.verdict import Bounds, Outcome, Statistics, Verdict
from simulator.machine.engine import Engine
from simulator.machine.machine import DATA_MODELS
from simulator.machine.profiles import PROFILES
from simulator.report import documents, verdict
from simulator.report.header import header
from simulator.report.instructions import instructions
from simulator.report.lanes import lanes
from simulator.report.result import Result
from simulator.report.table import fields, wrap
from simulator.report.transitions import transitions
from simulator.report.words import Narrator
from simulator.scenario.build import Built, Guest, build, configure, prepare

_TAIL = 16
_LONG = 400
_STUCK_STATES = 500_000


def by_scheduler(question: Question, scheduler: str, seed: int, limit: int, *, compiler: str | None = None) -> Result:
    """Let a scheduler choose."""
    built = build(question.scenario, Engine(), compiler=compiler)
    cpus = len(built.subject.initial.vcpus)
    chooser = scheduler_by_name(scheduler, seed, cpus, built.subject.watch)
    steps = tuple(run(built.subject, chooser, limit, SETTLE * cpus))
    stopped = f"the limit of {limit:,} steps" if len(steps) == limit and not steps[-1].findings else ""
    return _result(question, built, steps, stopped)


def by_choices(question: Question, text: str, *, compiler: str | None = None) -> Result:
    """Take the choices of a replay string. Raises ScheduleMismatch when it was made for something else."""
    schedule = parse(text)
    built = build_for(question, schedule, compiler=compiler)
    steps, loop = tuple(take_again(built.subject, schedule.choices)), loop_of(schedule)
    found = ending(built, steps, loop)
    return _result(question, built, steps, "", found, loop)


def ending(built: Built, steps: tuple[TraceStep, ...], loop: int) -> Finding | None:
    """Return what is wrong with where a replay ends, if its last step does not say: a patcher can wait for ever.

    The last ``loop`` steps repeat for ever. Raises ScheduleMismatch where they cannot, or keep nobody waiting.
    """
    if not loop:
        return None if steps and steps[-1].findings else _stuck(built, steps)
    found = kept_waiting(built.subject, steps, loop)
    if found is None:
        raise ScheduleMismatch(f"the last {loop} steps of the replay are not a fair cycle that leaves a patcher out")
    return found


def build_for(question: Question, schedule: Schedule, *, compiler: str | None = None) -> Built:
    """Build what a schedule was made for. Raises ScheduleMismatch when it was made for something else."""
    guest = prepare(question.scenario, engine := Engine(), compiler=compiler)
    built = configure(guest, question.scenario.fetch, engine)
    if schedule.fingerprint != built.fingerprint:
        raise ScheduleMismatch(_difference(question, schedule, guest, built, engine))
    return built


def of_steps(question: Question, built: Built, steps: tuple[TraceStep, ...]) -> Result:
    """Return what an execution amounts to that a person has chosen."""
    return _result(question, built, steps, "")


def report(question: Question, result: Result, chosen_by: str, *, verbose: bool, as_json: bool) -> Exit:
    """Print an execution and return the exit code; ``chosen_by`` says who made the choices."""
    if as_json:
        show(documents.dumps(documents.document("run", **documents.run(result))))
    else:
        show(_text(question, result, chosen_by, verbose=verbose))
    return Exit.OK if result.passed else Exit.FAILED


def report_replay(
    result: Result, *, verbose: bool, as_json: bool, changes: Sequence[tuple[str, str, str]] = ()
) -> Exit:
    """Print an execution as ``check`` prints a counterexample; the exit code says whether it is a violation.

    ``changes`` is what was made smaller before, each with what it was and is.
    """
    if as_json:
        shrunk = [{"what": what, "was": was, "now": now} for what, was, now in changes]
        show(documents.dumps(documents.document("replay", **documents.run(result), shrunk=shrunk)))
    else:
        columns, narrator = width(), Narrator(result.built)
        parts = [header(result.name, result.title, result.built, columns)]
        if verbose:
            parts.append("\n".join(instructions(narrator, result.steps)))
        facts = verdict.facts(result)
        parts.append(lanes(facts, result.built.subject.watch.patchers, columns, turn=verdict.turn(result)))
        parts += [verdict.last_line(result, columns), "\n".join(wrap(_verdict_line(result), columns, "", "  "))]
        if changes:
            parts.append(fields([(what, f"{was} -> {now}") for what, was, now in changes], columns))
            parts.append(f"replay: {verdict.replay_command(result.replay)}")
        show("\n\n".join(part for part in parts if part))
    return Exit.FAILED if result.verdict.outcome is Outcome.VIOLATION else Exit.OK


def verdict_of(
    built: Built, steps: tuple[TraceStep, ...], stopped: str, found: Finding | None = None, loop: int = 0
) -> Verdict:
    """Return what one execution amounts to; ``found`` is what is wrong with its end, if its last step does not say."""
    if steps and steps[-1].findings:
        found = steps[-1].findings[0]
    config, watch = built.subject.machine.config, built.subject.watch
    held = Bounds(
        built.scenario.cpus, len(watch.patchers), config.profile.name, config.data_model,
        tuple(sorted(watch.properties)), (),
    )  # fmt: skip
    outcome = Outcome.RAN if found is None else Outcome.VIOLATION
    choices = tuple(step.choice for step in steps)
    counted = Statistics(len(steps) + 1, len(steps), len(steps), 0.0, built.subject.machine.engine.asked)
    return Verdict(outcome, held, counted, found, choices, stopped_by=stopped, loop=loop)


def _result(
    question: Question, built: Built, steps: tuple[TraceStep, ...], stopped: str, found: Finding | None = None,
    loop: int = 0,
) -> Result:  # fmt: skip
    answer = verdict_of(built, steps, stopped, found, loop)
    return Result(
        question.entry.name, question.entry.title, built, answer, question.expected(answer.bounds.profile),
        question.schedule(built, answer.schedule, loop), steps=steps,
    )  # fmt: skip


def _text(question: Question, result: Result, chosen_by: str, *, verbose: bool) -> str:
    narrator, columns = Narrator(result.built), width()
    parts = [header(result.name, result.title, result.built, columns, choices=chosen_by)]
    if verbose:
        parts.append("\n".join(instructions(narrator, result.steps)))
    facts = list(narrator.facts(result.steps))
    parts.append(transitions(facts, result.verdict.bounds.cpus or 0, columns))
    finding = result.verdict.finding
    if finding is not None:
        parts.append("the last steps:\n" + lanes(facts[-_TAIL:], result.built.subject.watch.patchers, columns))
        parts.append(verdict.last_line(result, columns))
    parts.append("\n".join(wrap(_verdict_line(result), columns, "", "  ")))
    parts.append(_next(question, result, verbose=verbose))
    return "\n\n".join(part for part in parts if part)


def _verdict_line(result: Result) -> str:
    if result.verdict.outcome is Outcome.VIOLATION:
        return verdict.headline(result)
    steps = result.steps
    done = next((step.number for step in steps if step.done), None)
    patched = f"the patcher was done before #{done}" if done else "the patcher was not done"
    if not result.built.subject.watch.patchers:
        patched = "nobody patches"
    stopped = f" (stopped by {result.verdict.stopped_by})" if result.verdict.stopped_by else ""
    return f"RAN: {len(steps):,} steps{stopped}, {patched}, no violation in this one schedule"


def _next(question: Question, result: Result, *, verbose: bool) -> str:
    """Return what to type next; a long replay string is shown where it is the result, or asked for."""
    replay = verdict.replay_command(result.replay)
    if result.verdict.outcome is not Outcome.VIOLATION and not verbose and len(replay) > _LONG:
        replay = f"--verbose or --json show the replay string ({len(replay):,} characters)"
    return fields([("replay", replay), ("every schedule", question.check_command())], 10_000, "")


def _difference(question: Question, schedule: Schedule, guest: Guest, built: Built, engine: Engine) -> str:
    """Say what a replay string was made for, as far as that can be found out."""
    config = built.subject.machine.config
    start = f"the replay string was made for {schedule.fingerprint}, this is {built.fingerprint}: "
    for data_model in DATA_MODELS:
        for name in PROFILES:
            if configure(_with_data_model(guest, data_model), name, engine).fingerprint == schedule.fingerprint:
                made = f"fetch={name} data-model={data_model}"
                return f"{start}it was made with {made}, not fetch={config.profile.name} data-model={config.data_model}"
    return (
        f"{start}the guest kernel, the patch, the scenario or the simulator has changed since; "
        f"find the schedule again with '{question.check_command()}'"
    )


def _with_data_model(guest: Guest, data_model: str) -> Guest:
    return replace(guest, scenario=replace(guest.scenario, data_model=data_model))


def _stuck(built: Built, steps: tuple[TraceStep, ...]) -> Finding | None:
    """Say whether an execution ends where the patcher can never be done: a search from there has to find out."""
    watch = built.subject.watch
    if not steps or steps[-1].done or not watch.patchers or "progress" not in watch.properties:
        return None
    here = replace(
        built.subject, initial=steps[-1].after, watch=replace(watch, properties=frozenset({"progress"})), demands=()
    )
    answer = check(here, Options(limits=Limits(states=_STUCK_STATES)))
    return answer.finding if answer.outcome is Outcome.VIOLATION and not answer.schedule else None
