"""The operator forces a patch that is held up: every task is new from now on, wherever it stands.

The price of `kgr_unmark_processes()`, and of `force` in Linux: the task that held the patch up runs on in a mixture.

Source: Linux, Documentation/livepatch/livepatch.rst, on `force`; kernel/kgraft.c of SUSE Linux Enterprise 12.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft",
    tasks=(("user_reserve",),),
    words={"kgr_forces": 1},
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
