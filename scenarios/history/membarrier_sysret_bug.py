"""membarrier()'s IPI counts on the IRET at its end, and another thread goes to user mode by SYSRET.

An IRET serializes, so the handler did nothing more when it ran in an interrupt. But on its way out the interrupt may
call the scheduler, which goes on with a thread that is asleep in a system call and returns by SYSRET. Delivery does
not serialize, SYSRET does not, and no IRET was executed in between.

Source: Linux commit a493d1ca1a03 ("x86/membarrier: Get rid of a dubious optimization"), 2020. No caller could run into
it at that time, as the commit says.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patchers=("patcher_jit_membarrier",),
    workload="workload_user",
    words={"timer_handler": "ipi_sync_core", "sync_before_usermode": 0},
    expect={"ABCD": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
