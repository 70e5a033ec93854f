"""A kthread says where it holds nothing of what it did before, and changes over there.

One line in its loop.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("kthread_ticket_safe",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
