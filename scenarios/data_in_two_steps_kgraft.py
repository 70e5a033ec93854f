"""New functions understand both kinds of objects, and make the new kind only when nobody is old any more.

The callback after the transition sets a word; until then new functions fill objects as the old ones do, and nobody ever
meets one that it does not understand. Compare `data_tagged_and_shared_kgraft`.

Source: Linux, tools/testing/selftests/livepatch/test-state.sh: what changes data is done in the post-patch callback.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    cpus=2,
    kernel="tasks",
    patch="bytes_in_two_steps",
    consistency="kgraft",
    tasks=(("user_buffer",), ("user_buffer_reader",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
