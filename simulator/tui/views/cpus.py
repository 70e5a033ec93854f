"""The CPUs: where each stands, what it is about to do, what its last step changed, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from simulator.explore.simulate import TraceStep
from simulator.machine.memory import read_cells
from simulator.machine.vcpu import IF, VCpu
from simulator.report.options import stored
from simulator.report.words import disassembled, vector_name
from simulator.tui.scene import Scene
from simulator.tui.views.style import lines, window
from simulator.x86.decode import decode
from simulator.x86.registers import FLAG_NAMES, GENERAL

_LEAST = 2
"""Lines for a CPU that nobody follows, where there is little room."""
_FLAGS = frozenset({"CF", "ZF", "SF", "OF", "IF", "DF"})
_AHEAD = 12
"""Instructions listed from where a CPU stands, at most."""
_LONGEST = 15
_WIDE = 64
"""Columns from which on there is room for eight bytes of an instruction; below, for five."""
_ENOUGH = 6
"""Lines beside them from which on the followed CPU shows all of its registers."""
_CELL = 25
"""Columns of a register with its name."""
_SMALL, _NEAR = 1 << 32, 1 << 12
"""Below the first a register is shown as a number, closer than the second as a difference."""


def cpus(scene: Scene, width: int, height: int) -> Text:
    """Return every CPU, the followed one with the most lines; where there is no room, those around it."""
    shown = _shown(scene, height)
    rooms = _rooms(shown, scene.followed, height)
    return lines((line for cpu in shown for line in _cpu(scene, cpu, rooms[cpu], width)), width, height)


def heading(scene: Scene, height: int) -> str:
    """Return the title of the pane, which says how many CPUs it has no room for."""
    left_out = len(scene.state.vcpus) - len(_shown(scene, height))
    return f"CPUs ({left_out} more: z enlarges, Tab follows)" if left_out else "CPUs"


def _shown(scene: Scene, height: int) -> list[int]:
    focus = scene.followed if scene.followed is not None else (scene.last.choice.cpu if scene.last else 0)
    return [*window(len(scene.state.vcpus), focus, max(height // _LEAST, 1))]


def _rooms(shown: list[int], followed: int | None, height: int) -> dict[int, int]:
    if followed in shown:
        least = min(3, height // len(shown)) if height >= 3 * len(shown) + 3 else _LEAST
        rest = height - least * (len(shown) - 1)
        return {cpu: rest if cpu == followed else least for cpu in shown}
    each, over = divmod(height, len(shown))
    return {cpu: each + (place < over) for place, cpu in enumerate(shown)}


def _cpu(scene: Scene, cpu: int, room: int, width: int) -> Iterator[Text]:
    """Yield exactly ``room`` lines, the most telling ones where there are few."""
    vcpu = scene.state.vcpus[cpu]
    here, *onwards = _listing(scene, vcpu, max(min(room, _AHEAD), 1), 8 if width >= _WIDE else 5)
    waits, changed, source = _waiting(scene, vcpu), _changed(scene, scene.last_of(cpu)), _source(scene, vcpu)
    top, bottom = [_title(scene, vcpu), here], list[Text]()
    for part in (waits, changed):
        if part is not None and len(top) + len(bottom) < room:
            bottom.append(part)
    registers = _registers(vcpu, width) if scene.followed == cpu else []
    if room >= len(registers) + _ENOUGH:
        bottom += registers
    if source is not None and len(top) + len(bottom) < room:
        top.insert(1, source)
    found = [*top, *onwards[: room - len(top) - len(bottom)], *bottom]
    yield from (*found[:room], *[Text()] * (room - len(found)))


def _title(scene: Scene, vcpu: VCpu) -> Text:
    followed, moved = scene.followed == vcpu.number, scene.last is not None and scene.last.choice.cpu == vcpu.number
    text = Text("> " if moved else "  ", style="bold")
    text.append(scene.called(vcpu.number), style="reverse bold" if followed else "bold")
    text.append(f" {scene.narrator.where(vcpu.rip)}")
    for word in _states(vcpu):
        text.append(f" [{word}]", style="yellow")
    return text


def _states(vcpu: VCpu) -> Iterator[str]:
    if vcpu.shutdown:
        yield "shut down"
    if vcpu.halted:
        yield "halted"
    yield from (vector_name(vector) for vector in vcpu.in_service)
    if vcpu.nmi_blocked:
        yield "NMIs blocked"
    if not vcpu.rflags & IF:
        yield "IF=0"
    elif vcpu.shadow:
        yield "behind STI"


def _listing(scene: Scene, vcpu: VCpu, count: int, most: int) -> list[Text]:
    """Return the instructions from RIP on: the first with what it is about to do, the rest as memory has them."""
    found, address = list[Text](), vcpu.rip
    for number in range(count):
        code = read_cells(scene.machine.boot, scene.state.memory, address, _LONGEST)
        instruction = decode(code, address)
        code = code[: instruction.length] if instruction is not None else code[:1]
        text = disassembled(scene.narrator.image, code, address)
        if number == 0:
            found.append(_next(scene, vcpu, f"{_short(code, most)} {text}"))
        else:
            found.append(Text(f"       {_short(code, most)} {text}", style="dim"))
        address += len(code)
    return found


def _next(scene: Scene, vcpu: VCpu, text: str) -> Text:
    mine = [option for option in scene.options if option.choice.cpu == vcpu.number]
    site = scene.narrator.site_at(vcpu.rip)
    if site is None or not mine:
        idle = "" if mine else "  (waits)"
        return Text(f"    => {text}{idle}", style="bold")
    ways = " or ".join(option.text for option in mine if option.choice.kind in "xf")
    return Text(f"    => at the site: {ways or 'waits for its own stores'}", style="bold")


def _short(code: bytes, most: int) -> str:
    text = code.hex(" ") if len(code) <= most else code[: most - 1].hex(" ") + " .."
    return text.ljust(3 * most)


def _source(scene: Scene, vcpu: VCpu) -> Text | None:
    place = scene.narrator.image.source(vcpu.rip)
    if place is None:
        return None
    text = (scene.narrator.image.source_text(vcpu.rip) or "").strip()
    return Text(f"    {place.rpartition('/')[2]}  {text}", style="italic")


def _waiting(scene: Scene, vcpu: VCpu) -> Text | None:
    words = [f"{vector_name(vector)} pending" for vector in vcpu.requested] + ["NMI pending"] * vcpu.nmi_pending
    words += [
        f"{stored(scene.narrator, chunk.address, chunk.data)} in store buffer"
        for store in vcpu.stores
        for chunk in store
    ]
    return Text("    " + "; ".join(words), style="yellow") if words else None


def _registers(vcpu: VCpu, width: int) -> list[Text]:
    """Return all registers, as many beside each other as there is room for."""
    values = {"rip": vcpu.rip, **dict(zip(GENERAL, vcpu.general, strict=True)), "rflags": vcpu.rflags}
    cells = [f"{name:>6} {value:016x}".ljust(_CELL) for name, value in values.items()]
    across = max(width // _CELL, 1)
    return [Text("".join(cells[at : at + across])) for at in range(0, len(cells), across)]


def _changed(scene: Scene, step: TraceStep | None) -> Text | None:
    """Return what a CPU's last step changed in its registers."""
    if step is None:
        return None
    before, after = (state.vcpus[step.choice.cpu] for state in (step.before, step.after))
    words = [
        _change(scene, name, old, new)
        for name, old, new in zip(GENERAL, before.general, after.general, strict=True)
        if old != new
    ]
    flags = [
        ("+" if after.rflags & bit else "-") + name
        for name, bit in FLAG_NAMES
        if name in _FLAGS and (before.rflags ^ after.rflags) & bit
    ]
    text = ", ".join([*words, *([" ".join(flags)] if flags else [])])
    return Text(f"    #{step.number}: {text or 'no register changed'}")


def _change(scene: Scene, name: str, old: int, new: int) -> str:
    """Return a register's change in few characters: of an address the name, or by how much it moved."""
    if new < _SMALL:
        return f"{name} {old:#x} -> {new:#x}" if old < _SMALL else f"{name} = {new:#x}"
    if abs(new - old) < _NEAR:
        return f"{name} {'+' if new > old else '-'}{abs(new - old):#x}"
    return f"{name} = {scene.narrator.variable(new)}"
