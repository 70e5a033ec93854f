"""A CPU patches a function and calls it at once: it must see its own store, but through another mapping it may not.

text_poke writes through a temporary second mapping. AMD compares physical addresses, so the next fetch waits for the
store; Intel promises that only for a store by the address it is fetched from, and otherwise asks to serialize.
Where old text may be held stale, this CPU runs half of each instruction without any other CPU taking part.

Source: AMD APM 2, 7.6.1 (self-modifying code); Intel SDM 3A, "Self-Modifying Code", on systems software that writes by
a different linear address. See `own_text_cpuid`.
"""

from simulator.explore.properties import PROPERTIES
from simulator.scenario import Scenario

scenario = Scenario(
    patch="own",
    patchers=("patcher_own",),
    cpus=0,
    properties=tuple(name for name in PROPERTIES if name != "assertions"),
    expect={"ABZCQD": "safe", "*": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
