"""The examples do what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.plugin.conftest import Project

pytest_plugins = ["pytester"]

EXAMPLES = Path(__file__).parents[2] / "examples" / "testing"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            path.name,
            marks=pytest.mark.skipif(path.stem == "test_halve" and not shutil.which("gcc"), reason="needs gcc"),
        )
        for path in sorted(EXAMPLES.glob("test_*.py"))
    ],
)
def test_every_test_of_an_example_passes(project: Project, name: str) -> None:
    shutil.copytree(EXAMPLES, project.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    result = project.run(name)
    assert (result.ret, set(result.parseoutcomes()) - {"warnings"}) == (0, {"passed"})
