"""The same store, five bytes further on: the site crosses an aligned quadword, and AMD's promise ends there.

The jump lies at 64k+5, three bytes in one quadword and two in the next. "The affected quadword may be read
more than once in the process of extracting instruction bytes": a model that takes this literally (C, Q, F)
fetches the halves at different times. No measurement on a Zen 3 tore at such a place, so a finding here is
one of the specification only.

Source: AMD64 APM 2, 7.6.1.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=5, expect={"ABZE": "safe", "CQDFGX": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
