"""A report as one HTML file that needs nothing else: verdict, bounds, a drawing, and a stepper.

The page carries the document of ``trace_json`` and a few hundred lines of JavaScript that apply its changes one after
another. It loads nothing: its own security policy forbids that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from simulator.explore.verdict import Outcome
from simulator.report import header, trace_json, verdict
from simulator.report.finding import message
from simulator.report.recording import Recording
from simulator.report.result import Result
from simulator.report.timeline import BAR, timeline
from simulator.report.words import disassembled


def page(recording: Recording, results: Sequence[Result]) -> str:
    """Return the page; ``results`` are all verdicts of the run, one of which the recording is about."""
    answer = recording.result
    return str(template("report.html.j2").render(
        answer=answer, headline=_headline(answer), message=message(answer), tone=_tone(answer),
        about=[pair for pair in header.about(answer.built) if pair[1]],
        sites=_sites(answer), bounds=[pair for pair in verdict.bounds(answer.verdict) if pair[1]],
        replay=verdict.replay_command(answer.replay) if answer.replay else "",
        facts=verdict.facts(answer), turn=verdict.turn(answer), patchers=answer.built.subject.watch.patchers,
        drawing=timeline(recording) if recording.moments else None, bar=BAR,
        trace=trace_json.document(recording) if recording.moments else None,
        matrix=[(each, _tone(each)) for each in results] if len(results) > 1 else [],
        unmet=answer.verdict.unmet,
    ))  # fmt: skip


@cache
def template(name: str) -> Any:
    """Return a template of this package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("simulator.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment.get_template(name)


def _headline(answer: Result) -> str:
    if answer.verdict.outcome is not Outcome.RAN:
        return verdict.headline(answer)
    return f"RAN: {len(answer.steps):,} steps, no violation in this one schedule"


def _tone(answer: Result) -> str:
    """Return how a verdict is coloured."""
    match answer.verdict.outcome:
        case Outcome.SAFE | Outcome.RAN:
            return "good"
        case Outcome.VIOLATION:
            return "bad"
        case _:
            return "open"


def _sites(answer: Result) -> list[dict[str, Any]]:
    """Return each patch site with its versions, as ``diff`` would mark them."""
    built = answer.built
    return [
        {
            "where": built.image.symbols.describe(site.address),
            "placement": header.placement(site.address, site.length),
            "versions": [
                ("-" if number == 0 else "+", code.hex(" "), disassembled(built.image, code, site.address))
                for number, code in enumerate(site.versions)
            ],
        }
        for site in built.subject.watch.sites
    ]
