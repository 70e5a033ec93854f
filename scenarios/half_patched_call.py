"""Every byte is right, and the system call fails: it made its handle in the old world and read it in the new.

`audit` changes two functions that must change together. text_poke replaces both correctly, but a CPU that
is between the two calls uses the old one of the first and the new one of the second, and gets -EBADF. What
the text can promise ends here; that tasks change worlds as a whole is what consistency models are for.

Source: Linux, Documentation/livepatch/livepatch.rst, "Consistency model".
"""

from simulator.scenario import Scenario

scenario = Scenario(
    kernel="syscalls",
    patch="audit",
    patchers=("patcher_main",),
    workload="workload_user_once",
    expect={"*": "violation:assertions"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
