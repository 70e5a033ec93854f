"""The verdict table: what the research page prints, and the exact cells of the rules.

`PUBLISHED` is section 4.1 of the research page, copied by hand.  `EXACT` is complete: it is what the rules
give, and what the oracle is tested to give.  `DIFFERENCES` says where the two do not read the same, and why;
there is no cell in which the page says safe and the rules say unsafe, or the other way round.

Notes on the wording of the rules, found while these cells were derived:

1. Age 0 is "read when executed": the granule that completes an instruction is read in the same transition
   that executes it.  If R2 and R4 were two transitions, a CPU could read the last granule, the patcher
   finish, and the CPU execute: `locked8` would become `ok/old` under A, B and C.  No other cell of the table
   depends on it, because everywhere else the store buffer alone allows `old` after done, or a sync drops the
   partial fetch.
2. The page's "stop_machine without serialize" writes with one store (`stop-store8`).  Written byte by byte
   (`stop-bytes`) it tears under Z, Q, E, F and G at every placement, also inside a qword: the text says that
   the queue "survives a stop-loop" and R3 says "at any time", so fetch may run ahead between two of the
   stores.  The `ok/old` of the page holds for one store per granule only.
3. "Profile Q gives the same verdict as C in every cell except the last row" holds for all rows of the page.
   `locked8` is not on the page and is a second exception: `ok` under C, `ok/old` under Q and Z, since a
   LOCKed store is visible at done, but a queue still holds what it read before.
4. `address-first` is UB under X; the `UB+torn` of the page is the variant with syncs: only a flush between
   the two stores makes a mixture that is synchronized, hence defined, hence torn.
5. Zen 3 (Z) is not a column of the page.  It equals B except that plain stores cut at 32 bytes ("across half
   line": `store8`, `store8+sync`, `jmp-self` tear), and that its queue adds `old` or a tear where nothing
   flushes (`locked8`, `stop-*`).
6. Z<=Q holds only if the bound of the queue counts instructions, not granules: three lines are three
   executions ahead, three qwords are one and a half where the site crosses a qword, and a patcher that waits
   for two passes of the loop (`WaitQuiescent` twice, no sync) sees `old` under the first bound only.
7. Q<=F does not hold for the literal rules once a patcher counts passes of the loop (`WaitQuiescent` twice,
   without a flush): a queue can hold old, old, INT3 for three visits, while a CPU of age P holds one copy of
   a granule, and executing a held INT3 ends in the IRET that drops it.  So INT3, tail, head, wait, wait,
   Disarm is NOHANDLER under Q and `ok/old` under F, inside a qword.  No row of the page shows it.
"""

from tests.oracle.model import PROFILES, SITE

# The classes of addresses that no profile but those of one byte can tell apart, with the addresses that stand
# for them.
PLACEMENTS: dict[str, tuple[int, ...]] = {
    "in qword": (0,),
    "across qword": (5,),
    "across half line": (30,),
    "across line": (63, 62, 60),
}


def placement(address: int) -> str:
    """The class of an address: the largest boundary that the five bytes cross."""
    for size, name in ((64, "across line"), (32, "across half line"), (8, "across qword")):
        if address % size + SITE > size:
            return name
    return "in qword"


# protocol | placement | A B C D E F G X; a ditto mark repeats the cell on its left.
_PUBLISHED = """
naive-asc             | any          | torn torn torn torn torn torn torn UB
naive-desc            | any          | torn torn torn torn torn torn torn UB
store8                | in qword     | ok/old " " torn ok/old " torn UB
store8                | across qword | ok/old " torn torn ok/old torn torn UB
store8                | across line  | ok/old torn torn torn torn torn torn UB
store8+sync           | in qword     | ok ok ok torn ok ok torn UB
store8+sync           | across line  | ok torn torn torn torn torn torn UB
opcode-first          | any          | torn torn torn torn torn torn torn UB
address-first         | any          | torn torn torn torn torn torn torn UB+torn
address-first+syncs   | any          | torn torn torn torn torn torn torn UB+torn
int3:none             | in qword     | ok/int3,old " " torn ok/int3,old " torn UB
int3:none             | across qword | ok ok torn torn ok torn torn UB
int3:none             | across line  | ok torn torn torn torn torn torn UB
int3:1                | in qword     | ok/int3 " " " " " torn UB
int3:1                | across line  | ok/int3 " " " torn torn torn UB
int3:2                | across line  | ok torn torn torn torn torn torn UB
int3:3                | across line  | ok torn torn torn torn torn torn UB
int3:23               | across line  | ok torn torn torn torn torn torn UB
int3:13               | across line  | ok ok ok ok torn torn torn UB
int3:12               | any          | ok/int3 " " " " " " "
int3:123              | any          | ok ok ok ok ok ok ok ok
int3:123+disarm       | any          | ok ok ok ok ok ok ok ok
disarm-before-3       | any          | NOHANDLER " " " " " " "
disarm-without-3      | any          | NOHANDLER " " " " " " "
arm-after-int3        | any          | NOHANDLER " " " " " " "
jmp-self              | in qword     | ok/old,self " " torn ok/old,self " torn UB
jmp-self              | across line  | ok/.. torn torn torn torn torn torn UB
stop-store8+serialize | any          | ok ok ok ok ok ok ok ok
stop-store8           | in qword     | ok ok ok ok ok/old " torn UB
stop-store8           | across line  | ok ok ok ok torn torn torn UB
"""

# The page gives the column Q in words: as C, but for its last row.
PUBLISHED_Q = {("stop-store8", "in qword"): "ok/old", ("stop-store8", "across line"): "torn"}

# Where a printed cell is not the exact one: (protocol, placement, profile) to the reason.
_COARSE = "the page writes `ok` for safe and leaves out what is stale after done, for want of sync 3"
DIFFERENCES: dict[tuple[str, str, str], str] = {
    ("int3:none", "across qword", "A"): _COARSE,
    ("int3:none", "across qword", "B"): _COARSE,
    ("int3:none", "across qword", "E"): _COARSE,
    ("int3:none", "across line", "A"): _COARSE,
    ("int3:2", "across line", "A"): _COARSE,
    ("jmp-self", "across line", "A"): "the page writes `ok/..`: as inside a qword",
    ("address-first", "any", "X"): "one row of the page for both variants; torn needs a flush (note 4)",
}

# protocol | placement | A B Z C Q D E F G X
_EXACT = """
naive-asc             | any              | torn torn torn torn torn torn torn torn torn UB
naive-desc            | any              | torn torn torn torn torn torn torn torn torn UB
store8                | in qword         | ok/old " " " " torn ok/old " torn UB
store8                | across qword     | ok/old " " torn torn torn ok/old torn torn UB
store8                | across half line | ok/old " torn torn torn torn ok/old torn torn UB
store8                | across line      | ok/old torn torn torn torn torn torn torn torn UB
store8+sync           | in qword         | ok ok ok ok ok torn ok ok torn UB
store8+sync           | across qword     | ok ok ok torn torn torn ok torn torn UB
store8+sync           | across half line | ok ok torn torn torn torn ok torn torn UB
store8+sync           | across line      | ok torn torn torn torn torn torn torn torn UB
locked8               | in qword         | ok ok ok/old ok ok/old torn ok/old " torn UB
locked8               | across qword     | ok ok ok/old torn torn torn ok/old torn torn UB
locked8               | across half line | ok ok ok/old torn torn torn ok/old torn torn UB
locked8               | across line      | ok torn torn torn torn torn torn torn torn UB
locked8+sync          | in qword         | ok ok ok ok ok torn ok ok torn UB
locked8+sync          | across qword     | ok ok ok torn torn torn ok torn torn UB
locked8+sync          | across half line | ok ok ok torn torn torn ok torn torn UB
locked8+sync          | across line      | ok torn torn torn torn torn torn torn torn UB
opcode-first          | any              | torn torn torn torn torn torn torn torn torn UB
address-first         | any              | torn torn torn torn torn torn torn torn torn UB
address-first+syncs   | any              | torn torn torn torn torn torn torn torn torn UB+torn
int3:none             | in qword         | ok/int3,old " " " " torn ok/int3,old " torn UB
int3:none             | across qword     | ok/int3,old " " torn torn torn ok/int3,old torn torn UB
int3:none             | across half line | ok/int3,old " " torn torn torn ok/int3,old torn torn UB
int3:none             | across line      | ok/int3,old torn torn torn torn torn torn torn torn UB
int3:1                | in qword         | ok/int3 " " " " " " " torn UB
int3:1                | across qword     | ok/int3 " " " " " " torn torn UB
int3:1                | across half line | ok/int3 " " " " " " torn torn UB
int3:1                | across line      | ok/int3 " " " " " torn torn torn UB
int3:2                | in qword         | ok/int3 " " " " torn ok/int3 " torn UB
int3:2                | across qword     | ok/int3 " " torn torn torn ok/int3 torn torn UB
int3:2                | across half line | ok/int3 " " torn torn torn ok/int3 torn torn UB
int3:2                | across line      | ok/int3 torn torn torn torn torn torn torn torn UB
int3:12               | any              | ok/int3 " " " " " " " " "
int3:3                | in qword         | ok ok ok ok ok torn ok ok torn UB
int3:3                | across qword     | ok ok ok torn torn torn ok torn torn UB
int3:3                | across half line | ok ok ok torn torn torn ok torn torn UB
int3:3                | across line      | ok torn torn torn torn torn torn torn torn UB
int3:13               | in qword         | ok ok ok ok ok ok ok ok torn UB
int3:13               | across qword     | ok ok ok ok ok ok ok torn torn UB
int3:13               | across half line | ok ok ok ok ok ok ok torn torn UB
int3:13               | across line      | ok ok ok ok ok ok torn torn torn UB
int3:23               | in qword         | ok ok ok ok ok torn ok ok torn UB
int3:23               | across qword     | ok ok ok torn torn torn ok torn torn UB
int3:23               | across half line | ok ok ok torn torn torn ok torn torn UB
int3:23               | across line      | ok torn torn torn torn torn torn torn torn UB
int3:123              | any              | ok ok ok ok ok ok ok ok ok ok
int3:123+disarm       | any              | ok ok ok ok ok ok ok ok ok ok
disarm-before-3       | any              | NOHANDLER " " " " " " " " "
disarm-without-3      | any              | NOHANDLER " " " " " " " " "
arm-after-int3        | any              | NOHANDLER " " " " " " " " "
jmp-self              | in qword         | ok/old,self " " " " torn ok/old,self " torn UB
jmp-self              | across qword     | ok/old,self " " torn torn torn ok/old,self torn torn UB
jmp-self              | across half line | ok/old,self " torn torn torn torn ok/old,self torn torn UB
jmp-self              | across line      | ok/old,self torn torn torn torn torn torn torn torn UB
stop-store8+serialize | any              | ok ok ok ok ok ok ok ok ok ok
stop-store8           | in qword         | ok ok ok/old ok ok/old ok ok/old " torn UB
stop-store8           | across qword     | ok ok ok/old ok torn ok ok/old torn torn UB
stop-store8           | across half line | ok ok torn ok torn ok ok/old torn torn UB
stop-store8           | across line      | ok ok torn ok torn ok torn torn torn UB
stop-bytes+serialize  | any              | ok ok ok ok ok ok ok ok ok ok
stop-bytes            | any              | ok ok torn ok torn ok torn torn torn UB
"""


def _rows(block: str, letters: str) -> dict[tuple[str, str], dict[str, str]]:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for line in block.strip().splitlines():
        protocol, where, cells = (part.strip() for part in line.split("|"))
        row: list[str] = []
        for text in cells.split():
            row.append(row[-1] if text == '"' else text)
        rows[protocol, where] = dict(zip(letters, row, strict=True))
    return rows


PUBLISHED = _rows(_PUBLISHED, "ABCDEFGX")
EXACT = _rows(_EXACT, "".join(PROFILES))


def expected(protocol: str, where: str) -> dict[str, str]:
    """The exact cells, by profile letter, of a protocol at a class of placements."""
    return EXACT.get((protocol, "any")) or EXACT[protocol, where]


# Section 5.2 of the same page, the rows with one site, in A B C D Q E F G X: n forbidden, y reachable,
# U undefined.  "torn or stale" is any label at all.
_CATALOGUE = """
22 | naive-asc        | 0  | torn            | y y y y y y y y U
22 | naive-desc       | 62 | torn            | y y y y y y y y U
23 | store8           | 0  | torn            | n n n y n n n y U
24 | store8           | 5  | torn            | n n y y y n y y U
25 | store8           | 62 | torn            | n y y y y y y y U
26 | locked8          | 62 | torn            | n y y y y y y y U
31 | address-first    | 0  | torn            | y y y y y y y y U
32 | int3:none        | 62 | torn            | n y y y y y y y U
33 | int3:3           | 62 | torn            | n y y y y y y y U
34 | int3:1           | 62 | torn            | n n n n n y y y U
35 | int3:13          | 62 | torn            | n n n n n y y y U
36 | int3:12          | 62 | torn            | n n n n n n n n n
36 | int3:12          | 62 | int3            | y y y y y y y y y
37 | int3:123         | 62 | torn or stale   | n n n n n n n n n
38 | arm-after-int3   | 62 | nohandler       | y y y y y y y y y
38 | disarm-before-3  | 62 | nohandler       | y y y y y y y y y
39 | jmp-self         | 60 | torn            | n y y y y y y y U
40 | stop-store8      | 62 | torn or stale   | n n n n y y y y U
"""


def catalogue() -> list[tuple[str, int, str, dict[str, str]]]:
    """Protocol, address, label and the letter for each profile."""
    rows = []
    for line in _CATALOGUE.strip().splitlines():
        _, protocol, address, label, letters = (part.strip() for part in line.split("|"))
        rows.append((protocol, int(address), label, dict(zip("ABCDQEFGX", letters.split(), strict=True))))
    return rows
