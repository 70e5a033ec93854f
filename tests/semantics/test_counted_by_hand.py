"""Small state spaces counted by hand: that the search is exhaustive is proved, not claimed."""

import pytest

from simulator.explore.checker import Options, check
from simulator.explore.reductions import Reductions
from simulator.explore.subject import Subject
from simulator.scenario.scenario import Scenario
from tests.semantics.bare import X, Y, bare
from tests.semantics.guests import build

OFF = Reductions(merge=False, interrupts=False, dead=False, ahead=False, late=False, registers=False, symmetry=False)


def size(subject: Subject, reductions: Reductions | None = None) -> tuple[int, int]:
    statistics = check(subject, Options(reductions or Reductions(), collect=True)).statistics
    assert statistics.frontier == 0
    return statistics.states, statistics.transitions


def scenario(protocol: str, profile: str, placement: int = 0, cpus: int = 1) -> Subject:
    plain = Scenario(protocol=protocol, workload="workload_caller_once", placement=placement, cpus=cpus)
    return build(plain, profile).subject


def test_one_store_of_one_cpu() -> None:
    """``mov rdi, x; mov byte [rdi], 1; hlt``, every instruction a step.

    States: at MOV; at the store; behind it with the store pending or visible; halted with it pending or visible:
    6. Transitions: MOV; the store; from "behind it, pending" the commit or HLT; one each from the next two: 6.
    """
    assert size(bare(f"mov rdi, {X:#x}\nmov byte ptr [rdi], 1\nhlt").subject, OFF) == (6, 6)


@pytest.mark.parametrize(("data_model", "states", "transitions"), [("tso", 36, 72), ("sc", 25, 40)])
def test_two_cpus_that_share_nothing(data_model: str, states: int, transitions: int) -> None:
    """Two of ``mov rdi, x; mov byte [rdi], 1; hlt``, each with a word of its own: the product of the parts.

    One part, TSO: at MOV; at the store; behind it, halted, each with the store pending or visible: 6 states; MOV,
    store, commit or HLT, and one each from the two in between: 6 transitions. SC: a pending store has to commit
    first, so the part is a line of 5 states: at MOV, at the store, pending, visible, halted; 4 transitions.
    Product: states multiply, and each transition occurs once for every state of the other part.
    """
    programs = [f"mov rdi, {where:#x}\nmov byte ptr [rdi], 1\nhlt" for where in (X, Y)]
    assert size(bare(*programs, data_model=data_model).subject, OFF) == (states, transitions)


def test_a_locked_store_under_one_call() -> None:
    """``locked-store8``, coherent, one CPU that calls once; local steps merged.

    Patcher: before the XCHG, behind it, halted. Caller: at the site (a); behind the NOP, at an instruction that
    eight bytes reach into (m); behind that, with HLT to come (bo); halted (co); or, by the new jump, with HLT to
    come (bn); halted (cn). Before the XCHG there are a, m, bo, co; afterwards all six.
    States: 4 + 6 + 6 = 16. Transitions: before, 4 of the patcher and 3 of the caller (a to m to bo to co);
    behind, 6 and 4 (a to bn, m to bo, bo to co, bn to cn); halted, 0 and the same 4: 21.
    """
    assert size(scenario("locked-store8", "coherent")) == (16, 21)


def test_a_plain_store_under_one_call() -> None:
    """``store8``, coherent, the same caller.

    Patcher: before the store (1), store pending (2), halted and pending (3), visible (4), halted and visible (5).
    In 1 to 3 the caller has four places, in 4 and 5 six: 12 + 12 = 24 states.
    Transitions: 1: 4 + 3; 2: commit or HLT, 8 + 3; 3: commit, 4 + 3; 4: HLT, 6 + 4; 5: 0 + 4: 39.
    """
    assert size(scenario("store8", "coherent")) == (24, 39)


def test_a_locked_store_across_two_lines_under_one_call() -> None:
    """``locked-store8`` at 62, line64: the caller reads two bytes of the site, then three.

    It has two more places, the old (ho) or the new head (hn) read. Before the XCHG: a, ho, m, bo, co; behind it
    also hn, bn, cn; halted: the same eight: 21 states. Transitions: before, 5 + 4 (a to ho to m to bo to co);
    behind, 8 + 6 (a to hn; ho executes a tear, which leads nowhere; hn to bn; m to bo; bo to co; bn to cn);
    halted, 0 + 6: 29.
    """
    assert size(scenario("locked-store8", "line64", placement=62)) == (21, 29)


@pytest.mark.parametrize(("symmetry", "states"), [(False, 16 + 36 + 36), (True, 10 + 21 + 21)])
def test_twins_are_counted_once(symmetry: bool, states: int) -> None:
    """``locked-store8``, coherent, and two callers: pairs of 4, 6 and 6 places.

    Each caller has taken its first local steps, and forgotten its number, before the first state. So twins are
    unordered pairs of n places, n(n + 1)/2: 10 for four, 21 for six.
    """
    subject = scenario("locked-store8", "coherent", cpus=2)
    assert size(subject, Reductions(symmetry=symmetry))[0] == states
