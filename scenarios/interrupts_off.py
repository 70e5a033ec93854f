"""A CPU never turns its interrupts on again: the patcher waits for it for ever.

Nothing torn is executed and nothing stale, because the protocol gets no further than its first sync. "Safe"
without "done" is worth little, so progress is a property of its own: from every state, done must stay
reachable.

Source: Linux, kernel/smp.c: `on_each_cpu()` waits for every CPU.
"""

from simulator.scenario import Scenario

scenario = Scenario(workload="workload_irqs_off", expect={"*": "violation:progress"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
