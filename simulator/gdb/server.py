"""The socket: one client at a time, on loopback only. A client that goes away leaves the history as it is."""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import SimulatorError
from simulator.explore.history import Timeline
from simulator.gdb.handlers import Bye, answer
from simulator.gdb.packets import Reader, Signal, TooLong, frame
from simulator.gdb.session import Session
from simulator.report.words import Narrator

LOOPBACK = "127.0.0.1"
_PATIENCE = 10.0
"""Seconds that a client may take to read an answer."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Debuggee:
    """What a client can talk about."""

    narrator: Narrator
    timeline: Timeline
    replay: Callable[[], str]
    executable: str


class Server:
    """Listens from the start; ``port`` 0 takes any that is free."""

    def __init__(self, debuggee: Debuggee, port: int = 0) -> None:
        self.debuggee = debuggee
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise SimulatorError(f"cannot listen on {LOOPBACK}:{port}: {error}") from None
        self._socket.listen(1)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._socket.getsockname()[1])

    def serve(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Serve one client after another for as long as ``wanted`` says."""
        while wanted():
            if not select.select([self._socket], [], [], 0.2)[0]:
                continue
            client, _ = self._socket.accept()
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.settimeout(_PATIENCE)
                Connection(client, self.debuggee).talk()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


class Connection:
    """One client from its first packet to its last."""

    def __init__(self, client: socket.socket, debuggee: Debuggee) -> None:
        self._client, self._reader = client, Reader()
        self._waiting: list[bytes | Signal] = []
        self._gone = False
        self._session = Session(
            debuggee.narrator, debuggee.timeline, debuggee.replay, debuggee.executable, self._send, self._interrupted
        )

    def talk(self) -> None:
        """Answer until the client leaves, breaks the protocol, or the connection fails."""
        try:
            while not self._gone:
                if self._waiting:
                    self._answer(self._waiting.pop(0))
                else:
                    select.select([self._client], [], [])
                    self._receive()
        except Bye as bye:
            self._last_words(bye.reply)
        except (OSError, TooLong):
            return
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        """Drop the client, not the history: nothing that a client sends may end the server."""
        sys.stderr.write(f"kgraft-sim: {type(error).__name__}: {error}; the client was dropped, this is a bug\n")

    def _answer(self, item: bytes | Signal) -> None:
        acknowledged = self._session.acknowledged
        if item is Signal.DAMAGED:
            self._client.sendall(b"-" if acknowledged else frame(b"E01"))
        elif isinstance(item, bytes):
            if acknowledged:
                self._client.sendall(b"+")
            self._send(answer(self._session, item))

    def _send(self, data: bytes) -> None:
        self._client.sendall(frame(data))

    def _last_words(self, reply: bytes | None) -> None:
        try:
            if reply is not None:
                self._send(reply)
        except OSError:
            return

    def _receive(self) -> None:
        data = self._client.recv(_CHUNK)
        self._gone = not data
        self._waiting.extend(self._reader.feed(data))

    def _interrupted(self) -> bool:
        """Look at the connection while something runs: Ctrl-C, or nobody there any more."""
        if select.select([self._client], [], [], 0)[0]:
            self._receive()
        stop = Signal.INTERRUPT in self._waiting
        self._waiting = [item for item in self._waiting if item is not Signal.INTERRUPT]
        return stop or self._gone
