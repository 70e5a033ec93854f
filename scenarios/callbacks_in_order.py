"""A patch is applied and disabled: its four callbacks run once each, before and after each of the transitions.

In all of them no task is half-way and none runs old functions.

Source: Linux, tools/testing/selftests/livepatch/test-callbacks.sh, "target module before livepatch"; callbacks.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="callbacks",
    consistency="hybrid",
    edits=("jmp", "nop"),
    tasks=(("user_reserve",),),
    words={"callback_order": 0x1234},
    demands=("first_post_unpatch",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
