"""The site lies in an aligned quadword and is replaced by one 8-byte store: AMD allows it, Intel does not.

"A single store ... contained entirely within a naturally-aligned quadword" is what AMD allows without a
breakpoint: every CPU fetches the old or the new jump. It is right in all models that keep a quadword
together and wrong where bytes are on their own (D, G) or where unsynchronised code is undefined (X). The
sync behind it is for freshness.

Source: AMD64 APM 2, 7.6.1, "Cross-Modifying Code", asynchronous modification.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=0, expect={"*": "safe", "DGX": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
