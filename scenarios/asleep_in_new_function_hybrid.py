"""A task sleeps in a new function while its patch is disabled: it has to leave that one, not the original.

A stack check that went on looking for the original would find nothing, and the task would be old in the middle of a new
call.

Source: Linux, kernel/livepatch/transition.c, `klp_check_stack_func()`: what is looked for depends on the direction.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="sleeper",
    consistency="hybrid",
    edits=("jmp", "nop"),
    tasks=(("user_wait", "user_wake_now_and_then"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
