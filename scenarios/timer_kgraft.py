"""Under kGraft an interrupt handler runs what was in force when it began, whatever it interrupts.

The flag of the CPU is taken when the handler begins. kGraft sets it on each CPU with interrupts off, to the same
effect.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, `kgr_irq_use_new`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("idle_timer",),),
    words={"tick_function": "tick_ticket"},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
