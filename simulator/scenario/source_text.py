"""A scenario as the text of a Python file: what a test made of values can then be run, checked and stepped by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from simulator.scenario.scenario import Scenario

_ENDING = """
if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
"""


def scenario_file(scenario: Scenario, story: str) -> str:
    """Return a file that defines an equal ``scenario``; ``story`` is its docstring."""
    classes = sorted({(kind.__module__, kind.__qualname__) for kind in _classes(scenario)} - {_SCENARIO})
    imports = [f"from {module} import {name}" for module, name in [("simulator.scenario", "Scenario"), *classes]]
    told = story.replace("\\", "\\\\").replace('"""', "'''")
    lines = [f'"""{told}"""', "", *imports, "", "scenario = Scenario("]
    lines += [f"    {name}={text}," for name, text in _arguments(scenario)]
    return "\n".join([*lines, ")", ""]) + _ENDING


_SCENARIO = (Scenario.__module__, Scenario.__qualname__)


def _arguments(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what differs from the plain case, as keyword arguments."""
    for each in fields(value):
        held = getattr(value, each.name)
        plain = each.default if each.default_factory is MISSING else each.default_factory()
        if held != plain:
            yield each.name, _text(held)


def _text(value: Any) -> str:
    if is_dataclass(value):
        inside = ", ".join(f"{name}={text}" for name, text in _arguments(value))
        return f"{type(value).__qualname__}({inside})"
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _classes(value: Any) -> Iterator[type]:
    if is_dataclass(value):
        yield type(value)
        for each in fields(value):
            yield from _classes(getattr(value, each.name))
    elif isinstance(value, Enum):
        yield type(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _classes(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _classes(item)
