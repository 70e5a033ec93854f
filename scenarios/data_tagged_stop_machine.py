"""A shadow variable marks every object that is in bytes: new functions tell the two kinds apart.

Old functions could not, but with the machine stopped none of them runs after the first new one. Two tasks share the
object.

Source: kpatch, doc/patch-author-guide.md, on changes of data; CVE-2014-0206 and its `reqs_active`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes_tagged",
    consistency="stop-machine",
    tasks=(("user_buffer", "user_buffer_reader"),),
    expect={"*": "safe"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
