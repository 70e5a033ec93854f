"""A patch is replaced by its successor, which runs its own callbacks and none of the other's.

Source: Linux, tools/testing/selftests/livepatch/test-callbacks.sh, "atomic replace"; callbacks.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="callbacks",
    consistency="hybrid",
    edits=("jmp", "jmp:_second"),
    tasks=(("user_reserve",),),
    words={"callback_order": 0x1256},
    demands=("second_post_patch",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
