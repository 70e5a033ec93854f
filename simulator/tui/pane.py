"""A pane: a rule with a title, and below it whatever a view draws of the scene."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from simulator.tui.scene import Scene

Draw = Callable[[Scene, int, int], Text]
Entitle = Callable[[Scene, int], str]
"""From a scene and the height of the pane to its title."""


class Pane(Widget):
    """Draws a view in whatever room it has. Holds the last scene it was given and nothing else."""

    class Clicked(Message):
        """Somebody clicked at a column and a row of a pane."""

        def __init__(self, pane: Pane, x: int, y: int) -> None:
            super().__init__()
            self.pane, self.x, self.y = pane, x, y

    def __init__(self, name: str, draw: Draw, entitle: Entitle) -> None:
        super().__init__(id=name)
        self._draw, self._entitle = draw, entitle
        self._scene: Scene | None = None

    def show(self, scene: Scene) -> None:
        """Draw another scene."""
        self._scene = scene
        self.on_resize()
        self.refresh()

    def on_resize(self) -> None:
        """Think of another title: it may depend on the room there is."""
        if self._scene is not None:
            self.border_title = self._entitle(self._scene, self.content_size.height) or None

    def render(self) -> Text:
        """Return what the view makes of the scene."""
        if self._scene is None:
            return Text()
        return self._draw(self._scene, self.content_size.width, self.content_size.height)

    def on_click(self, event: Click) -> None:
        """Tell the program where the click was."""
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.Clicked(self, offset.x, offset.y))
