"""The command line as a function, and scenario files to give it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Cli = Callable[..., Ran]
STORY = "A function is replaced while a CPU calls it."


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in this process, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("KGRAFT_DEBUG", raising=False)

    def run(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario file; the keywords are those of Scenario."""

    def write(name: str = "case", story: str = STORY, **keywords: object) -> Path:
        values = ", ".join(f"{key}={value!r}" for key, value in keywords.items())
        path = tmp_path / f"{name}.py"
        path.write_text(
            f'"""{story}"""\n\nfrom simulator.scenario import Scenario\n\nscenario = Scenario({values})\n\n'
            "if __name__ == '__main__':\n    from simulator.cli.script import main\n\n    main(__file__)\n"
        )
        return path

    return write


@pytest.fixture
def shipped(scenario: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of three scenarios the shipped ones, and the one we are in: verdicts are kept there."""
    scenario("plain", "A function is replaced while a CPU calls it.\n\nMore about it.")
    scenario("arm_late", "The INT3 comes first.", protocol="arm-late", expect={"*": "violation:traps"})
    last = scenario(
        "no_sync_2", "A CPU reads an old tail behind the new head.", protocol="text-poke-13", placement=62,
        expect={"*": "safe", "EFGX": "violation:integrity"},
    )  # fmt: skip
    monkeypatch.setattr("simulator.scenario.catalogue.data_folder", lambda name: last.parent)
    monkeypatch.chdir(last.parent)
    return last.parent
