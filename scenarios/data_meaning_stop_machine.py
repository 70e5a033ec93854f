"""The machine stands still while the meaning of a length changes, and the objects stay what they were.

No model of consistency is about data: the two functions change at one moment, and the object made before that is off by
a factor.

Source: kpatch, doc/patch-author-guide.md, on changes of data; CVE-2014-0206 and its `reqs_active`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes",
    consistency="stop-machine",
    tasks=(("user_buffer",), ("user_second_buffer",)),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
