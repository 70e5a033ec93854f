"""Stepping through the gdb remote protocol, packet by packet, forwards and backwards."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

STEPS = 3_000
_CPUS = 2
"""They execute for ever and are stepped in turn; the patcher, which ends, runs beside them."""
_PORT = re.compile(r"127\.0\.0\.1:(\d+)")


class Client:
    """Sends a packet and waits for its answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.SOL_TCP, socket.TCP_NODELAY, 1)
        self._pending = b""
        self.ask(b"QStartNoAckMode")

    def close(self) -> None:
        """Go away."""
        self._socket.close()

    def ask(self, packet: bytes) -> bytes:
        """Return the answer, without what gdb would print on the way. Raises ConnectionError."""
        self._socket.sendall(b"$%b#%02x" % (packet, sum(packet) & 0xFF))
        while True:
            answer = self._packet()
            if not answer.startswith(b"O") or answer == b"OK":
                return answer

    def _packet(self) -> bytes:
        while (end := self._pending.find(b"#")) < 0 or len(self._pending) < end + 3:
            data = self._socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the gdb server has left")
            self._pending += data
        packet, self._pending = self._pending[:end], self._pending[end + 3 :]
        return packet.lstrip(b"+-").removeprefix(b"$")


def rates(steps: int = STEPS) -> Iterator[tuple[str, float, int]]:
    """Yield a name, steps per second, and how many there were: never taken before; then one CPU's, backwards."""
    with _served() as client:
        forwards = [b"vCont;s:%x" % (1 + number % _CPUS) for number in range(steps)]
        yield "steps by the gdb protocol, forwards", *_rate(client, forwards)
        yield "steps by the gdb protocol, backwards", *_rate(client, [b"bs"] * steps)


def _rate(client: Client, packets: list[bytes]) -> tuple[float, int]:
    """Return steps per second and their number: all, or those up to the beginning of the history."""
    taken, started = 0, time.perf_counter()
    for packet in packets:
        answer = client.ask(packet)
        if not answer.startswith(b"T"):
            raise RuntimeError(f"{packet!r} was answered by {answer!r}")
        if b"replaylog:begin" in answer:
            break
        taken += 1
    return taken / (time.perf_counter() - started), taken


@contextmanager
def _served() -> Iterator[Client]:
    command = [sys.executable, "-u", "-m", "simulator.cli", "gdb", "basic", "--cpus", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        client = Client(_port(process))
        try:
            yield client
        finally:
            client.close()
    finally:
        process.terminate()
        process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    said = ""
    for line in process.stdout or ():
        said += line
        found = _PORT.search(line)
        if found is not None:
            return int(found[1])
    raise RuntimeError(f"the gdb server did not start: {said}")
