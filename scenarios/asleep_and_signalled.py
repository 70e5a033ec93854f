"""The task that sleeps in an old function is sent a signal, leaves the kernel with EINTR, and is new.

The wake-up that kGraft and Linux livepatch send to tasks that hold a patch up.

Source: Linux, kernel/livepatch/transition.c, `klp_send_signals()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="wait",
    consistency="kgraft",
    tasks=(("user_wait_once", "user_ticket"),),
    words={"kgr_signals": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
