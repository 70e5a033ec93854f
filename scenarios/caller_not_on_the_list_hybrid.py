"""A task sleeps between two patched functions, in a caller that is not: its stack shows nothing.

It holds a ticket made by the old function and hands it to the new one. A stack check sees functions that are replaced,
and this caller is not; the author of the patch has to put it on the list, as patch `wait` does. See
`caller_not_on_the_list_kgraft`.

Source: Linux, Documentation/livepatch/livepatch.rst, "Consistency model";
guest_kernels/syscalls/patches/audit_caller.c.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="hybrid",
    tasks=(("user_wait", "user_wake"),),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
