"""Two CPUs make the vulnerable call while it is replaced.

The same patch as in `basic`, with a second caller: now one CPU can be in the breakpoint handler, another on
its way out of the old function, while the patcher waits for both. The two are interchangeable, so half of
the states are mirror images that are not visited.

Source: Linux, `smp_text_poke_sync_each_cpu()`, which waits for every online CPU.
"""

from simulator.scenario import Scenario

scenario = Scenario(kernel="syscalls", patch="bounds", workload="workload_attacker", cpus=2, expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
