"""Two patches of different functions are applied one after the other, and the second is disabled: the first stays.

An edit with an `@` is about the functions it names, and leaves the others alone.

Source: Linux, tools/testing/selftests/livepatch/test-livepatch.sh, "multiple livepatches".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="independent",
    consistency="hybrid",
    edits=("jmp@sys_reserve", "jmp@ticket_take", "nop@ticket_take"),
    tasks=(("user_reserve_and_ticket",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
