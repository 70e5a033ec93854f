"""Of two patches of different functions the one that came first is disabled first: the second stays.

kGraft takes patches back in the reverse order only; Linux livepatch does not mind.

Source: Linux, Documentation/livepatch/cumulative-patches.rst; kernel/livepatch/core.c, `klp_disable_patch()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="independent",
    consistency="hybrid",
    edits=("jmp@sys_reserve", "jmp@ticket_take", "nop@sys_reserve"),
    tasks=(("user_reserve_and_ticket",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
