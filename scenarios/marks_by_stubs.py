"""Stubs mark the tasks that they meet, as kGraft had it, and one mark comes after the patcher has looked.

While stubs are being installed all of them take old functions and set the flag of their task. A stub that has read
`kgr_immutable` may set the flag when the patcher has already found none. In Linux two seconds lay between the two.

Source: kernel/kgraft.c of SUSE Linux Enterprise 12, `kgr_immutable` and KGR_TIMEOUT.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="contract",
    consistency="kgraft-immutable",
    tasks=(("user_reserve",),),
    expect={"*": "violation:consistency"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
