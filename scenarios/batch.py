"""Two functions are replaced in one batch by a patcher written in C inside the guest.

The table is queued in order of address; all first bytes become INT3, then one sync, all tails, one sync,
all heads, one sync: three rounds of IPIs however many sites there are. The handler finds the site by binary
search, under a per-CPU reference. (With a third site it is safe too, and byte-wise staleness takes 400,000
states.)

Source: Linux, `smp_text_poke_batch_finish()`, arch/x86/kernel/alternative.c, v6.16.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_main",),
    workload="workload_batch_once",
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
