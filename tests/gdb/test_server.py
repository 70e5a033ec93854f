"""The server answers or drops a client; it never dies, never hangs, and listens on loopback only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import SimulatorError
from simulator.gdb.handlers import HANDLERS
from simulator.gdb.packets import LONGEST, frame
from simulator.gdb.server import Debuggee, Server
from tests.gdb.client import Client
from tests.gdb.conftest import Serve

_PREFIXES = [prefix for prefix, _ in HANDLERS if prefix not in (b"c", b"C", b"bc", b"vCont;")]
"""What runs on until something stops it is told to stop in a test of its own."""
_BODIES = st.builds(bytes.__add__, st.sampled_from([*_PREFIXES, b"vCont;s", b"vCont;r"]), st.binary(max_size=24))
_DIGITS = st.text("0123456789abcdef,:;=-", max_size=24).map(str.encode)
_NEARLY = st.builds(bytes.__add__, st.sampled_from([*_PREFIXES, b"vCont;s", b"vCont;r"]), _DIGITS)


def _alive(client: Client) -> bool:
    """Say whether a client that comes anew is served."""
    try:
        return client.ask("?").startswith("T05")
    finally:
        client.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.binary(max_size=40), _BODIES.map(frame), _NEARLY.map(frame)), max_size=12))
def test_no_client_ends_the_server_by_what_it_sends(serve: Serve, stream: list[bytes]) -> None:
    shown = _shared(serve)
    rude = socket.create_connection(("127.0.0.1", shown), timeout=20)
    rude.sendall(b"".join(stream))
    rude.close()
    assert _alive(Client(shown))


_PORTS: dict[Serve, int] = {}


def _shared(serve: Serve) -> int:
    """Return the port of one server for all examples of a test."""
    if serve not in _PORTS:
        _PORTS[serve] = serve().port
    return _PORTS[serve]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(_BODIES, _NEARLY).filter(lambda body: b"#" not in body and body[:1] not in b"Dk"))
def test_every_packet_is_answered(serve: Serve, body: bytes) -> None:
    client = Client(_shared(serve))
    try:
        assert client.ask(body) is not None
    finally:
        client.close()


def test_a_packet_without_end_is_dropped_with_its_client(serve: Serve) -> None:
    port = serve().port
    rude = socket.create_connection(("127.0.0.1", port), timeout=20)
    with pytest.raises(ConnectionError):
        for _ in range(1000):
            rude.sendall(b"$" + b"x" * LONGEST)
    rude.close()
    assert _alive(Client(port))


def test_a_damaged_packet_is_asked_for_again(serve: Serve) -> None:
    port = serve().port
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(b"$?#00")
    answer = client.recv(10)
    client.close()
    assert answer == b"-"


def test_ctrl_c_stops_what_would_run_for_ever(serve: Serve) -> None:
    client = serve().client()
    client.send("vCont;c")
    client.socket.sendall(b"\x03")
    answer = client.answer()
    client.close()
    assert answer.startswith("T02")


def test_who_leaves_while_something_runs_stops_it(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    client.send("vCont;c")
    client.close()
    assert _alive(shown.client())


@pytest.mark.parametrize("word", ["D", "k"])
def test_a_history_outlives_its_client(serve: Serve, word: str) -> None:
    shown = serve()
    client = shown.client()
    client.monitor("goto 33")
    client.send(word)
    client.close()
    again = shown.client()
    position = again.position()
    again.close()
    assert position == 33


def test_nobody_outside_this_machine_can_connect() -> None:
    server = Server(Debuggee(None, None, str, ""))  # type: ignore[arg-type]
    bound = server._socket.getsockname()[0]
    server.close()
    assert bound == "127.0.0.1"


def test_a_port_that_is_taken_is_one_line() -> None:
    taken = Server(Debuggee(None, None, str, ""))  # type: ignore[arg-type]
    try:
        with pytest.raises(SimulatorError, match=f"cannot listen on 127.0.0.1:{taken.port}: "):
            Server(Debuggee(None, None, str, ""), taken.port)  # type: ignore[arg-type]
    finally:
        taken.close()


def test_ctrl_c_ends_the_command_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulator.cli", "gdb", "basic"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as ran:
        assert ran.stdout is not None and ran.stderr is not None
        first = ran.stdout.readline()
        port = int(first.partition("127.0.0.1:")[2].partition(";")[0])
        alive = _alive(Client(port))
        ran.send_signal(signal.SIGINT)
        assert (ran.wait(20), ran.stderr.read(), alive, [*tmp_path.iterdir()]) == (0, "", True, [])
