"""The site crosses 32 bytes inside a cache line: a Zen 3 writes such a store in two halves.

At 64k+30 the jump has two bytes in the lower half of the line and three in the upper. Loads on another CPU
saw the halves apart 24,811 times in 4.6e8, instruction fetch 2,563 times in 6.5e7; with a LOCK prefix
never. So the model of this part (Z) refuses what the plain 64-byte model (B) lets pass.

Source: measured in user space on a Zen 3; neither manual mentions 32 bytes.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="store8-sync", placement=30, expect={"ABE": "safe", "ZCQDFGX": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
