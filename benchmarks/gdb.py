"""Stepping in gdb itself, with all that it asks at each stop; and in QEMU's gdb stub, where there is a QEMU."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

STEPS = 3_000
_TIMED = """\
python import time; started = time.perf_counter(); gdb.execute("{command} {steps}", to_string=True); \
print("{command}:", {steps} / (time.perf_counter() - started))
"""
_RATE = re.compile(r"^(?:reverse-)?stepi: ([0-9.]+)$", re.MULTILINE)


def rates(steps: int = STEPS) -> Iterator[tuple[str, float, str]]:
    """Yield a name, steps per second and a note: each way by our server, forwards by QEMU's."""
    gdb = shutil.which("gdb")
    if gdb is None:
        raise RuntimeError("gdb is not installed")
    note = f"{steps:,} steps of vCPU1, beside 2 others"
    with _served() as commands:
        ways = _timed([gdb, "-x", commands, "-ex", "thread 2"], steps, "stepi", "reverse-stepi")
    for name, rate in zip(("gdb stepi", "gdb reverse-stepi"), ways, strict=True):
        yield name, rate, note
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is not None:
        with _emulated(qemu) as port:
            remote = ["-ex", "set architecture i386:x86-64", "-ex", f"target remote 127.0.0.1:{port}"]
            (rate,) = _timed([gdb, *remote], steps, "stepi")
        yield "gdb stepi in QEMU, for comparison", rate, f"{steps:,} steps of the firmware, 3 CPUs"


def _timed(words: list[str], steps: int, *commands: str) -> list[float]:
    """Return the rate of each command as gdb's own Python measures it. Raises RuntimeError."""
    lines = [_TIMED.format(command=command, steps=steps) for command in commands]
    options = [word for line in lines for word in ("-ex", line.rstrip("\n"))]
    done = subprocess.run(
        [words[0], "-q", "-nx", "-batch", *words[1:], *options], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=600,
    )  # fmt: skip
    found = [float(rate) for rate in _RATE.findall(done.stdout)]
    if len(found) != len(commands):
        raise RuntimeError(f"gdb did not measure: {(done.stdout + done.stderr)[-500:]}")
    return found


@contextmanager
def _served() -> Iterator[str]:
    """Serve two CPUs beside a patcher; yield the file of commands for gdb."""
    command = [sys.executable, "-m", "simulator.cli", "gdb", "basic", "--cpus", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout or ())
            yield next(line for line in lines if line.startswith("gdb -x ")).removeprefix("gdb -x ").strip()
        finally:
            process.terminate()


@contextmanager
def _emulated(qemu: str) -> Iterator[int]:
    """Start a QEMU with three CPUs that waits for gdb; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [qemu, "-S", "-gdb", f"tcp:127.0.0.1:{port}", "-display", "none", "-smp", "3", "-accel", "tcg"]
    with subprocess.Popen([*command, "-monitor", "none", "-serial", "none"], stderr=subprocess.DEVNULL) as process:
        try:
            _await(port)
            yield port
        finally:
            process.terminate()


def _await(port: int, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("QEMU does not listen")


if __name__ == "__main__":
    for name, rate, note in rates():
        print(f"{name:<34} {rate:>10,.0f}/s  {note}")
