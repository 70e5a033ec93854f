"""Two CPUs patch at the same time and nobody takes text_mutex.

They share the table, its length and the count of acknowledged IPIs. Each queues its instruction where the
other has queued its own, and a third CPU meets an INT3 that the table does not know any more.

Source: Linux commit c27c753ea6fd, a static call that was poked without text_mutex.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_first", "patcher_second"),
    words={"poke_batch_split": 1, "text_poke_locked": 0},
    workload="workload_caller_once",
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
