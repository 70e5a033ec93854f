"""The store tears across a quadword as in `endbr_crosses_quadword`, and nobody can tell.

The jump stays inside the kernel and leads less than 16 MiB forward: the last byte of its displacement is 0,
and so is the last byte of the NOP. Old head and new tail make the old instruction. A test that only ever
uses such jumps finds nothing, which is why patches here are linked at a distance that has four distinctive
bytes.

Source: the encodings, `0f 1f 44 00 00` and `e9 xx xx xx 00`.
"""

from simulator.scenario import Scenario

scenario = Scenario(
    patch=None,
    functions=("answer",),
    edits=("jmp:reason",),
    endbr=True,
    protocol="store8-sync",
    expect={"*": "safe", "DGX": "violation:integrity"},
)

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
