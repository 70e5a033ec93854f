"""A CPU patches a function, executes CPUID and calls it: new text, under every reading of the manuals.

The same patcher as in `own_text` with the serializing instruction that both manuals ask for. CPUID waits until the
stores are visible and drops whatever was fetched before.

Source: Intel SDM 3A, "Handling Self- and Cross-Modifying Code", option 2; AMD APM 2, 7.6.4.
"""

from simulator.scenario import Scenario

scenario = Scenario(patch="own", patchers=("patcher_own_cpuid",), cpus=0, expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
