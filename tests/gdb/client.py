"""A client of the remote protocol that says exactly what it is told to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NamedTuple

from simulator.gdb.packets import frame


class Stopped(NamedTuple):
    """A stop reply, taken apart."""

    signal: int
    thread: int
    reasons: dict[str, str]


class Client:
    """Connected, with acknowledgements turned off."""

    def __init__(self, port: int, *, quiet: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._pending = b""
        self.said: list[str] = []
        """What the server wanted printed."""
        if quiet:
            assert self.ask("QStartNoAckMode") == "OK"
            self.socket.sendall(b"+")

    def close(self) -> None:
        self.socket.close()

    def send(self, text: str | bytes) -> None:
        self.socket.sendall(frame(text.encode() if isinstance(text, str) else text))

    def ask(self, text: str | bytes) -> str:
        """Send a packet and return the answer; console output on the way is kept in ``said``."""
        self.send(text)
        return self.answer()

    def answer(self) -> str:
        for packet in self._packets():
            if packet.startswith("O") and packet != "OK":
                self.said.append(bytes.fromhex(packet[1:]).decode().rstrip("\n"))
            else:
                return packet
        raise ConnectionError("the server has left")

    def monitor(self, line: str) -> str:
        """Return what a monitor command prints."""
        self.said.clear()
        assert self.ask(f"qRcmd,{line.encode().hex()}") == "OK"
        return "\n".join(self.said)

    def go(self, text: str) -> Stopped:
        """Resume and return where it stopped."""
        self.said.clear()
        reply = self.ask(text)
        assert reply[0] == "T", reply
        fields = dict(part.split(":", 1) for part in reply[3:].rstrip(";").split(";"))
        thread = int(fields.pop("thread"), 16)
        reasons = {key: value for key, value in fields.items() if not key.isdigit() and key not in ("core", "10")}
        return Stopped(int(reply[1:3], 16), thread, reasons)

    def select(self, cpu: int) -> None:
        assert self.ask(f"Hg{cpu + 1:x}") == "OK"

    def register(self, number: int) -> int:
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    @property
    def rip(self) -> int:
        return self.register(16)

    def read(self, address: int, size: int) -> bytes:
        return bytes.fromhex(self.ask(f"m{address:x},{size:x}"))

    def position(self) -> int:
        """Return the number of the step."""
        return int(self.monitor("when").split("#")[1].split(",")[0].split("\n")[0])

    def _packets(self) -> Iterator[str]:
        while True:
            while b"#" not in self._pending or len(self._pending) < self._pending.index(b"#") + 3:
                data = self.socket.recv(1 << 16)
                if not data:
                    return
                self._pending += data
            body, _, rest = self._pending.lstrip(b"+-").partition(b"#")
            self._pending = rest[2:]
            assert frame(body[1:])[-2:] == rest[:2]
            yield body[1:].decode()
