"""Verdicts as JUnit XML, which every CI system reads: a test case per scenario and fetch model.

A verdict that is not as it should be is a ``failure`` with the counterexample as its text; a search that was
stopped is an ``error``, because it says nothing. Format: https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from simulator.explore.verdict import Outcome
from simulator.report.result import Result
from simulator.report.verdict import counterexample, headline

SUITE = "kgraft-sim"
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


def junit(results: Sequence[Result], *, time: bool = False) -> str:
    """Return the document; seconds only when asked for, because they differ from run to run."""
    counts = {
        "tests": len(results), "failures": sum(each.passed is False for each in results),
        "errors": sum(each.passed is None for each in results),
    }  # fmt: skip
    numbers = {name: str(count) for name, count in counts.items()}
    root = ElementTree.Element("testsuites", {"name": SUITE, **numbers})
    suite = ElementTree.SubElement(root, "testsuite", {"name": SUITE, **numbers})
    for result in results:
        seconds = {"time": f"{result.verdict.statistics.seconds:.3f}"} if time else {}
        names = {"classname": _clean(result.name), "name": result.profile}
        _judge(ElementTree.SubElement(suite, "testcase", {**names, **seconds}), result)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _judge(case: ElementTree.Element, result: Result) -> None:
    if result.passed:
        return
    about = {"message": _clean(headline(result)), "type": result.verdict.label}
    told = ElementTree.SubElement(case, "failure" if result.passed is False else "error", about)
    if result.verdict.outcome is Outcome.VIOLATION:
        told.text = _clean(counterexample(result))
    else:
        told.text = _clean(result.verdict.stopped_by or "\n".join(result.verdict.unmet))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
