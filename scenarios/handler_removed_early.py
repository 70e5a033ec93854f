"""The handler's entry is removed before the last sync, when a CPU may still stand in the INT3.

The first byte of the jump is written, so nobody can meet the breakpoint any more, or so it seems: a CPU
that met it before has not asked the handler yet. The last sync would have waited for that CPU, as its
handler runs with interrupts off.

Source: Linux, arch/x86/kernel/alternative.c: the references are dropped after the last sync.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="disarm-early", expect={"*": "violation:traps"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
