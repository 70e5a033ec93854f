"""The address first, a sync, the opcode, a sync: the NOP does not hold still for its operand.

Preparing the operand while the opcode is still the old one sounds safe, and the old opcode is still
executed: with another ModRM byte behind it the NOP has another length or another operand, and what follows
is anything. More syncs do not help, because every CPU sees the same wrong bytes.

Source: the encoding; the third byte, `44`, is the ModRM byte that says how long the NOP is (Intel SDM 2A
2.1).
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="address-first-sync", expect={"*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
