"""What each packet of the GDB remote protocol means here: a table of prefixes and handlers.

The packets are those of GDB's manual, appendix E.2 to E.4. What is malformed gets ``E01``, what is unknown an empty
answer; a ``SimulatorError`` becomes an error in words.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.errors import SimulatorError
from simulator.explore.properties import INT3
from simulator.gdb import memory, monitor, target, threads
from simulator.gdb.packets import PACKET_SIZE, console, escape, unescape
from simulator.gdb.points import Point, Type
from simulator.gdb.resume import parse
from simulator.gdb.session import Session
from simulator.gdb.travel import TRAP, Stop
from simulator.machine.state import State

OK, UNKNOWN, BAD, NO_MEMORY = b"OK", b"", b"E01", b"E14"
SUPPORTED = (
    f"PacketSize={PACKET_SIZE:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:memory-map:read+;"
    "qXfer:exec-file:read+;swbreak+;hwbreak+;vContSupported+;ReverseStep+;ReverseContinue+"
).encode()
_POINTS = tuple(b"%d," % kind for kind in Type)


class Bye(Exception):
    """The client wants to end; the reply, if there is one, has been given."""

    def __init__(self, reply: bytes | None = None) -> None:
        super().__init__()
        self.reply = reply


def answer(session: Session, packet: bytes) -> bytes:
    """Return the answer to a packet. Raises Bye."""
    for prefix, handler in HANDLERS:
        if packet.startswith(prefix):
            try:
                return handler(session, packet[len(prefix) :])
            except SimulatorError as error:
                return b"E." + str(error).encode("ascii", "replace")
            except (ValueError, IndexError, OverflowError):
                return BAD
    return UNKNOWN


def _cpu_of(session: Session, text: bytes) -> int | None:
    """Return the CPU of a thread number; None for any and all. Raises ValueError."""
    number = int(text, 16)
    if number <= 0:
        return None
    if number > len(session.timeline.state.vcpus):
        raise ValueError(number)
    return number - 1


# questions -----------------------------------------------------------------------------------------------


def _supported(session: Session, rest: bytes) -> bytes:
    return SUPPORTED


def _no_acks(session: Session, rest: bytes) -> bytes:
    session.acknowledged = False
    return OK


def _ok(session: Session, rest: bytes) -> bytes:
    return OK


def _attached(session: Session, rest: bytes) -> bytes:
    return b"1"


def _current(session: Session, rest: bytes) -> bytes:
    return b"QC%x" % threads.thread_of(session.selected)


def _first_threads(session: Session, rest: bytes) -> bytes:
    count = len(session.timeline.state.vcpus)
    return b"m" + b",".join(b"%x" % threads.thread_of(cpu) for cpu in range(count))


def _no_more_threads(session: Session, rest: bytes) -> bytes:
    return b"l"


def _thread_info(session: Session, rest: bytes) -> bytes:
    cpu = _cpu_of(session, rest)
    if cpu is None:
        return BAD
    state = threads.state_of(session.narrator, session.timeline.state.vcpus[cpu])
    name = threads.name_of(session.narrator, cpu)
    return f"{name}: {state}".encode().hex().encode()


def _alive(session: Session, rest: bytes) -> bytes:
    return BAD if _cpu_of(session, rest) is None else OK


def _select(session: Session, rest: bytes) -> bytes:
    cpu = _cpu_of(session, rest[1:])
    if rest[:1] == b"c":
        session.locked = cpu
    elif rest[:1] == b"g":
        session.selected = session.selected if cpu is None else cpu
    else:
        return BAD
    return OK


def _why(session: Session, rest: bytes) -> bytes:
    return session.stopped(Stop(TRAP, session.selected))


def _transfer(session: Session, rest: bytes) -> bytes:
    """``object:read:annex:offset,length``: a document in pieces."""
    name, action, annex, span = rest.split(b":")
    if name == b"threads":
        session.passed = None  # gdb shows the stop to a person, who may want to go on from here
    offset, length = (int(number, 16) for number in span.split(b","))
    documents: dict[tuple[bytes, bytes], Callable[[], str]] = {
        (b"features", b"target.xml"): target.description,
        (b"threads", b""): lambda: threads.listing(session.narrator, session.timeline),
        (b"memory-map", b""): lambda: memory.memory_map(session.timeline.subject.machine),
        (b"exec-file", b""): lambda: session.executable,
    }
    found = documents.get((name, b"" if name == b"exec-file" else annex))
    if found is None or action != b"read":
        return UNKNOWN
    text = found().encode()
    piece = text[offset : offset + min(length, PACKET_SIZE // 2)]
    return (b"m" if offset + len(piece) < len(text) else b"l") + escape(piece)


# registers and memory ------------------------------------------------------------------------------------


def _read_registers(session: Session, rest: bytes) -> bytes:
    cpu = session.selected
    return target.read_all(session.timeline.state.vcpus[cpu], session.timeline.tracks[cpu]).encode()


def _read_register(session: Session, rest: bytes) -> bytes:
    number, cpu = int(rest, 16), session.selected
    if not 0 <= number < len(target.REGISTERS):
        return BAD
    return target.read(session.timeline.state.vcpus[cpu], session.timeline.tracks[cpu], number).encode()


def _write_register(session: Session, rest: bytes) -> bytes:
    digits, _, value = rest.partition(b"=")
    number = int(digits, 16)
    if not 0 <= number < len(target.REGISTERS):
        return BAD
    _set_registers(session, {number: bytes.fromhex(value.decode())})
    return OK


def _write_registers(session: Session, rest: bytes) -> bytes:
    values, at = {}, 0
    for number, register in enumerate(target.REGISTERS):
        digits = rest[at : at + register.bits // 4]
        at += register.bits // 4
        if digits and b"x" not in digits:
            values[number] = bytes.fromhex(digits.decode())
    session_cpu = session.timeline.state.vcpus[session.selected], session.timeline.tracks[session.selected]
    changed = {number: data for number, data in values.items() if data.hex() != target.read(*session_cpu, number)}
    _set_registers(session, changed)
    return OK


def _set_registers(session: Session, values: dict[int, bytes]) -> None:
    state, cpu = session.timeline.state, session.selected
    vcpu = state.vcpus[cpu]
    words = []
    if _skips_int3(session, values):
        session.notes.append(f"gdb wants to skip the INT3 at {session.narrator.where(vcpu.rip)}; it is executed")
        return
    for number, data in values.items():
        changed = target.write(vcpu, number, data)
        if changed is None:
            raise SimulatorError(f"{target.REGISTERS[number].name} cannot be set")
        vcpu = changed
        words.append(f"{target.REGISTERS[number].name} of vCPU{cpu} = {int.from_bytes(data, 'little'):#x}")
    vcpus = (*state.vcpus[:cpu], vcpu, *state.vcpus[cpu + 1 :])
    session.edit(State(state.memory, vcpus), ", ".join(words))


def _skips_int3(session: Session, values: dict[int, bytes]) -> bool:
    """Say whether gdb is about to step over a breakpoint by itself that it takes for one of its own.

    Where there is an INT3 in memory when a breakpoint is set, gdb calls that breakpoint permanent, and continues from
    it by adding one to RIP. Here the INT3 belongs to the patcher, and what comes of it is what one wants to see.
    """
    here = session.timeline.state.vcpus[session.selected].rip
    wanted = {target.RIP_REGISTER: (here + 1).to_bytes(8, "little")}
    known = here in session.points or here in session.armed
    there = memory.read(session.timeline.subject.machine, session.timeline.state, here, 1)
    return known and values == wanted and there == INT3


def _read_memory(session: Session, rest: bytes) -> bytes:
    address, size = (int(number, 16) for number in rest.split(b","))
    size = min(size, PACKET_SIZE // 2)
    subject, state = session.timeline.subject, session.timeline.state
    if session.desk.view is None:
        data = memory.read(subject.machine, state, address, size)
    else:
        data = memory.read_as(subject, state, session.desk.view, address, size)
    return data.hex().encode() if data or not size else NO_MEMORY


def _write_hex(session: Session, rest: bytes) -> bytes:
    span, _, data = rest.partition(b":")
    return _write_memory(session, span, bytes.fromhex(data.decode()))


def _write_binary(session: Session, rest: bytes) -> bytes:
    span, _, data = rest.partition(b":")
    return _write_memory(session, span, unescape(data))


def _write_memory(session: Session, span: bytes, data: bytes) -> bytes:
    address, size = (int(number, 16) for number in span.split(b","))
    if len(data) != size:
        return BAD
    if not data:
        return OK
    changed = memory.write(session.timeline.subject.machine, session.timeline.state, address, data)
    if isinstance(changed, str):
        raise SimulatorError(f"cannot write to {session.narrator.where(address)}: {changed}")
    session.edit(changed, f"{data.hex(' ')} at {session.narrator.where(address)}")
    return OK


# points and motion ---------------------------------------------------------------------------------------


def _set_point(session: Session, rest: bytes) -> bytes:
    if not rest.startswith(_POINTS):
        return UNKNOWN
    session.points = session.points.set(_point(rest))
    return OK


def _clear_point(session: Session, rest: bytes) -> bytes:
    if not rest.startswith(_POINTS):
        return UNKNOWN
    session.points = session.points.clear(_point(rest))
    return OK


def _point(rest: bytes) -> Point:
    kind, address, size = rest.partition(b";")[0].split(b",")
    return Point(Type(int(kind, 16)), int(address, 16), max(int(size, 16), 1))


def _actions(session: Session, rest: bytes) -> bytes:
    return b"vCont;c;C;s;S;r"


def _resume(session: Session, packet: bytes) -> bytes:
    request = parse(packet, session.locked, len(session.timeline.state.vcpus))
    if request is None:
        return BAD
    landed, session.landed = session.landed, False
    if landed and not request.step and not request.back:
        return session.stopped(Stop(TRAP, session.selected))
    return session.resume(request)


def _monitor(session: Session, rest: bytes) -> bytes:
    line = bytes.fromhex(rest.decode()).decode("utf-8", "replace")
    notes, session.notes, session.passed = session.notes, [], None
    try:
        text = monitor.run(session.desk, line)
    except SimulatorError as error:
        text = str(error)
    for each in (*notes, *text.splitlines()):
        session.say(console(each))
    return OK


def _run(session: Session, rest: bytes) -> bytes:
    """``vRun;file;argument``: the argument is the number of the step to go to; without one, the beginning."""
    words = [bytes.fromhex(word.decode()).decode("ascii", "replace") for word in rest.split(b";")[1:]]
    wanted = words[0] if words else "0"
    if not wanted.isdecimal() or len(wanted) > 9:
        return BAD
    session.timeline.goto(int(wanted))
    session.landed = True
    session.selected = 0  # gdb numbers the threads anew from the one that is told first
    return session.stopped(Stop(TRAP, session.selected))


def _detach(session: Session, rest: bytes) -> bytes:
    raise Bye(OK)


def _kill(session: Session, rest: bytes) -> bytes:
    raise Bye


Handler = Callable[[Session, bytes], bytes]


def _whole(letter: bytes) -> Handler:
    return lambda session, rest: _resume(session, letter + rest)


HANDLERS: tuple[tuple[bytes, Handler], ...] = (
    (b"qSupported", _supported), (b"QStartNoAckMode", _no_acks), (b"qAttached", _attached), (b"qC", _current),
    (b"qXfer:", _transfer), (b"qfThreadInfo", _first_threads), (b"qsThreadInfo", _no_more_threads),
    (b"qThreadExtraInfo,", _thread_info), (b"qRcmd,", _monitor), (b"vCont?", _actions), (b"vCont;", _whole(b"vCont;")),
    (b"vRun;", _run), (b"vKill;", _ok), (b"?", _why), (b"!", _ok), (b"H", _select), (b"T", _alive),
    (b"g", _read_registers), (b"G", _write_registers), (b"p", _read_register), (b"P", _write_register),
    (b"m", _read_memory), (b"M", _write_hex), (b"X", _write_binary), (b"Z", _set_point), (b"z", _clear_point),
    (b"bs", _whole(b"bs")), (b"bc", _whole(b"bc")), (b"c", _whole(b"c")), (b"C", _whole(b"C")),
    (b"s", _whole(b"s")), (b"S", _whole(b"S")), (b"D", _detach), (b"k", _kill),
)  # fmt: skip
"""The first prefix that fits decides."""
