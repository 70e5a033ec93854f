"""A task sleeps in a function that is to be replaced: the stopped machine is let go, and stopped again later.

The patcher is refused as long as the function is on the sleeper's stack, and succeeds once it has been woken and has
left. Between two tries everybody runs on in the old world.

Source: kpatch, which tries five times, two seconds apart; Ksplice (EuroSys 2009), section 4.2.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="wait",
    consistency="stop-machine",
    tasks=(("user_wait", "user_wake"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
