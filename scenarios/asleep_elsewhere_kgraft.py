"""A task sleeps for ever in a function that nobody patches, and kGraft waits for it all the same.

It would be harmless where it stands, but kGraft does not look. See `asleep_elsewhere_hybrid`.

Source: LWN 634649: "trapping every process in a safe place can take an unbounded period of time".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("user_pause", "user_ticket"),),
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
