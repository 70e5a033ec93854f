"""Finding scenarios: the shipped ones by name, anyone's by file."""

from __future__ import annotations

import difflib
import runpy
import traceback
from dataclasses import dataclass
from pathlib import Path

from simulator.data import data_folder
from simulator.errors import ScenarioError, SimulatorError
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario with its name and story."""

    name: str
    path: Path
    story: str
    scenario: Scenario

    @property
    def title(self) -> str:
        """Return the first sentence of the story."""
        return " ".join(self.story.split("\n\n")[0].split())


def shipped() -> tuple[Path, ...]:
    """Return the files of all shipped scenarios, sorted by name."""
    folder = data_folder("scenarios")
    return tuple(sorted(path for path in folder.rglob("*.py") if not path.name.startswith(("_", "test_", "conftest"))))


def names() -> tuple[str, ...]:
    """Return the names of all shipped scenarios."""
    return tuple(sorted(short_name(path) for path in shipped()))


def find(name: str) -> Entry:
    """Return a scenario by name or by path to a Python file. Raises ScenarioError."""
    for path in shipped():
        if short_name(path) == name:
            return load(path, name)
    path = Path(name)
    if path.suffix == ".py" and path.is_file():
        return load(path, name)
    if path.suffix == ".py":
        raise ScenarioError(f"no scenario file {name}; give a Python file that defines 'scenario'")
    close = difflib.get_close_matches(name, names(), 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "'kgraft-sim list' shows all"
    raise ScenarioError(f"no scenario {name!r}; {hint}")


def load(path: Path, name: str) -> Entry:
    """Read a scenario file. Raises ScenarioError with the line where it fails."""
    try:
        found = runpy.run_path(str(path))
    except SimulatorError as error:
        raise ScenarioError(f"{path}{_line(error, path)}: {error}") from error
    except Exception as error:
        raise ScenarioError(f"{path}{_line(error, path)}: {type(error).__name__}: {error}") from error
    scenario = found.get("scenario")
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"{path} defines no 'scenario = Scenario(...)'")
    return Entry(name, path, (found.get("__doc__") or "").strip(), scenario)


def short_name(path: Path) -> str:
    """Return the name of a shipped scenario: its file, below the folder of all scenarios."""
    below = path.resolve().relative_to(data_folder("scenarios").resolve())
    return below.with_suffix("").as_posix().replace("_", "-")


def _line(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f":{frames[-1].lineno}" if frames else ""
