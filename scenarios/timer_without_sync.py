"""The patcher goes on before the handlers that began with old functions have ended.

No task holds the patch up, the sites lead past the stubs already, and a handler is still half-way, in the old universe.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, schedule_on_each_cpu() in `kgr_modify_kernel()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="ticket",
    consistency="kgraft",
    tasks=(("idle_timer",),),
    words={"tick_function": "tick_ticket", "kgr_syncs_interrupts": 0},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
