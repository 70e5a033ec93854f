"""A live patch is replaced by its successor, and in between the function is not patched at all.

Only one user could redirect a function through ftrace, so the first patch had to be unregistered before the second
could be registered. A call in that window runs the original function, with the bug that both patches fix.

Source: Linux commit 3c33f5b99d68 ("livepatch: support for repeated patching of a function").
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    edits=("jmp", "nop", "jmp:answer_newer"),
    patchers=("patcher_repatch",),
    workload="workload_answer_twice",
    words={"klp_stacks": 0},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
