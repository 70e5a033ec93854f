"""Behind an ENDBR64 the site crosses an aligned quadword in every function that is aligned to 16 bytes.

At +4 the five bytes end one byte into the next quadword. What AMD allows for a single store
(`one_store_in_quadword`) is out of reach: 82 % of the functions of a 6.12 kernel are like this.

Source: AMD64 APM 2, 7.6.1.
"""

from simulator.scenario import Scenario

scenario = Scenario(endbr=True, protocol="store8-sync", expect={"ABZE": "safe", "CQDFGX": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
