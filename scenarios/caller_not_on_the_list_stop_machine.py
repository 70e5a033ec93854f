"""The machine is stopped, no stack has a patched function on it, and a task still mixes old and new.

The same sleeper as in `caller_not_on_the_list_hybrid`: stopping everybody does not help against what
a stack does not show.

Source: kpatch, kmod/core/core.c, `kpatch_verify_activeness_safety()`; dynup/kpatch, doc/patch-author-guide.md.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="stop-machine",
    tasks=(("user_wait", "user_wake"),),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
