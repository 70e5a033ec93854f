"""The opcode in one store, the address in the next: in between the jump leads nowhere.

Two stores look better than five and are not: `e9` with the tail of the NOP jumps to 0x441f bytes further
on.

Source: the encodings; Linux commit fd4363fff3d9 writes 0xcc first instead.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="opcode-first", expect={"*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
