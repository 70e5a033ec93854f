"""The page about litmus tests says what is so."""

import re
from pathlib import Path

from simulator.litmus import find, parse
from tests.cli.conftest import Cli, cli

__all__ = ["cli"]
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "litmus.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_shows_what_is_printed(cli: Cli) -> None:
    command, _, printed = block("console").partition("\n")
    assert cli(*command.split()[2:]).out.rstrip() == printed.rstrip()


def test_the_grammar_on_the_page_is_the_one_that_is_used() -> None:
    assert block("lark") == (ROOT / "simulator" / "litmus" / "grammar.lark").read_text()


def test_the_example_on_the_page_is_a_shipped_test() -> None:
    example, shipped = parse(block("text")), find("MP.RF").litmus
    texts = [[[line.text for line in code] for code in each.threads] for each in (example, shipped)]
    assert texts[0] == texts[1]
    assert (example.condition, example.expect, example.because) == (shipped.condition, shipped.expect, shipped.because)
