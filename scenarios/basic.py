"""A system call with a wrong bound is replaced while another CPU keeps exploiting it.

`sys_read_slot()` checks its index with `>` where `>=` is right, so index 4 reads the secret behind four
slots. The fix is a function of its own; text_poke turns the NOP at the entry of the old one into a jump to
it, by way of an INT3 and three rounds of IPIs. The attacker gets the secret or -EINVAL, never anything
else, and once the patcher returns it never gets the secret again: on every schedule, under every reading of
the manuals.

Source: `text_poke_bp_batch()` in Linux, arch/x86/kernel/alternative.c; introduced by commit fd4363fff3d9
("x86: Introduce int3 (breakpoint)-based instruction patching", v3.12).
"""

from simulator.scenario import Scenario

scenario = Scenario(kernel="syscalls", patch="bounds", workload="workload_attacker", expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
