"""Between two calls a CPU computes for a million instructions, and nobody can tell how far it has got.

All of it is on the CPU's own stack, so it is one step of the search, taken at the emulator's own speed; the sync IPI
may come at each of the million boundaries, and its handler provably cannot tell at which. The checksum is one
that checks itself.

Source: Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL 1997): only visible operations
are points of choice.
"""

from simulator.scenario import Scenario

scenario = Scenario(kernel="compute", patch="version", workload="workload_checksum", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
