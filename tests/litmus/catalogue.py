"""The published catalogue of litmus tests for cross-modifying code, and where this machine says otherwise.

Each row has a letter per fetch model, in the order of ``COLUMNS``: ``y`` the outcome is reachable, ``n`` it is not,
``U`` some execution is undefined, ``.`` the catalogue does not say. One word for all is written out.
"""

COLUMNS = "ABCDQEFGX"

ROWS = {
    1: {"SM": "nnnnnnnnn"},
    2: {"SM.alias": "nnnnnyyyy"},
    3: {"SM.alias+cpuid": "nnnnnnnnn"},
    4: {"CoFF": "nnnnnnnnU"},
    5: {"CoRF": "nnnnyyyyU"},
    6: {"CoFR": "nnnnnnnnU"},
    7: {"MP.RF": "nnnnyyyyU"},
    8: {"MP.RF+cpuid": "nnnnnnnnn"},
    9: {"MP.RF+iret": "nnnnnnnnn", "MP.RF+serialize": "nnnnnnnnn"},
    10: {"MP.RF+lfence": "nnnnyyyyU"},
    11: {"MP.RF+lock": "nnnnyyyyU"},
    12: {"MP.RF+mfence": "nnnnn...U"},
    13: {"MP.RF+sysret": "nnnnyyyyU"},
    14: {"MP.RF+ipi-entry": "nnnnyyyyU"},
    15: {"MP.FF": "nnnnnyyyU"},
    16: {"MP.FF+jmp": "nnnnyyyyU"},
    17: {"MP.FR": "nnnnnnnnU"},
    18: {"SB.F": "yyyyyyyyU"},
    19: {"SB.F+mfence": "nnnnyyyyU", "SB.F+cpuid": "nnnnnnnnn"},
    20: {"LB.F": "nnnnnnnnU"},
    21: {"WRC.F.RF": "nnnnyyyyU", "WRC.F.RF+cpuid": "nnnnnnnnn"},
    22: {"TORN.memcpy5": "yyyyyyyyU"},
    23: {"TORN.st8-inQ": "nnnynnnyU"},
    24: {"TORN.st8-xQ": "nnyyynyyU"},
    25: {"TORN.st8-x64": "nyyyyyyyU"},
    26: {"TORN.lockst-x64": "nyyyyyyyU"},
    27: {"PAIR.AB'": "yyyyyyyyy"},
    28: {"PAIR.A'B": "nnnnnnnyU"},
    29: {"SPLIT": "nnnynnnyU"},
    30: {"MERGE": "yyyyyyyyy"},
    31: {"ADDR-FIRST": "yyyyyyyyy", "ADDR-FIRST+sync": "yyyyyyyyy"},
    32: {"INT3.none-x64": "nyyyyyyyU"},
    33: {"INT3.3only-x64": "nyyyyyyyU"},
    34: {"INT3.1only-x64": "nnnnnyyyU"},
    35: {"INT3.13-x64": "nnnnnyyyU"},
    36: {"INT3.12": "nnnnnnnnn", "INT3.12-late": "yyyyyyyyy"},
    37: {"INT3.123": "nnnnnnnnn"},
    38: {"INT3.late-handler": "yyyyyyyyy", "INT3.early-remove": "yyyyyyyyy"},
    39: {"JMPSELF-x64": "nyyyyyyyU"},
    40: {"STOPM-noserialize-x64": "nnnnyyyyU"},
    41: {"STOPM.midinsn": "yyyyyyyyy"},
    42: {"IRQOFF.maskable": "nnnnnnnnn", "IRQOFF.nmi": "yyyyyyyyy"},
    43: {"NMI.int3-nested": "yyyyyyyyy"},
    44: {"HOTPLUG.late": "nnnnnyyyU"},
    45: {"DEFER.noinstr": ".....yyyU", "DEFER.never": "nnnnnnnnn"},
    46: {"TWO-PATCHERS": "yyyyyyyyy"},
}

DEVIATIONS = {
    # (test, fetch model): what this machine says, and why
    ("MP.FF+jmp", "Q"): ("n", "the queue is one, in the order of execution; R3 knows no branches"),
    ("SB.F+mfence", "Q"): ("n", "MFENCE serializes on AMD, as row 12 of the catalogue itself says"),
    ("SB.F+cpuid", "X"): ("U", "the other CPU may store between the CPUID and the fetch, which R7 calls undefined"),
    ("WRC.F.RF+cpuid", "X"): ("U", "P1 executes what P0 stores without a sync"),
    ("PAIR.AB'", "X"): ("U", "reachable, and undefined before that"),
    ("MERGE", "X"): ("U", "reachable, and undefined before that"),
    ("ADDR-FIRST", "X"): ("U", "reachable, and undefined before that"),
    ("ADDR-FIRST+sync", "X"): ("U", "reachable, and undefined before that"),
    ("PAIR.A'B", "D"): ("y", "R1: the bytes of one store may become visible in any order, so A' comes before B'"),
    ("HOTPLUG.late", "Q"): ("y", "the queue survives the loop in which the CPU waits, as in row 40"),
}


def expected(test: str, column: str, says: str) -> str:
    """Return the letter this machine is expected to come to."""
    return DEVIATIONS.get((test, column), (says,))[0]
