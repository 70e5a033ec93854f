"""A patch is replaced by its successor: the jump to the first becomes a jump to the second.

A cumulative patch changes where the jump leads while CPUs go through it. There is no moment without a
patch: the breakpoint acts as the new jump from the start. `workload_caller_twice` notices a call that runs
an older function than the one before.

Source: Linux commit 3c33f5b99d68 (livepatch: support for repeated patching of a function) closed "a
regression window where the function isn't patched at all".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("answer",),
    edits=("jmp", "jmp:reason_revised"),
    workload="workload_caller_twice",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
