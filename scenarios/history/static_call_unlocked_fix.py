"""Whoever patches a static call holds text_mutex, and the two take turns.

The same two patchers and the same third CPU.

Source: Linux commit c27c753ea6fd ("x86/static_call: Serialize __static_call_fixup() properly"). There lockdep found
the missing lock; what may come of it is here.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_first", "patcher_second"),
    workload="workload_batch_once",
    words={"poke_batch_split": 1, "text_poke_locked": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
