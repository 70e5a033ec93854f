"""The mark stands between two functions that belong together.

The kthread changes over with an old ticket in its hand.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, on where marks may stand.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("kthread_ticket_unsafe",),),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
