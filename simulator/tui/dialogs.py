"""Dialogs: a text to read, and a line to type."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Reader(ModalScreen[None]):
    """Shows a text until a key is pressed; arrows scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter,space,question_mark,y", "app.pop_screen", "close"),
        ("down,j", "scroll(1)", "down"),
        ("up,k", "scroll(-1)", "up"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Lay the text out."""
        with VerticalScroll(id="reader") as box:
            box.border_title, box.border_subtitle = self._title, "Esc closes"
            yield Static(self._text, markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#reader").scroll_relative(y=lines, animate=False)


class Prompt(ModalScreen[str | None]):
    """Asks for a line; Escape gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "cancel")]

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question, self._value = question, value

    def compose(self) -> ComposeResult:
        """Lay the question and the line out."""
        field = Input(self._value, id="line")
        field.border_title, field.border_subtitle = self._question, "Enter, or Esc"
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the line over."""
        self.dismiss(event.value.strip() or None)
