"""What gdb reads from disk: the guest with symbols, and the commands to begin with."""

from __future__ import annotations

from pathlib import Path

from simulator.guest.executable import executable
from simulator.guest.symbols import Symbol
from simulator.scenario.build import Built

COMMANDS = """\
# Commands for gdb, written by kgraft-sim gdb.
file {executable}
{folders}
set remotetimeout 60

define goto
  monitor goto $arg0
  maint flush register-cache
  maint flush dcache
end
document goto
Go to step N of the history.
end

define take
  monitor take $arg0
  maint flush register-cache
  maint flush dcache
end
document take
Take choice N of 'monitor choices'.
end

define view
  monitor view $arg0
  maint flush dcache
end
document view
Read memory as a CPU would fetch it ('view 0'), or as it is ('view memory').
end

target extended-remote {address}
"""


def write_executable(built: Built, folder: Path) -> Path:
    """Write the guest as an ELF file with debug information."""
    path = folder / "guest.elf"
    path.write_bytes(executable(built.image, _steps(built)))
    return path


def write_commands(built: Built, folder: Path, address: str) -> Path:
    """Write what makes gdb find the symbols, the sources and us."""
    folders = "\n".join(f"directory {source}" for source in reversed(built.image.lines.folders))
    path = folder / "gdbinit"
    path.write_text(COMMANDS.format(executable=folder / "guest.elf", folders=folders, address=address))
    return path


def _steps(built: Built) -> list[Symbol]:
    """Name each step of the protocol, so that there can be a breakpoint at it: ``break *step_3``."""
    pieces = built.routine.pieces if built.routine else ()
    return [
        Symbol(f"step_{number}", piece.start, 0, "local", "label", "generated")
        for number, piece in enumerate(pieces, 1)
    ]
