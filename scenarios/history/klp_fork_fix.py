"""A child copies its parent's flag and state together, under the lock under which it comes to the list.

What the patcher sees of the two is always one or the other.

Source: Linux commit 747f7a290117 ("livepatch: fix race between fork and KLP transition"), 2022.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patch=None,
    edits=(),
    patchers=("patcher_reverse",),
    workload="workload_fork",
    words={"klp_fork_copies_flag": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
