"""A child copies its parent's flag early and its state late, and the transition is reversed in between.

fork() copies the thread's flags with the rest of the task, long before the child is on the list. A transition that is
reversed clears the flag of every task on the list, and sets it where it is needed. The child comes to the list with a
flag that nobody cleared, in a state that needs none.

Source: Linux commit 747f7a290117 ("livepatch: fix race between fork and KLP transition"), 2022.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch=None,
    edits=(),
    patchers=("patcher_reverse",),
    workload="workload_fork",
    words={"klp_fork_copies_flag": 0},
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
