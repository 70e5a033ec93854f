"""The NOPs are rewritten with interrupts off, and the CPU serializes before it takes one.

Now the handler finds single NOPs or the long one. The sync matters as well: the text is written through another
mapping, and what was fetched before may still be there.

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
    words={"timer_handler": "run_answer", "nops_irqs_off": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
