"""The keys, in one table: what the program binds, what its help shows and what the documentation lists."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

_WIDTH = 70


class Key(NamedTuple):
    """Some keys that do one thing; ``keys`` are Textual's names, ``shown`` is how a person writes them."""

    keys: str
    shown: str
    action: str
    what: str


KEYS = (
    Key("s,right", "s →", "step(True)", "one step: an instruction, a store made visible, or an interrupt"),
    Key("S,left", "S ←", "step(False)", "back by one step"),
    Key("i", "i", "instruction(True)", "to the next instruction"),
    Key("I", "I", "instruction(False)", "back to the instruction before"),
    Key("v", "v", "visible(True)", "to the next visible operation, which others notice or decide"),
    Key("V", "V", "visible(False)", "back to the visible operation before"),
    Key("p", "p", "protocol(True)", "to the next step of the protocol"),
    Key("P", "P", "protocol(False)", "back to the protocol step before"),
    Key("r", "r", "violation(True)", "run to the violation"),
    Key("R", "R", "violation(False)", "back to the violation before, or to the beginning"),
    Key("tab", "Tab", "follow(1)", "follow the next CPU: s, i and v then stop at its steps only"),
    Key("shift+tab", "Shift-Tab", "follow(-1)", "follow the CPU before; after the first, any CPU"),
    Key("0,1,2,3,4,5,6,7,8,9", "0-9", "pick", "take the choice of this number; another than * forks the history"),
    Key("up", "↑", "select(-1)", "select the choice above"),
    Key("down", "↓", "select(1)", "select the choice below"),
    Key("enter", "Enter", "take", "take the selected choice"),
    Key("home", "Home", "goto(0)", "to the beginning"),
    Key("end", "End", "last", "to the last step that is known or scheduled"),
    Key("pageup", "PgUp", "leap(-1)", "back by a tenth of the timeline"),
    Key("pagedown", "PgDn", "leap(1)", "forwards by a tenth of the timeline"),
    Key("g", "g", "ask_goto", "go to a step by its number; a click on the timeline or the log does the same"),
    Key("slash", "/", "ask_search", "search ahead in log, instructions, bytes, symbols and source lines"),
    Key("n", "n", "search(True)", "search again"),
    Key("N", "N", "search(False)", "search backwards"),
    Key("y", "y", "copy", "copy the replay string that leads here"),
    Key("w", "w", "ask_save", "write the trace up to here to a file"),
    Key("z", "z", "enlarge", "enlarge a pane, with each press another"),
    Key("escape", "Esc", "calm", "give up a search that runs; all panes again"),
    Key("question_mark,f1", "?", "help", "this list"),
    Key("q", "q", "quit", "quit"),
    Key("ctrl+c", "Ctrl-C", "interrupt", "quit; the exit code is that of an interrupted command"),
)  # fmt: skip

SHORT = "s step  i instr  v visible  p protocol  r run  SHIFT back  TAB cpu  ? help"
"""For the last line of the screen: 80 cells."""
MORE = "g go to  / search  z enlarge  y copy replay  w write trace  0-9 choose  q quit"
"""For the line above, while nothing has to be said there."""


def help_text() -> str:
    """Return the keys with what they do, for a small terminal."""
    width = max(len(key.shown) for key in KEYS)
    return "\n".join(
        textwrap.fill(key.what, _WIDTH, initial_indent=f"{key.shown:<{width}}  ", subsequent_indent=" " * (width + 2))
        for key in KEYS
    )
