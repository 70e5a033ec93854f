"""Serving one walk to gdb, and starting gdb if asked to."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from simulator.cli.exits import Exit
from simulator.cli.walk import Walk
from simulator.errors import SimulatorError
from simulator.gdb.files import write_commands, write_executable
from simulator.gdb.server import LOOPBACK, Debuggee, Server
from simulator.report.words import Narrator


def debug(walk: Walk, port: int, *, launch: bool) -> Exit:
    """Serve until Ctrl-C, or until the gdb that was started ends. Raises SimulatorError without a gdb to start."""
    program = shutil.which("gdb") if launch else None
    if launch and program is None:
        raise SimulatorError("--launch needs gdb, which is not installed; without it any gdb can connect")
    before = signal.signal(signal.SIGTERM, _leave)  # else what is written would stay behind
    try:
        with tempfile.TemporaryDirectory(prefix="kgraft-sim-gdb-") as folder:
            _serve(walk, port, program, Path(folder))
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    finally:
        signal.signal(signal.SIGTERM, before)
    return Exit.OK


def _serve(walk: Walk, port: int, program: str | None, folder: Path) -> None:
    executable = write_executable(walk.built, folder)
    server = Server(Debuggee(Narrator(walk.built), walk.timeline, walk.replay, str(executable)), port)
    try:
        commands = write_commands(walk.built, folder, f"{LOOPBACK}:{server.port}")
        if program is not None:
            _with_gdb(server, [program, "-q", "-x", str(commands)])
            return
        sys.stdout.write(f"listening on {LOOPBACK}:{server.port}; Ctrl-C ends it\ngdb -x {commands}\n")
        sys.stdout.flush()
        server.serve()
    finally:
        server.close()


def _leave(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _with_gdb(server: Server, command: list[str]) -> None:
    """Serve while gdb runs; Ctrl-C is gdb's business."""
    gdb = subprocess.Popen(command)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server.serve(lambda: gdb.poll() is None)
    finally:
        signal.signal(signal.SIGINT, before)
        gdb.wait()
