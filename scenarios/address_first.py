"""The address first, a sync, the opcode, a sync: the NOP does not hold still for its operand.

"Prepare the operand while the opcode is still the old one" works for a multi-byte NOP only by luck: the five bytes
`0f 1f 44 ..` take their length from the third. With another one there the NOP becomes another instruction, and the
rest of the address is executed. More syncs do not help.

Source: Linux, arch/x86/kernel/ftrace.c, on why the old instruction must not be changed piece by piece.
"""

from simulator.scenario import Scenario

scenario = Scenario(protocol="address-first-sync", expect={"*": "violation:integrity"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
