"""Five NOPs become one long NOP, byte by byte and with interrupts on: an interrupt runs half of it.

There is one CPU, nobody else can be looking, so the bytes were just copied. A timer interrupt comes between two of
them, and its handler runs the function that is being rewritten: 0f, and 90 where the rest is to be. The bytes are
executed as something else, together with what stands behind.

Source: Linux commit 2dc419613805 ("x86/alternatives: Disable interrupts and sync when optimizing NOPs in place"),
2023, and 3ea1704a9296.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    five_nops=True,
    unchecked=True,
    edits=("nop",),
    cpus=0,
    patchers=("patcher_nops",),
    properties=("traps", "assertions", "progress"),
    words={"timer_handler": "run_answer", "nops_irqs_off": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
