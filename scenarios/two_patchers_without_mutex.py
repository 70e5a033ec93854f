"""Two CPUs patch at the same time and nobody takes text_mutex.

They share the table, its length and the count of acknowledged IPIs.

Source: Linux commit c27c753ea6fd, a static call that was poked without text_mutex.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_first", "patcher_second"),
    words={"poke_batch_split": 1, "text_poke_locked": 0},
    cpus=0,
    expect={"*": "violation:progress"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
