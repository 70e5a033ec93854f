"""gdb itself, in batch mode, along histories that are served to it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.x86.decode import disassemble
from tests.gdb.conftest import PATCHED, TORN, Serve, Served, built, counterexample, into_the_handler

needs_gdb = pytest.mark.skipif(
    shutil.which("gdb") is None and os.environ.get("CI") != "true", reason="gdb is not installed"
)
pytestmark = needs_gdb

Gdb = Callable[..., str]


@pytest.fixture
def gdb(tmp_path: Path) -> Gdb:
    """Run commands in gdb on a history; return what it prints."""

    def run(shown: Served, *commands: str) -> str:
        script = tmp_path / "commands"
        script.write_text("set width 0\n" + "\n".join(commands) + "\n")
        words = ["gdb", "-q", "-nx", "-batch", "-x", str(shown.commands()), "-x", str(script)]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        return done.stdout

    return run


def parts(output: str) -> list[str]:
    """Cut what gdb prints at the lines ``----``."""
    return output.split("----\n")


def iretq() -> int:
    """Return the address of the IRETQ that ends the #BP handler."""
    image = built(PATCHED).image
    entry = image.symbols.by_name("entry_bp")
    code = disassemble(image.read(entry.address, entry.size), entry.address)
    return next(item.address for item in code if item.text == "iretq")


def test_one_session_from_the_breakpoint_to_who_wrote_it(serve: Serve, gdb: Gdb) -> None:
    """Break at the patched function; into the #BP handler while the patcher is in its third step; who poked this?"""
    output = gdb(
        serve(PATCHED, into_the_handler()),
        "break *sys_read_slot", "continue", "echo ----\\n",
        "break int3_emulate", "continue", "info threads", "backtrace", "echo ----\\n",
        "delete", "watch *(unsigned char *)sys_read_slot", "reverse-continue", "x/5xb sys_read_slot", "echo ----\\n",
    )  # fmt: skip
    arrived, handler, written, _ = parts(output)
    assert 'Thread 1 "vCPU0" hit Breakpoint 1, sys_read_slot (index=' in arrived
    assert 'Thread 1 "vCPU0" hit Breakpoint 2, int3_emulate (regs=' in handler
    assert re.search(r'"vCPU1" .*\n.*"vCPU2 \(patcher\)" \(in step 3\. sync cores \(ipi\)', handler)
    assert re.search(
        r"#0  int3_emulate .*poke\.c:\d+\n#1  <signal handler called>\n#2 .* in sys_read_slot .*kernel\.c:\d+\n",
        handler,
    )
    assert "vCPU2 (patcher): cc visible at sys_read_slot+0x0" in written
    assert "Old value = 204" in written and "New value = 15" in written
    assert "0x0f\t0x1f\t0x44\t0x00\t0x00" in written


def test_an_iret_is_stepped_over_backwards_and_forwards_to_the_same_registers(serve: Serve, gdb: Gdb) -> None:
    shown = "info registers"
    output = gdb(
        serve(PATCHED, into_the_handler()),
        f"break *{iretq():#x}", "continue", "continue", "delete", "echo ----\\n",
        shown, "echo ----\\n", "stepi", "echo ----\\n", shown, "echo ----\\n",
        "reverse-stepi", "echo ----\\n", shown, "echo ----\\n", "stepi", "echo ----\\n", shown, "echo ----\\n",
    )  # fmt: skip
    _, before, _, after, _, back, _, again, _ = parts(output)
    assert "entry_bp" in before and "entry_bp" not in after
    assert (back, again) == (before, after)


def test_symbols_come_without_a_file_being_named(serve: Serve, tmp_path: Path) -> None:
    words = [
        "gdb",
        "-q",
        "-nx",
        "-batch",
        "-ex",
        f"target remote 127.0.0.1:{serve().port}",
        "-ex",
        "info line sys_read_slot",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert re.search(r'Line \d+ of "guest_kernels/syscalls/kernel.c" starts at address 0x', done.stdout)


def test_the_source_of_the_guest_is_shown(serve: Serve, gdb: Gdb) -> None:
    assert "18\tint (*int3_handler)(struct pt_regs *regs)" in gdb(serve(), "list poke.c:18")


def test_a_step_of_the_protocol_has_a_name(serve: Serve, gdb: Gdb) -> None:
    output = gdb(serve(), "break *&step_3", "continue", "print $pc")
    assert 'Thread 3 "vCPU2 (patcher)" hit Breakpoint 1' in output


def test_a_violation_stops_with_the_reason_in_words(serve: Serve, gdb: Gdb) -> None:
    output = gdb(serve(TORN, counterexample(TORN)), "continue")
    assert re.search(r"VIOLATION: #\d+ integrity \(torn\): vCPU0 executed .*: neither old, INT3 nor new", output)
    assert "received signal SIGABRT" in output


def test_own_registers_show_by_name(serve: Serve, gdb: Gdb) -> None:
    assert "$1 = 0\n$2 = -1\n" in gdb(serve(), "print $nmi_masked", "print $universe")


def test_a_write_forks_the_history_and_gdb_says_so(serve: Serve, gdb: Gdb) -> None:
    output = gdb(serve(), "stepi 5", "reverse-stepi", "set $rax = 77", "print $rax", "stepi")
    assert "$1 = 77" in output
    assert re.search(r"forked at #\d+: rax of vCPU0 = 0x4d; the \d+ steps? known before are gone", output)


def test_run_goes_to_a_step(serve: Serve, gdb: Gdb) -> None:
    assert "\nat #42" in gdb(serve(), "run 42", "monitor when")


def test_threads_keep_their_numbers_when_run_goes_to_a_step(serve: Serve, gdb: Gdb) -> None:
    output = gdb(serve(), "thread 2", "run 42", "info threads")
    assert re.findall(r'^\*?\s+(\d+)\s+Thread \d+ "(vCPU\d)', output, re.MULTILINE) == [
        ("1", "vCPU0"), ("2", "vCPU1"), ("3", "vCPU2"),
    ]  # fmt: skip


def test_goto_shows_the_registers_of_that_step(serve: Serve, gdb: Gdb) -> None:
    output = gdb(serve(), "print $pc", "stepi 20", "goto 0", "print $pc")
    first, second = re.findall(r"\$\d = .* (<.*>)", output)
    assert first == second


def test_breakpoints_do_not_change_what_happens(serve: Serve, gdb: Gdb) -> None:
    """Whoever sets breakpoints, gets the same schedule; gdb steps over each of them."""
    shown = serve()
    output = gdb(shown, "break *sys_read_slot", "continue", "continue", "continue", "continue", "monitor replay")
    free = serve()
    free.timeline.goto(shown.timeline.position)
    assert free.walk.replay() in output
    assert output.count("hit Breakpoint 1") == 4


def test_a_breakpoint_on_the_int3_of_the_patcher_is_continued_from(serve: Serve, gdb: Gdb) -> None:
    """gdb takes it for a breakpoint that somebody compiled in, and would add one to RIP."""
    shown = serve()
    output = gdb(
        shown, "watch *(unsigned char *)sys_read_slot", "continue", "delete", "break *sys_read_slot", "continue",
        "break int3_emulate", "continue", "continue",
    )  # fmt: skip
    assert 'Thread 1 "vCPU0" hit Breakpoint 3, int3_emulate' in output
    assert shown.timeline.edits == ()


def test_scheduler_locking_holds_the_others(serve: Serve, gdb: Gdb) -> None:
    shown = serve()
    gdb(shown, "thread 2", "set scheduler-locking on", "stepi 7")
    assert {choice.cpu for choice in shown.timeline.choices()} == {1}


def test_a_function_is_finished_forwards_and_backwards(serve: Serve, gdb: Gdb) -> None:
    """Other CPUs run through gdb's own breakpoints meanwhile."""
    mark = "echo ----\\n"
    output = gdb(
        serve(), "tbreak *sys_read_slot", "continue", mark, "finish", mark, "next", mark,
        "tbreak *do_syscall", "continue", mark, "reverse-finish",
    )  # fmt: skip
    arrived, finished, after, _, called = parts(output)
    assert "sys_read_slot (index=4)" in arrived
    assert "Value returned is" in finished and "attack ()" in finished
    assert "workload_attacker ()" in after
    assert "attack ()" in called


def test_gdb_can_be_started_and_ends_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator.cli", "gdb", "basic", "--launch"],
        input="info threads\nquit\n", capture_output=True, text=True, timeout=120,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, [*tmp_path.iterdir()]) == (0, [])
    assert '"vCPU1 (patcher)"' in done.stdout
