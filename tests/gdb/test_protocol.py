"""What a client may ask, packet by packet."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from simulator.cli.walk import follow
from simulator.gdb.points import STEPS
from simulator.gdb.target import REGISTERS
from simulator.machine.choice import Kind
from tests.gdb.client import Client, Stopped
from tests.gdb.conftest import PATCHED, TORN, Serve, built, counterexample, into_the_handler

NUMBER = {register.name: number for number, register in enumerate(REGISTERS)}


def address(name: str) -> int:
    return built(PATCHED).image.address(name)


def site() -> int:
    return built(PATCHED).sites[0].address


# questions -----------------------------------------------------------------------------------------------


def test_reverse_execution_and_breakpoint_reasons_are_offered(client: Client) -> None:
    offered = client.ask("qSupported:multiprocess+;swbreak+").split(";")
    assert {"ReverseStep+", "ReverseContinue+", "swbreak+", "hwbreak+", "QStartNoAckMode+"} <= {*offered}


@pytest.mark.parametrize("packet", ["vMustReplyEmpty", "qTStatus", "QNonStop:1", "jThreads", "Z5,1000,1", "z5,1000,1"])
def test_what_is_unknown_is_answered_by_nothing(client: Client, packet: str) -> None:
    assert client.ask(packet) == ""


def test_every_vcpu_is_a_thread_with_a_name(client: Client) -> None:
    threads = ElementTree.fromstring(client.ask("qXfer:threads:read::0,1000")[1:])
    assert [thread.get("name") for thread in threads] == ["vCPU0", "vCPU1", "vCPU2 (patcher)"]


def test_threads_can_be_listed_the_old_way(client: Client) -> None:
    assert (client.ask("qfThreadInfo"), client.ask("qsThreadInfo")) == ("m1,2,3", "l")


def test_a_thread_says_what_it_is_doing(client: Client) -> None:
    client.monitor("goto 40")
    assert "in step 3. sync cores (ipi)" in bytes.fromhex(client.ask("qThreadExtraInfo,3")).decode()


def test_a_thread_that_is_not_there_is_not_alive(client: Client) -> None:
    assert (client.ask("T3"), client.ask("T4"), client.ask("Hg4")) == ("OK", "E01", "E01")


def test_a_document_can_be_read_in_pieces(client: Client) -> None:
    whole = client.ask("qXfer:features:read:target.xml:0,4000")
    pieces, at = "", 0
    while True:
        piece = client.ask(f"qXfer:features:read:target.xml:{at:x},100")
        pieces, at = pieces + piece[1:], at + len(piece) - 1
        if piece[0] == "l":
            break
    assert pieces == whole[1:]


def test_the_target_description_has_the_bits_that_g_has(client: Client) -> None:
    target = ElementTree.fromstring(client.ask("qXfer:features:read:target.xml:0,4000")[1:])
    bits = sum(int(register.get("bitsize", "")) for register in target.iter("reg"))
    assert len(client.ask("g")) == bits // 4


def test_the_memory_map_covers_what_can_be_read(client: Client) -> None:
    areas = ElementTree.fromstring(client.ask("qXfer:memory-map:read::0,4000")[1:])
    spans = [(int(area.get("start", ""), 16), int(area.get("length", ""), 16)) for area in areas]
    assert any(start <= site() < start + length for start, length in spans)


def test_the_executable_is_named(client: Client) -> None:
    with open(client.ask("qXfer:exec-file:read:1:0,1000")[1:], "rb") as file:
        assert file.read(4) == b"\x7fELF"


# registers and memory ------------------------------------------------------------------------------------


def test_each_cpu_has_its_own_registers(client: Client) -> None:
    client.select(0)
    first = client.register(NUMBER["gs_base"])
    client.select(1)
    assert client.register(NUMBER["gs_base"]) != first


def test_a_register_that_is_set_forks_the_history_and_that_is_said(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    client.monitor("goto 30")
    client.monitor("goto 20")
    client.select(1)
    assert client.ask(f"P{NUMBER['rax']:x}={0x1234:016x}") == "OK"
    value = client.register(NUMBER["rax"])
    told = client.monitor("when")
    client.close()
    assert (value, shown.timeline.known, shown.timeline.forked_at) == (0x3412000000000000, 20, 20)
    assert "forked at #20: rax of vCPU1 = 0x3412000000000000; the 10 steps known before are gone" in told


def test_all_registers_can_be_set_at_once(client: Client) -> None:
    registers = client.ask("g")
    assert client.ask("G" + f"{7:02x}" + registers[2:]) == "OK"
    assert client.ask("g") == "07" + registers[2:]


@pytest.mark.parametrize("name", ["st0", "cs", "universe"])
def test_a_register_that_cannot_be_set_says_so(client: Client, name: str) -> None:
    size = REGISTERS[NUMBER[name]].bits // 4
    assert client.ask(f"P{NUMBER[name]:x}={'0' * size}") == f"E.{name} cannot be set"


def test_masked_nmis_show_in_a_register(serve: Serve) -> None:
    shown = serve("nested-nmi")
    client = shown.client()
    client.monitor("take 0a")
    client.select(0)
    masked = client.register(NUMBER["nmi_masked"])
    client.close()
    assert masked == 1


def test_memory_is_what_the_machine_has(client: Client) -> None:
    assert client.read(site(), 5) == built(PATCHED).subject.watch.sites[0].versions[0]


def test_where_there_is_no_memory_nothing_is_read(client: Client) -> None:
    assert client.ask("m10,8") == "E14"


def test_a_read_that_leaves_memory_is_cut_short(client: Client) -> None:
    end = max(region.end for region in built(PATCHED).subject.machine.boot.regions)
    assert len(client.read(end - 4, 16)) == 4


def test_memory_that_is_written_forks_the_history(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    client.monitor("goto 9")
    client.monitor("goto 5")
    assert client.ask(f"M{site():x},1:90") == "OK"
    assert (client.read(site(), 1), shown.timeline.known) == (b"\x90", 5)
    client.close()


def test_a_private_stack_can_be_written(client: Client) -> None:
    client.go("vCont;s:2;c")
    rsp = client.register(NUMBER["rsp"])
    assert client.ask(b"X%x,2:\x41}\x03" % rsp) == "OK"
    assert client.read(rsp, 2) == b"A#"


def test_text_that_never_changes_cannot_be_written(client: Client) -> None:
    assert "never changes" in client.ask(f"M{address('startup_64'):x},1:90")


def test_memory_can_be_seen_as_a_cpu_would_fetch_it(serve: Serve) -> None:
    client = serve().client()
    client.ask(f"Z2,{site():x},1")
    client.go("vCont;c")
    client.monitor("view 0")
    as_fetched = client.read(site(), 1)
    client.monitor("view memory")
    as_it_is = client.read(site(), 1)
    client.close()
    assert (as_fetched, as_it_is) == (b"\x0f", b"\xcc")


# stepping ------------------------------------------------------------------------------------------------


def test_a_step_moves_the_cpu_that_is_named(client: Client) -> None:
    client.select(1)
    before = client.rip
    stopped = client.go("vCont;s:2;c")
    assert (stopped, client.rip != before) == (Stopped(5, 2, {}), True)


def test_the_thread_that_stopped_is_selected(client: Client) -> None:
    client.select(0)
    client.go("vCont;s:3;c")
    expected = client.rip
    client.select(2)
    assert client.rip == expected


def test_stepping_back_and_forth_comes_to_the_same_registers(client: Client) -> None:
    client.monitor("goto 150")
    client.select(0)
    seen = []
    for packet in ("vCont;s:1;c", "vCont;s:1;c", "bs", "vCont;s:1;c"):
        client.go(packet)
        seen.append(client.ask("g"))
    assert seen[1] == seen[3] != seen[2]


def test_at_the_beginning_there_is_nothing_to_go_back_to(client: Client) -> None:
    assert client.go("bc").reasons == {"replaylog": "begin"}


def test_a_range_is_left_in_one_go(client: Client) -> None:
    client.select(1)
    low, high = address("startup_64"), address("startup_64") + 0x30
    client.go(f"vCont;r{low:x},{high:x}:2;c")
    assert not low <= client.rip < high


def test_scheduler_locking_keeps_the_others_still(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    for _ in range(5):
        client.go("vCont;s:2")
    client.close()
    assert {choice.cpu for choice in shown.timeline.choices()} == {1}


def test_scheduler_locking_does_not_change_a_schedule(serve: Serve) -> None:
    schedule = counterexample(TORN)
    shown = serve(TORN, schedule)
    client = shown.client()
    while shown.timeline.position < len(schedule):
        client.go("vCont;s:2")
    client.close()
    assert shown.timeline.choices() == schedule


def test_run_jumps_to_a_step_and_does_not_run_on(client: Client) -> None:
    client.go(f"vRun;;{b'42'.hex()}")
    client.go("vCont;c")
    assert client.position() == 42


# breakpoints and watchpoints -----------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "reason"), [(0, "swbreak"), (1, "hwbreak")])
def test_a_breakpoint_stops_whoever_arrives(client: Client, kind: int, reason: str) -> None:
    client.ask(f"Z{kind},{site():x},1")
    stopped = client.go("vCont;c")
    assert (stopped.reasons, client.rip) == ({reason: ""}, site())


def test_a_breakpoint_that_is_cleared_stops_nobody(serve: Serve) -> None:
    schedule = counterexample(TORN)
    client = serve(TORN, schedule).client()
    place = built(TORN).sites[0].address
    client.ask(f"Z0,{place:x},1")
    client.ask(f"z0,{place:x},1")
    signal = client.go("vCont;c").signal
    client.close()
    assert signal == 6


def test_breakpoints_are_not_in_memory(client: Client) -> None:
    before = client.read(site(), 5)
    client.ask(f"Z0,{site():x},1")
    assert client.read(site(), 5) == before


def test_who_is_at_a_breakpoint_is_not_stopped_there_again(client: Client) -> None:
    client.ask(f"Z0,{site():x},1")
    first = client.go("vCont;c")
    at = client.position()
    again = client.go("vCont;c")
    assert (again.thread, client.position() > at) == ({1: 2, 2: 1}[first.thread], True)


def test_breakpoints_do_not_change_what_happens(serve: Serve) -> None:
    """gdb steps a thread over a breakpoint alone, with the breakpoint taken away."""
    free, stopped = serve(), serve()
    client = stopped.client()
    for _ in range(8):
        _continue(client)
    client.close()
    free.timeline.goto(stopped.timeline.position)
    assert stopped.timeline.choices() == free.timeline.choices()


def test_nobody_passes_a_breakpoint_while_another_is_stepped_over_it(serve: Serve) -> None:
    """Two CPUs in lock step: one arrives while gdb steps the other, and gdb dies if it is told at once."""
    shown = serve()
    client = shown.client()
    hits = []
    while shown.timeline.position < 300:
        hits.append((_continue(client), shown.timeline.position))
    client.close()
    arrivals = [
        (step.choice.cpu + 1, step.number)
        for step in shown.timeline.steps
        if step.choice.kind in STEPS and step.after.vcpus[step.choice.cpu].rip == site()
    ]
    assert hits == arrivals[: len(hits)] and {thread for thread, _ in hits} == {1, 2}


def _continue(client: Client) -> int:
    """Continue as gdb does from a breakpoint at the site; return the thread that arrives next."""
    thread = client.go("?").thread
    if client.rip == site():
        assert client.go(f"vCont;s:{thread}").thread == thread
    client.ask(f"Z0,{site():x},1")
    stopped = client.go("vCont;c")
    client.ask(f"z0,{site():x},1")
    assert stopped.reasons == {"swbreak": ""}
    return stopped.thread


def test_a_write_watchpoint_finds_who_changed_a_byte_and_says_how(client: Client) -> None:
    client.ask(f"Z2,{site():x},1")
    stopped = client.go("vCont;c")
    assert (stopped.thread, stopped.reasons) == (3, {"watch": f"{site():x}"})
    what, how = client.said
    assert re.search(r"vCPU2 \(patcher\): cc visible at sys_read_slot\+0x0", what)
    assert re.search(r"stored in #\d+ by patcher\+0x\w+/0x\w+, step 2. store \+0 cc", how)


def test_a_watchpoint_is_found_backwards_with_the_write_undone(client: Client) -> None:
    client.monitor("goto 181")
    client.ask(f"Z2,{site():x},1")
    stopped = client.go("bc")
    assert (stopped.thread, client.read(site(), 1)) == (3, b"\x0f")


@pytest.mark.parametrize(("kind", "reason"), [(3, "rwatch"), (4, "awatch")])
def test_a_read_of_shared_memory_is_found(client: Client, kind: int, reason: str) -> None:
    word = address("sync_acks")
    client.ask(f"Z{kind},{word:x},4")
    assert client.go("vCont;c").reasons == {reason: f"{word:x}"}


def test_a_read_of_a_private_stack_is_found(client: Client) -> None:
    client.select(0)
    client.go("vCont;s:1;c")
    slot = client.register(NUMBER["rsp"])
    client.ask(f"Z3,{slot - 64:x},40")
    assert client.go("vCont;c").reasons == {"rwatch": f"{slot - 64:x}"}


def test_an_int3_of_the_guest_is_executed_though_gdb_wants_to_skip_it(serve: Serve) -> None:
    """A breakpoint that is set where memory has an INT3 is permanent to gdb, which adds one to RIP to pass it."""
    shown = serve()
    client = shown.client()
    client.ask(f"Z2,{site():x},1")
    client.go("vCont;c")
    client.ask(f"z2,{site():x},1")
    client.ask(f"Z0,{site():x},1")
    client.go("vCont;c")
    assert client.ask(f"P10={(site() + 1).to_bytes(8, 'little').hex()}") == "OK"
    assert (client.rip, shown.timeline.edits) == (site(), ())
    client.close()


# what gdb has no words for -------------------------------------------------------------------------------


def test_a_violation_is_a_stop_with_the_reason_in_words(serve: Serve) -> None:
    client = serve(TORN, counterexample(TORN)).client()
    stopped = client.go("vCont;c")
    said, verdict = "\n".join(client.said), client.monitor("verdict")
    client.close()
    assert stopped.signal == 6
    assert "VIOLATION: #" in said and "neither old, INT3 nor new" in said
    assert said.removeprefix("[kgraft-sim] ") == verdict


def test_the_end_of_the_schedule_is_said(serve: Serve) -> None:
    client = serve(PATCHED, into_the_handler()).client()
    stopped = client.go("vCont;c")
    client.close()
    assert stopped.reasons == {"replaylog": "end"}
    assert client.said == ["[kgraft-sim] the schedule ends here; from here on the CPUs take turns"]


def test_the_choices_are_listed_with_the_one_that_will_be(client: Client) -> None:
    client.monitor("goto 20")
    client.monitor("goto 10")
    rows = client.monitor("choices").splitlines()
    assert [row[:2] for row in rows].count("=>") == 1


def test_a_choice_is_taken_by_number_or_by_name(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    client.monitor("take 1")
    client.monitor("take 2x")
    client.close()
    assert [(choice.cpu, choice.kind) for choice in shown.timeline.choices()] == [(1, Kind.EXECUTE), (2, Kind.EXECUTE)]


def test_another_choice_says_what_is_lost(client: Client) -> None:
    client.monitor("goto 9")
    client.monitor("goto 0")
    assert "forked at #0: the 8 steps known before are gone" in client.monitor("take 1")


def test_the_site_is_shown_as_memory_and_each_cpu_have_it(client: Client) -> None:
    client.ask(f"Z2,{site():x},1")
    client.go("vCont;c")
    lines = client.monitor("site").splitlines()
    assert lines[1].strip().startswith("memory: cc 1f 44 00 00")
    assert lines[2].strip().startswith("vCPU0: may fetch cc 1f 44 00 00 or 0f 1f 44 00 00; executes cc (int3), 0f 1f")


def test_pending_interrupts_and_stores_are_shown(serve: Serve) -> None:
    shown = serve(PATCHED, into_the_handler())
    client = shown.client()
    client.go("vCont;c")
    for _ in range(20):
        client.go("vCont;s:3;c")
    pending = client.monitor("pending")
    client.close()
    assert "vCPU0: sync IPI waits, held back" in pending


def test_the_protocol_shows_where_the_patcher_stands(client: Client) -> None:
    client.monitor("goto 40")
    assert [line for line in client.monitor("protocol").splitlines() if line.startswith("=>")] == [
        "=> 3. sync cores (ipi)  <patcher+0x26/0xd1>"
    ]


def test_the_replay_string_leads_here_again(serve: Serve) -> None:
    shown = serve()
    client = shown.client()
    client.monitor("goto 77")
    string = client.monitor("replay")
    client.close()
    walk = follow(PATCHED, string)
    walk.timeline.goto(77)
    assert walk.timeline.state == shown.timeline.state


def test_a_replay_string_admits_what_was_changed_by_hand(client: Client) -> None:
    client.ask(f"P{NUMBER['rax']:x}={'01' + '00' * 7}")
    assert "it does not have what was changed by hand: rax of vCPU0 = 0x1" in client.monitor("replay")


@pytest.mark.parametrize("line", ["take", "take 99", "take 0c", "goto", "goto x", "view 7", "nonsense", ""])
def test_a_wrong_monitor_command_says_what_is_right(client: Client, line: str) -> None:
    assert re.search(r"take what\?|goto where\?|view what\?|there are: choices", client.monitor(line))


def test_help_names_every_command(client: Client) -> None:
    told = client.monitor("help")
    for name in ("choices", "take", "site", "pending", "protocol", "verdict", "replay", "goto", "view", "when"):
        assert f"\n{name}" in f"\n{told}"
