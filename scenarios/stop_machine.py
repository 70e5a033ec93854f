"""All other CPUs stand still while the site changes, and serialize before they go on.

The oldest way in Linux, and still the one for what text_poke cannot do. The CPUs wait in a loop with
interrupts off; the store may be torn as it likes, nobody is fetching there.

Source: Linux, kernel/stop_machine.c, `multi_cpu_stop()`; ftrace used it until v3.5.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="stop-machine", workload="workload_stoppable", placement=62, expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
