"""The program: keys to moves of the session, and the scene to the panes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize
from textual.widgets import Static
from textual.worker import WorkerFailed

from simulator.errors import SimulatorError
from simulator.tui import stops
from simulator.tui.arrangement import heights
from simulator.tui.dialogs import Prompt, Reader
from simulator.tui.keys import KEYS, MORE, SHORT, help_text
from simulator.tui.pane import Draw, Entitle, Pane
from simulator.tui.scene import ANY, Scene
from simulator.tui.session import Move, Session
from simulator.tui.stops import Stop
from simulator.tui.views import choices, cpus, heading, line, log, protocol, site

PANES: tuple[tuple[str, Draw, Entitle], ...] = (
    ("cpus", cpus.cpus, cpus.heading),
    ("site", site.site, lambda scene, height: site.heading(scene)),
    ("protocol", protocol.protocol, lambda scene, height: "protocol"),
    ("choices", choices.choices, lambda scene, height: "choices"),
    ("log", log.log, lambda scene, height: "event log"),
)
_TENTH = 10
_ACTIONS = frozenset(key.action.partition("(")[0] for key in KEYS)


class Stepper(App[bool]):
    """Steps through a history. Returns whether it was interrupted; an error in it is kept in ``failure``."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"pick({key})" if each.action == "pick" else each.action, each.what, show=False,
                priority=each.action == "interrupt" or "tab" in each.keys)
        for each in KEYS
        for key in each.keys.split(",")
    ]  # fmt: skip

    def __init__(self, session: Session, save: Callable[[Path], str]) -> None:
        super().__init__(ansi_color=True)
        self.session, self._save = session, save
        self.failure: Exception | None = None
        self._followed: int | None = ANY
        self._selected, self._needle, self._large = 0, "", -1
        self._scene = session.scene()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to a dialog while there is one, but for Ctrl-C."""
        return action == "interrupt" or len(self.screen_stack) == 1 or action not in _ACTIONS

    # the screen ------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        panes = {name: Pane(name, draw, title) for name, draw, title in PANES}
        yield Pane("heading", lambda scene, width, height: heading.heading(scene, width), _untitled)
        with Container(id="top"):
            yield panes["cpus"]
            with Container(id="right"):
                yield panes["protocol"]
                yield panes["choices"]
        yield panes["site"]
        yield panes["log"]
        yield Pane("large", self._draw_large, self._entitle_large)
        yield Pane("timeline", lambda scene, width, height: line.timeline(scene, width), _untitled)
        yield Static(MORE, id="message", classes="line", markup=False)
        yield Static(SHORT, id="keys", classes="line", markup=False)

    def on_mount(self) -> None:
        """Begin; a signal ends the program as a key would, so that the terminal is put back in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.action_interrupt)
        self._show()

    def on_resize(self, event: Resize) -> None:
        """Share the lines anew."""
        shares = heights(event.size.height, len(self._scene.state.vcpus), len(self._scene.watch.sites))
        for name, share in zip(("#top", "#site"), shares, strict=True):
            self.query_one(name).styles.height = share

    def _show(self, message: str = "") -> None:
        """Draw where the session stands; ``message`` says how it got there, a violation goes before it."""
        self._scene = scene = self.session.scene(self._followed, self._selected)
        self._selected = scene.selected
        screen = self.screen_stack[0]
        for pane in screen.query(Pane):
            pane.show(scene)
        wrong = heading.verdict(scene)
        text = Text(message or wrong or MORE, style="bold red" if wrong and not message else "")
        screen.query_one("#message", Static).update(text)

    def _draw_large(self, scene: Scene, width: int, height: int) -> Text:
        return PANES[self._large][1](scene, width, height) if self._large >= 0 else Text()

    def _entitle_large(self, scene: Scene, height: int) -> str:
        return PANES[self._large][2](scene, height) if self._large >= 0 else ""

    # moving ----------------------------------------------------------------------------------------------

    @work(exclusive=True)
    async def _move(self, move: Move) -> None:
        """Make a move, however long it takes; another key ends it."""
        self._selected = 0
        while True:
            try:
                next(move)
            except StopIteration as end:
                self._show(str(end.value))
                return
            except SimulatorError as error:
                self._show(str(error))
                return
            self._show("running; Esc stops")
            await asyncio.sleep(0)

    def _walk(self, stop: Stop, wanted: str, ahead: bool, *, followed: bool = True) -> None:
        if followed and self._followed is not None:
            stop, wanted = stops.of_cpu(self._followed, stop), f"{wanted} of vCPU{self._followed}"
        self._move((self.session.forward if ahead else self.session.back)(stop, wanted))

    def action_step(self, ahead: bool) -> None:
        """Take one step, of the followed CPU if there is one."""
        self._walk(stops.always, "step", ahead)

    def action_instruction(self, ahead: bool) -> None:
        """Go to an instruction."""
        self._walk(stops.instruction, "instruction", ahead)

    def action_visible(self, ahead: bool) -> None:
        """Go to a visible operation."""
        self._walk(stops.visible(self._scene.machine), "visible operation", ahead)

    def action_protocol(self, ahead: bool) -> None:
        """Go to a step of the protocol, whoever is followed."""
        self._walk(stops.protocol_step(self._scene.narrator), "step of the protocol", ahead, followed=False)

    def action_violation(self, ahead: bool) -> None:
        """Go to a violation, whoever is followed."""
        self._walk(stops.violation(self.session.findings), "violation", ahead, followed=False)

    def action_goto(self, position: int) -> None:
        """Go to a position."""
        self._move(self.session.goto(position))

    def action_last(self) -> None:
        """Go to the end of what is known or scheduled."""
        self.action_goto(self._scene.length)

    def action_leap(self, direction: int) -> None:
        """Go by a tenth of the timeline."""
        by = max(self._scene.length // _TENTH, 1)
        self.action_goto(min(max(self._scene.position + direction * by, 0), self._scene.length))

    def on_pane_clicked(self, click: Pane.Clicked) -> None:
        """Go where the timeline or the log was clicked, select a choice."""
        if click.pane.id == "timeline":
            self.action_goto(line.clicked(self._scene, click.pane.content_size.width, click.x))
        elif click.pane.id == "log":
            facts = log.shown(self._scene, click.pane.content_size.height)
            if click.y < len(facts):
                self.action_goto(facts[click.y].number)

    # choosing --------------------------------------------------------------------------------------------

    def action_follow(self, by: int) -> None:
        """Follow another CPU; any CPU lies between the last and the first."""
        ring = (ANY, *range(len(self._scene.state.vcpus)))
        self._followed = ring[(ring.index(self._followed) + by) % len(ring)]
        self._show()

    def action_select(self, by: int) -> None:
        """Select another choice."""
        if self._scene.options:
            self._selected = (self._selected + by) % len(self._scene.options)
        self._show()

    def action_pick(self, number: int) -> None:
        """Take a choice by its number."""
        if number >= len(self._scene.options):
            self._show(f"there is no choice {number}")
            return
        self.workers.cancel_all()
        message = self.session.choose(self._scene.options[number].choice)
        self._selected = 0
        self._show(message)

    def action_take(self) -> None:
        """Take the selected choice."""
        self.action_pick(self._selected)

    # asking ----------------------------------------------------------------------------------------------

    def action_ask_goto(self) -> None:
        """Ask for a step."""
        self.push_screen(Prompt("Go to step"), self._goto_text)

    def _goto_text(self, text: str | None) -> None:
        if text is None:
            return
        number = text.removeprefix("#")
        if number.isdecimal():
            self.action_goto(int(number))
        else:
            self._show(f"{text!r} is not the number of a step")

    def action_ask_search(self) -> None:
        """Ask for what to search."""
        self.push_screen(Prompt("Search for", self._needle), self._search_text)

    def _search_text(self, text: str | None) -> None:
        if text is not None:
            self._needle = text
            self.action_search(True)

    def action_search(self, ahead: bool) -> None:
        """Search again."""
        if not self._needle:
            self.action_ask_search()
            return
        self._walk(stops.matching(self._scene.narrator, self._needle), f"{self._needle!r}", ahead, followed=False)

    def action_copy(self) -> None:
        """Copy the replay string, and show it: not every terminal lets a program copy."""
        text = self.session.replay()
        self.copy_to_clipboard(text)
        self.push_screen(Reader("Replay string, copied if the terminal allows it", text))

    def action_ask_save(self) -> None:
        """Ask for a file."""
        self.push_screen(Prompt("Write the trace to", f"{self.session.name}.json"), self._save_text)

    def _save_text(self, text: str | None) -> None:
        if text is None:
            return
        try:
            self._show(self._save(Path(text)))
        except (SimulatorError, OSError) as error:
            self.push_screen(Reader("Not written", str(error)))

    # the rest --------------------------------------------------------------------------------------------

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Reader("Keys", help_text()))

    def action_enlarge(self) -> None:
        """Enlarge the next pane, or show all again."""
        self._large = -1 if self._large + 1 == len(PANES) else self._large + 1
        self._arrange()

    def action_calm(self) -> None:
        """End what runs; show all panes."""
        self.workers.cancel_all()
        self._large = -1
        self._arrange()

    def _arrange(self) -> None:
        self.screen.set_class(self._large >= 0, "enlarged")
        self._show()

    def action_interrupt(self) -> None:
        """Quit by Ctrl-C or a signal."""
        self.exit(True)

    def _handle_exception(self, error: Exception) -> None:
        """Keep an error for the caller, who prints it when the terminal is itself again."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        self.failure = self.failure or (cause if isinstance(cause, Exception) else error)
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        """Leave the printing to the caller."""


def _untitled(scene: Scene, height: int) -> str:
    return ""


def step(session: Session, save: Callable[[Path], str]) -> bool:
    """Show a session until somebody quits; return whether that was by Ctrl-C. Raises what went wrong inside."""
    app = Stepper(session, save)
    interrupted = app.run()
    if app.failure is not None:
        raise app.failure
    return bool(interrupted)
