"""Two CPUs patch at the same time, and a mutex makes them take turns.

Both use the one table of text_poke. The second waits with interrupts on, because the first one waits for
its answer to an IPI: a lock that turned interrupts off here would be a deadlock. Nobody calls the two
functions here (`batch` has a caller); the patchers themselves are the CPUs that must be told.

Source: Linux, `text_mutex`: arch/x86/kernel/alternative.c asserts that it is held.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_first", "patcher_second"),
    words={"poke_batch_split": 1},
    cpus=0,
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
