"""The CPU serializes before it goes to user mode, however it gets there.

sync_core() on the way, whether in an interrupt or not.

Source: Linux commit a493d1ca1a03 ("x86/membarrier: Get rid of a dubious optimization"), 2020. No caller could run into
it at that time, as the commit says.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    patchers=("patcher_jit_membarrier",),
    workload="workload_user",
    words={"timer_handler": "ipi_sync_core", "sync_before_usermode": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
