"""A length that was in pages is in bytes from now on, and an object that old code made is still in pages.

The struct has the same layout, every task runs functions that go together, and the first new function that looks at an
old object gets it wrong.

Source: kpatch, doc/patch-author-guide.md, on changes of data; CVE-2014-0206 and its `reqs_active`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="tasks",
    patch="bytes",
    consistency="kgraft",
    tasks=(("user_buffer",), ("user_second_buffer",)),
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
