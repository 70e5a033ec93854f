"""memcpy() over an instruction that another CPU is executing, a byte at a time.

After the first byte the site is neither the NOP nor the jump but `e9 1f 44 00 00`, a jump to somewhere. No
model of fetch is needed to see it go wrong; this is what a breakpoint is for.

Source: Linux, arch/x86/kernel/alternative.c: `text_poke_early()` copies like this, and is for boot and for
modules that are not running yet.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="naive-copy", expect={"*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
