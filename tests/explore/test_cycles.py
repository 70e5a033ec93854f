"""Fair cycles of small graphs: counted by hand, and against a search of all sets of edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.explore.fairness.cycles import Component, Edge, Hop, components, fair_components, fair_cycle

A, B = 1, 2
"""Two actions."""


def graph(*edges: tuple[int, int, int, int]) -> list[list[Edge]]:
    """A graph of (from, to, actions taken, actions enabled all the way)."""
    states = 1 + max(max(source, target) for source, target, *_ in edges)
    found: list[list[Edge]] = [[] for _ in range(states)]
    for source, target, taken, enabled in edges:
        found[source].append(Edge(target, taken, enabled, enabled))
    return found


def fair(edges: Sequence[Sequence[Edge]], weak: int = 0, strong: int = 0) -> list[frozenset[int]]:
    return [component.states for component in fair_components(edges, weak, strong)]


def test_components_are_the_sets_of_states_that_reach_each_other() -> None:
    edges = graph((0, 1, 0, 0), (1, 2, 0, 0), (2, 1, 0, 0), (2, 3, 0, 0))
    found = set(components(edges, Component(frozenset(range(4)), 0)))
    assert found == {frozenset({0}), frozenset({1, 2}), frozenset({3})}


def test_a_path_without_a_way_back_is_no_cycle() -> None:
    assert fair(graph((0, 1, 0, 0), (1, 2, 0, 0))) == []


def test_a_loop_of_one_state_is_a_cycle() -> None:
    assert fair(graph((0, 0, A, A)), weak=A) == [frozenset({0})]


def test_a_cycle_on_which_somebody_is_ready_all_the_time_and_never_runs_is_not_weakly_fair() -> None:
    assert fair(graph((0, 1, A, A | B), (1, 0, A, A | B)), weak=A | B) == []


def test_a_cycle_on_which_somebody_is_ready_now_and_then_and_never_runs_is_weakly_fair() -> None:
    assert fair(graph((0, 1, A, A | B), (1, 0, A, A)), weak=A | B) == [frozenset({0, 1})]


def test_a_cycle_on_which_somebody_is_ready_now_and_then_and_never_runs_is_not_strongly_fair() -> None:
    assert fair(graph((0, 1, A, A | B), (1, 0, A, A)), weak=A, strong=B) == []


def test_a_strongly_fair_cycle_may_avoid_the_states_that_offer_what_it_never_takes() -> None:
    edges = graph((0, 1, A, A | B), (1, 0, A, A), (1, 2, A, A), (2, 1, A, A))
    assert fair(edges, weak=A, strong=B) == [frozenset({1, 2})]


def test_two_actions_ready_in_turn_with_one_never_taken_are_weakly_fair_only() -> None:
    edges = graph((0, 1, A, A), (1, 0, 0, B))
    assert (fair(edges, weak=A | B), fair(edges, strong=A | B)) == ([frozenset({0, 1})], [])


def test_the_cycle_goes_where_an_action_is_shown_disabled() -> None:
    edges = graph((0, 0, A, A | B), (0, 1, A, A | B), (1, 0, A, A))
    (component,) = fair_components(edges, A | B, 0)
    assert Hop(1, 0) in fair_cycle(edges, component, 0, A | B, 0)


# against brute force -------------------------------------------------------------------------------------

WEAK, STRONG = 0b0011, 0b1100
ACTIONS = st.integers(0, 15)


@st.composite
def graphs(draw: st.DrawFn) -> list[list[Edge]]:
    """At most 4 states and 7 edges, with 2 actions of either kind."""
    states = draw(st.integers(1, 4))
    found: list[list[Edge]] = [[] for _ in range(states)]
    for _ in range(draw(st.integers(0, 7))):
        some = draw(ACTIONS)
        edge = Edge(draw(st.integers(0, states - 1)), draw(ACTIONS) & some, some, draw(ACTIONS) & some)
        found[draw(st.integers(0, states - 1))].append(edge)
    return found


def closed_walks(edges: list[list[Edge]]) -> Iterator[tuple[tuple[int, Edge], ...]]:
    """Every set of edges that some closed walk uses, all of it."""
    every = [(source, edge) for source, leaving in enumerate(edges) for edge in leaving]
    for size in range(1, len(every) + 1):
        for chosen in combinations(every, size):
            if all(reaches(chosen, edge.target, source) for _, edge in chosen for source, _ in chosen):
                yield chosen


def reaches(chosen: Sequence[tuple[int, Edge]], start: int, end: int) -> bool:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        new = {edge.target for source, edge in chosen if source == here} - seen
        seen |= new
        todo += new
    return end in seen


def is_fair(walk: Sequence[Edge]) -> bool:
    for bit in (1, 2, 4, 8):
        if any(edge.taken & bit for edge in walk):
            continue
        owed = [edge.every & bit for edge in walk] if bit & WEAK else [any(edge.some & bit for edge in walk)]
        if all(owed):
            return False
    return True


@settings(max_examples=300, deadline=None, derandomize=True)
@given(graphs())
def test_there_is_a_fair_component_exactly_where_some_closed_walk_is_fair(edges: list[list[Edge]]) -> None:
    expected = any(is_fair([edge for _, edge in walk]) for walk in closed_walks(edges))
    assert bool(fair(edges, WEAK, STRONG)) == expected


@settings(max_examples=300, deadline=None, derandomize=True)
@given(graphs())
def test_the_cycle_found_in_a_component_is_closed_and_fair(edges: list[list[Edge]]) -> None:
    for component in fair_components(edges, WEAK, STRONG):
        start = min(component.states)
        walk = fair_cycle(edges, component, start, WEAK, STRONG)
        taken = [edges[hop.state][hop.edge] for hop in walk]
        assert is_fair(taken)
        assert [hop.state for hop in walk] == [start, *(edge.target for edge in taken[:-1])]
        assert taken[-1].target == start
