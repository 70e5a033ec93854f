"""Exit codes: what a script or a CI job learns without reading the output."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    """Everything as expected."""
    FAILED = 1
    """A violation, or a verdict that is not the expected one."""
    USAGE = 2
    """What was asked for makes no sense: options, names, files, sources that do not compile."""
    INCOMPLETE = 3
    """A limit or Ctrl-C came first."""
    INTERNAL = 4
    """A bug in this program."""
