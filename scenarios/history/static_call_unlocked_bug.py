"""A static call is patched without text_mutex, while another CPU patches too.

Both queue their instruction in the same table and wait with the same count of acknowledgements. One of them empties
the table while the other's breakpoint still stands, and a third CPU meets a breakpoint that nobody knows.

Source: Linux commit c27c753ea6fd ("x86/static_call: Serialize __static_call_fixup() properly"). There lockdep found
the missing lock; what may come of it is here.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch="batch",
    functions=("question", "answer"),
    patchers=("patcher_first", "patcher_second"),
    workload="workload_batch_once",
    words={"poke_batch_split": 1, "text_poke_locked": 0},
    expect={"*": "violation:traps"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
