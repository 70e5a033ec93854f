"""The same rewrite as in `skip_as_nop`, with a handler that acts as the new instruction: the hole stays shut.

The switch to the new function happens when a CPU fetches the INT3, not when the last byte is written.

Source: Linux, `smp_text_poke_int3_handler()` and `int3_emulate_jmp()`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="syscalls",
    patch="bounds",
    workload="workload_attacker_twice",
    edits=("jmp", "jmp"),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
