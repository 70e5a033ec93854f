"""The pytest plugin: ``@pytest.mark.kgraft(...)`` and the fixture ``kgraft`` check every schedule of a patch.

Scenario files and litmus tests are tests by themselves, where they are given by name or ``kgraft_files`` says so.

It is thin: what is asked and what is said live in ``simulator.testing``, which is imported when the first test
asks for it, so that a project that has the simulator installed pays nothing elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.litmus import Answer
    from simulator.report.result import Result

MARK = "kgraft"
_FETCH = "kgraft_fetch"
_REPLAYED = "kgraft-replayed"
_SECONDS = "60"
_LITMUS = ".litmus"
_SCENARIO = re.compile(r"^scenario\b[^=\n]*=(?!=)", re.MULTILINE)
_NO_SCENARIO = ("_", "test_", "conftest")
"""How the names of Python files begin that are none, as among the shipped ones."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--kgraft-...`` and the ini options."""
    group = parser.getgroup("kgraft", "kgraft-sim: every schedule of a live patch")
    group.addoption("--kgraft-replay", metavar="STRING", help="Take the choices of a replay string, where it fits.")
    group.addoption("--kgraft-cache", metavar="DIR", help="Proven verdicts (.kgraft/verdicts below the root folder).")
    group.addoption("--kgraft-no-cache", action="store_true", help="Check everything anew and keep nothing.")
    group.addoption("--kgraft-cc", metavar="COMMAND", help="Compile guests with this compiler.")
    group.addoption("--kgraft-fetch", metavar="NAME|all", help="Fetch model for scenario and litmus files.")
    parser.addini("kgraft_files", "Patterns of scenario and litmus files that are tests.", type="args", default=[])
    parser.addini("kgraft_seconds", "Time for one check; what is not done by then fails.", default=_SECONDS)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with a replay string, watch whether any test was what it is for."""
    config.addinivalue_line(
        "markers",
        "kgraft(what=None, fetch=None, expect=None, seconds=None, **fields): check every schedule before the test's"
        " body runs; what is a scenario, a protocol, a C patch or a litmus test, the fields are those of Scenario.",
    )
    if config.getoption("--kgraft-replay") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_ReplayWatch(config), "kgraft-replay-watch")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each fetch model, where the marker names several."""
    marker = metafunc.definition.get_closest_marker(MARK)
    fetch = marker.kwargs.get("fetch") if marker is not None else None
    if fetch is None or (isinstance(fetch, str) and fetch != "all"):
        return
    from simulator.errors import SimulatorError
    from simulator.testing.subjects import models

    try:
        names = models(fetch, "")
    except SimulatorError as error:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {error}") from None
    metafunc.fixturenames.append(_FETCH)
    metafunc.parametrize(_FETCH, names)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> KgraftFile | None:
    """Collect a scenario or a litmus test that was asked for."""
    if file_path.suffix == ".py" and file_path.name.startswith(_NO_SCENARIO):
        return None
    root, patterns = parent.config.rootpath, parent.config.getini("kgraft_files")
    path = file_path.relative_to(root) if file_path.is_relative_to(root) else file_path
    asked = any(fnmatch(path.as_posix(), pattern) for pattern in patterns)
    if asked or (parent.session.isinitpath(file_path) and _is_ours(file_path)):
        return KgraftFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Check what the marker asks for, before the body of the test."""
    marker = item.get_closest_marker(MARK)
    if marker is not None:
        chosen = getattr(item, "callspec", None)
        keywords = dict(marker.kwargs)
        if chosen is not None and _FETCH in chosen.params:
            keywords["fetch"] = chosen.params[_FETCH]
        Kgraft(item)(*marker.args, **keywords)


@pytest.fixture
def kgraft(request: pytest.FixtureRequest) -> Kgraft:
    """Return what checks every schedule: ``kgraft("fix.c", kernel="kernel.c", cpus=2, fetch="all")``."""
    return Kgraft(request.node)


class Kgraft:
    """Checks for one test; a verdict that is not the expected one fails it."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item

    def __call__(
        self, what: Any = None, *, fetch: Any = None, expect: Any = None, seconds: float | None = None, **fields: Any
    ) -> tuple[Result | Answer, ...]:
        """Check every schedule of ``what`` under each fetch model; return the results.

        ``what`` is a Scenario, its name or its file, a Protocol, a C patch, or a litmus test; ``fields`` are fields of
        Scenario. ``expect`` is ``safe`` (where the scenario does not say), ``violation:PROPERTY``, or what a litmus
        test comes to. After ``seconds`` a check is incomplete, and that is never safe.
        """
        __tracebackhide__ = True
        from simulator.errors import SimulatorError

        try:
            if isinstance(what, str | Path) and Path(what).suffix == _LITMUS:
                return tuple(self._answers(what, fetch, expect, fields))
            return tuple(self._results(what, fetch, expect, seconds, fields))
        except SimulatorError as error:
            wrong = str(error)
        pytest.fail(f"kgraft: {wrong}", pytrace=False)

    def _results(
        self, what: Any, fetch: Any, expect: Any, seconds: float | None, fields: dict[str, Any]
    ) -> Iterator[Result]:
        from simulator.explore.schedule import parse
        from simulator.testing.judge import judge
        from simulator.testing.subjects import subject

        item, string = self._item, self._item.config.getoption("--kgraft-replay")
        test, replay = _typed(item), parse(string) if string else None
        asked = subject(what, fields, fetch=fetch, expect=expect, folder=item.path.parent, test=test)
        for found in judge(asked, _search(item.config, seconds), test, replay):
            result = found.result
            item.user_properties.append((MARK, f"{result.name} {result.profile}: {result.verdict.label}"))
            if found.replayed:
                item.user_properties.append((_REPLAYED, result.profile))
            if found.failure:
                pytest.fail(found.failure, pytrace=False)
            yield result

    def _answers(self, what: str | Path, fetch: Any, expect: Any, fields: dict[str, Any]) -> Iterator[Answer]:
        from simulator.errors import LitmusError
        from simulator.testing.litmus import PLAIN, entry_of, judge
        from simulator.testing.subjects import found, models

        if fields:
            raise LitmusError(f"a litmus test has no field {next(iter(fields))!r} to change")
        name = found(what, self._item.path.parent)
        for answer, failure in judge(entry_of(name), name, models(fetch, PLAIN), expect):
            self._item.user_properties.append((MARK, f"{answer.litmus.name} {answer.profile}: {answer.verdict}"))
            if failure:
                pytest.fail(failure, pytrace=False)
            yield answer


class KgraftFile(pytest.File):
    """A scenario or a litmus test."""

    def collect(self) -> Iterator[KgraftItem]:
        """Yield a test for each fetch model that is asked for, else one for the file's own."""
        from simulator.errors import SimulatorError
        from simulator.testing.subjects import models

        try:
            names = models(self.config.getoption("--kgraft-fetch"), "")
        except SimulatorError as error:
            raise pytest.UsageError(f"--kgraft-fetch: {error}") from None
        for fetch in names:
            yield KgraftItem.from_parent(
                self, name=f"{self.path.stem}[{fetch}]" if fetch else self.path.stem, fetch=fetch
            )


class KgraftItem(pytest.Item):
    """A scenario or a litmus test under one fetch model; what it expects, it says itself."""

    def __init__(self, *, fetch: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._fetch = fetch or None

    def runtest(self) -> None:
        """Check every schedule."""
        Kgraft(self)(self.path, fetch=self._fetch)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return what a report calls it."""
        return self.path, None, self.name


def _is_ours(path: Path) -> bool:
    """Say whether a file that was given by name is a scenario or a litmus test, without running it."""
    if path.suffix == ".py":
        return _SCENARIO.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    return path.suffix == _LITMUS


def _typed(item: pytest.Item) -> str:
    """Return a test as it is typed here, which may not be the root folder."""
    path = item.path.relative_to(Path.cwd()).as_posix() if item.path.is_relative_to(Path.cwd()) else str(item.path)
    return path + item.nodeid[item.nodeid.find("::") :]


def _search(config: pytest.Config, seconds: float | None) -> Any:
    from simulator.cli.cases import Search
    from simulator.explore.checker import Limits
    from simulator.scenario.verdict_cache import DEFAULT, NO_CACHE, VerdictCache

    folder = Path(config.getoption("--kgraft-cache") or config.rootpath / DEFAULT)
    kept = NO_CACHE if config.getoption("--kgraft-no-cache") else VerdictCache(folder)
    limit = float(config.getini("kgraft_seconds")) if seconds is None else seconds
    return Search(limits=Limits(seconds=limit), compiler=config.getoption("--kgraft-cc"), cache=kept)


class _ReplayWatch:
    """Says so, and ends the run as misused, where no test was what the replay string is for."""

    def __init__(self, config: pytest.Config) -> None:
        self._string: str = config.getoption("--kgraft-replay")
        self._met = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._met = self._met or any(name == _REPLAYED for name, _ in report.user_properties)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._met and not session.config.option.collectonly:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._met:
            terminalreporter.write_line(
                f"kgraft: no test that ran is what the replay string is for: {self._string}; it is of another test,"
                " or the kernel, the patch or the simulator has changed since"
            )
