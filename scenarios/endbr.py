"""With -fcf-protection=branch the site is four bytes into the function, behind an ENDBR64.

The ENDBR64 stays, indirect calls land on it, and the jump goes behind it. The patcher looks the site up in
`__mcount_loc` instead of taking the function's address.

Source: Linux commit d15cb3dab1e4, where livepatch stopped assuming that the site is at the function's first
byte.
"""

from simulator.scenario import Scenario

scenario = Scenario(endbr=True, expect={"*": "safe"})

if __name__ == "__main__":
    from simulator.cli.script import main

    main(__file__)
