"""With the machine stopped no two tasks ever disagree about the order of two locks.

Nobody is inside while the order changes, and everybody changes at once.

Source: Ksplice (EuroSys 2009), section 4.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="order",
    consistency="stop-machine",
    tasks=(("user_move_once", "user_move_once"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
