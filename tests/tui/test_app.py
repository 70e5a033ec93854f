"""The program, driven by keys."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from simulator.tui.app import Stepper
from simulator.tui.keys import KEYS, MORE, SHORT, Key
from simulator.tui.session import Session
from simulator.x86.registers import GENERAL
from tests.tui.conftest import press, screen

Play = Callable[[Pilot[bool]], Awaitable[None]]


def play(stepper: Stepper, script: Play, size: tuple[int, int] = (80, 24)) -> bool | None:
    """Run the program without a terminal while a script presses keys."""

    async def whole() -> None:
        async with stepper.run_test(size=size) as pilot:
            await script(pilot)

    asyncio.run(whole())
    return stepper.return_value


def after(stepper: Stepper, *keys: str, size: tuple[int, int] = (80, 24)) -> str:
    """Return the screen after some keys."""
    shown = []

    async def script(pilot: Pilot[bool]) -> None:
        await press(pilot, *keys)
        shown.append(screen(stepper))

    play(stepper, script, size)
    return shown[0]


@pytest.mark.parametrize(
    "keys", ["", "r", "r S tab", "p p v", "z z", "question_mark", "slash"], ids=lambda keys: keys or "begin"
)
def test_the_screen(stepper: Stepper, keys: str, snapshot: SnapshotAssertion) -> None:
    assert after(stepper, *keys.split()) == snapshot


def test_a_large_screen(stepper: Stepper, snapshot: SnapshotAssertion) -> None:
    assert after(stepper, "r", "S", size=(120, 40)) == snapshot


def test_a_message_of_three_lines_is_shown_to_its_end(stepper: Stepper) -> None:
    async def script(pilot: Pilot[bool]) -> None:
        stepper._show("word " * 40 + "end")
        await pilot.pause()
        assert re.search(r"\bword end\b", screen(stepper))

    play(stepper, script)


def test_the_enlarged_cpus_show_all_registers_of_the_one_that_is_followed(stepper: Stepper) -> None:
    shown = after(stepper, "r", "tab", "z")
    vcpu = stepper.session.timeline.state.vcpus[0]
    wanted = {"rip": vcpu.rip, **dict(zip(GENERAL, vcpu.general, strict=True)), "rflags": vcpu.rflags}
    assert {name: int(value, 16) for name, value in re.findall(r" (\w+) ([0-9a-f]{16})\b", shown)} == wanted


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 6), (200, 60)], ids=str)
def test_any_size_has_a_message_and_no_error(stepper: Stepper, size: tuple[int, int]) -> None:
    after(stepper, "r", "z", "z", "z", "escape", size=size)
    assert stepper.failure is None


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        ("s", 1), ("s s S", 1), ("right right left", 1), ("i", 1), ("p", 7), ("p p P", 7), ("r", 18), ("r R", 0),
        ("end", 18), ("end home", 0), ("pagedown pagedown", 2), ("end pageup", 17), ("tab s", 1), ("tab tab s", 6),
        ("g 1 2 enter", 12),
        ("g escape s", 1), ("slash c c space v i s enter", 16), ("end slash a r m enter N", 15), ("shift+tab s", 6),
    ],
)  # fmt: skip
def test_keys_move(stepper: Stepper, session: Session, keys: str, position: int) -> None:
    after(stepper, *keys.split())
    assert stepper.session.timeline.position == position


@pytest.mark.parametrize(("keys", "number"), [("0", 0), ("1", 1), ("down enter", 1), ("up enter", -1)])
def test_keys_take_a_choice(stepper: Stepper, keys: str, number: int) -> None:
    enabled = stepper.session.timeline.enabled()
    after(stepper, *keys.split())
    assert stepper.session.timeline.choices() == (enabled[number],)


def test_a_choice_that_is_not_there_is_said_so(stepper: Stepper) -> None:
    assert "there is no choice 9" in after(stepper, "9")


def test_a_fork_is_said_so(stepper: Stepper) -> None:
    assert "forked at #" in after(stepper, "r", "S", "0")


def test_a_step_that_is_no_number_is_said_so(stepper: Stepper) -> None:
    assert "'x' is not the number of a step" in after(stepper, "g", "x", "enter")


def test_keys_do_nothing_behind_a_dialog(stepper: Stepper) -> None:
    after(stepper, "question_mark", "s", "tab", "p")
    assert stepper.session.timeline.position == 0


def test_the_replay_string_is_copied(stepper: Stepper) -> None:
    after(stepper, "r", "y")
    assert stepper.clipboard == stepper.session.replay()


def test_the_trace_is_written(stepper: Stepper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "wrote the 18 steps" in after(stepper, "r", "w", "enter")
    assert json.loads((tmp_path / "no-first-sync.json").read_text())


def test_a_trace_of_no_known_kind_is_refused_in_words(
    stepper: Stepper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def script(pilot: Pilot[bool]) -> None:
        await press(pilot, "w", "ctrl+u", "a", "full_stop", "d", "o", "c", "enter")
        assert "suffixes are" in screen(stepper)

    play(stepper, script)
    assert [*tmp_path.iterdir()] == []


def test_a_click_on_the_log_goes_there(stepper: Stepper) -> None:
    async def script(pilot: Pilot[bool]) -> None:
        await press(pilot, "r")
        await pilot.click("#log", offset=(3, 1))
        await pilot.app.workers.wait_for_complete()

    play(stepper, script)
    assert 0 < stepper.session.timeline.position < 18


def test_a_click_on_the_timeline_goes_there(stepper: Stepper) -> None:
    async def script(pilot: Pilot[bool]) -> None:
        await press(pilot, "r")
        await pilot.click("#timeline", offset=(2, 0))
        await pilot.app.workers.wait_for_complete()

    play(stepper, script)
    assert stepper.session.timeline.position == 0


def test_ctrl_c_is_an_interruption(stepper: Stepper) -> None:
    assert play(stepper, lambda pilot: pilot.press("ctrl+c")) is True


def test_ctrl_c_ends_the_program_from_a_dialog_too(stepper: Stepper) -> None:
    assert play(stepper, lambda pilot: pilot.press("slash", "ctrl+c")) is True


def test_q_is_none(stepper: Stepper) -> None:
    assert play(stepper, lambda pilot: pilot.press("q")) is None


def test_an_error_inside_is_kept_for_whoever_started_it(stepper: Stepper) -> None:
    async def script(pilot: Pilot[bool]) -> None:
        del stepper.session.timeline
        await pilot.press("s")

    stepper.run(headless=True, auto_pilot=script)
    assert isinstance(stepper.failure, AttributeError)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.action)
def test_every_key_of_the_table_is_an_action(key: object) -> None:
    action = key.action.partition("(")[0]
    assert hasattr(Stepper, f"action_{action}")


def test_no_two_keys_of_the_table_are_the_same() -> None:
    names = [name for key in KEYS for name in key.keys.split(",")]
    assert len(names) == len({*names})


@pytest.mark.parametrize("text", [SHORT, MORE])
def test_the_hints_fit_a_small_terminal(text: str) -> None:
    assert len(text) <= 80


PAGE = Path(__file__).parents[2] / "docs" / "stepping.md"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.action)
def test_the_page_lists_every_key(key: Key) -> None:
    assert f"| {key.shown} | {key.what} |" in PAGE.read_text()


def test_the_page_shows_the_screen_as_it_is(stepper: Stepper) -> None:
    assert f"```text\n{after(stepper, 'r', 'S', 'tab')}\n```" in PAGE.read_text()
