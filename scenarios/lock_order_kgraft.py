"""A patch takes two locks in the other order: each task does it right, and two of them deadlock.

One task is old and the other new, for as long as the patch takes. What one task sees is consistent, what they do
together is not. See `lock_order_stop_machine`.

Source: LWN 634649, on the "weird intermediate state" of a lazy migration.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="order",
    consistency="kgraft",
    tasks=(("user_move_once", "user_move_once"),),
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
