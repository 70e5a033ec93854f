"""The same tags under kGraft, and no task looks at the object of another: safe.

A task that is new has the old kind or the new kind before it and a tag that says which.

Source: kpatch, doc/patch-author-guide.md, on changes of data; CVE-2014-0206 and its `reqs_active`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_tagged",
    consistency="kgraft",
    tasks=(("user_buffer",), ("user_second_buffer",)),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
