"""The command line: ``kgraft-sim COMMAND``, one file per command.

Nothing heavy is imported before a command runs, so that help comes at once.
"""

from simulator.cli.app import main

__all__ = ["main"]
