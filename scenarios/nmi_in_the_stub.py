"""An NMI at any moment of a kGraft transition, also in the middle of a stub, calls the function that is patched.

The stub that it interrupts has looked at the flag of the task, or is about to; the NMI looks at what was in force
when it began, and leaves the stub's register as it was.

Source: SUSE's kGraft, kernel/kgraft.c (2014): the flag of interrupts; Linux, Documentation/core-api/entry.rst.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="independent",
    functions=("ticket_take",),
    consistency="kgraft",
    tasks=(("user_ticket_once",),),
    nmis=1,
    words={"nmi_handler": "tick", "tick_function": "tick_ticket"},
    demands=("slow_stub_ticket_take_1",),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
