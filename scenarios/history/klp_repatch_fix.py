"""Patches of a function are stacked, and the site leads from one to the next without a window.

The redirection stays where it is; which function it leads to changes once.

Source: Linux commit 3c33f5b99d68 ("livepatch: support for repeated patching of a function").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    edits=("jmp", "nop", "jmp:answer_newer"),
    patchers=("patcher_repatch",),
    workload="workload_answer_twice",
    words={"klp_stacks": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
