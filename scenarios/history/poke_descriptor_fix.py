"""The descriptor is static: a count in it that is zero stays zero until the next patch.

A handler that comes late finds the same descriptor, with a count of zero, and leaves it alone.

Source: Linux commit efd608fa7403 ("x86/alternative: Fix race in try_get_desc()"), 2022, with a diagram; it fixes
1f676247f36a.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="history",
    cpus=2,
    patchers=("patcher_descriptor",),
    handler="int3_descriptor",
    workload="workload_probe_once",
    words={"desc_static": 1},
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
