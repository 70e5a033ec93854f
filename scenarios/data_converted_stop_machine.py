"""A callback converts every object while all CPUs stand still: nobody sees one that is half-way.

Nobody stands in an old function either, or it might store a length in pages afterwards.

Source: Ksplice (J. Arnold, M. F. Kaashoek, EuroSys 2009): hooks that run while the machine is stopped.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_converted",
    consistency="stop-machine",
    tasks=(("user_buffer", "user_buffer_reader"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
