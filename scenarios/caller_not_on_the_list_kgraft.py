"""The same sleeper under kGraft: it changes over when it leaves the kernel, whatever its stack holds.

kGraft needs to know nothing of callers; the price is `asleep_elsewhere_kgraft`.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("user_wait", "user_wake"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
