"""Reading resume packets: ``vCont`` with an action per thread, the older ``c`` and ``s``, and ``bc`` and ``bs``."""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    """What a resume packet asks for."""

    cpu: int | None
    """The CPU it is about; None: the selected one."""
    step: bool = False
    low: int = 0
    high: int = 0
    """A step goes on while RIP is in ``[low, high)``."""
    alone: bool = False
    """No other CPU was told to run."""
    back: bool = False


class _Action(NamedTuple):
    letter: str
    low: int
    high: int
    cpu: int | None
    """None: for every thread that no action to the left names."""


def parse(packet: bytes, locked: int | None, cpus: int) -> Request | None:
    """Return what a packet asks for; None where it is no such packet. Raises ValueError.

    ``locked`` is the CPU that ``Hc`` has chosen to run alone, for packets that do not name any.
    """
    text = packet.decode("ascii")
    if text in ("bc", "bs"):
        return Request(locked, text == "bs", alone=locked is not None, back=True)
    if text.startswith("vCont;"):
        return _of_actions([_action(part, cpus) for part in text[6:].split(";")])
    if text[:1] in ("c", "s", "C", "S"):
        return Request(locked, text[0] in "sS", alone=locked is not None)
    return None


def _action(text: str, cpus: int) -> _Action:
    action, _, thread = text.partition(":")
    number = int(thread, 16) if thread else -1
    if action[:1] not in ("c", "C", "s", "S", "r") or number > cpus:
        raise ValueError(text)
    low = high = 0
    if action[0] == "r":
        low, high = (int(end, 16) for end in action[1:].split(","))
    return _Action(action[0].lower(), low, high, number - 1 if number > 0 else None)


def _of_actions(actions: list[_Action]) -> Request:
    """Return the step that is asked for, if any: several CPUs that step are told apart by the first."""
    everyone = any(action.cpu is None for action in actions)
    alone = not everyone and len({action.cpu for action in actions}) == 1
    for action in actions:
        if action.letter in "sr":
            return Request(action.cpu, True, action.low, action.high, alone)
    return Request(actions[0].cpu if alone else None, alone=alone)
