"""Linux livepatch puts a patch over a patch: outside a transition, every stub takes its newest function.

Tasks are marked for the second patch while stubs of the first are still in the text; they do not look at the marks.

Source: Linux, kernel/livepatch/patch.c, `klp_ftrace_handler()` and `func_stack`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="hybrid",
    edits=("jmp", "jmp:_units"),
    tasks=(("user_reserve",),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
