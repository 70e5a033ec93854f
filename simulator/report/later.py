"""A field of a dataclass that may be given as a function, which is called when somebody first looks.

A verdict that is known already needs no guest to be told in a table; building one costs a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Later(Generic[T]):
    """A descriptor: the value, or what makes it. ``default`` is returned where no value was given."""

    def __init__(self, *default: T) -> None:
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        if instance is None:
            if not self._default:
                raise AttributeError(self._name)  # so dataclass takes the field to have no default
            return self._default[0]
        kept = vars(instance)
        if callable(kept[self._name]):
            kept[self._name] = kept[self._name]()
        return cast(T, kept[self._name])

    def __set__(self, instance: Any, value: T | Callable[[], T]) -> None:
        vars(instance)[self._name] = value
