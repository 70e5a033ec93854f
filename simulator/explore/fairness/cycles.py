"""Fair cycles of a finite graph: can a system run for ever without doing what it must?

Each edge says which actions it takes and which were enabled on the way, as bits of an integer. Under *weak*
fairness (justice) a cycle counts only if every action that is enabled all along it is taken in it; under *strong*
fairness (compassion), if every action that is enabled anywhere on it is taken. Strongly connected components are
Tarjan's (SIAM J. Comput. 1, 1972); a strong action that a component offers and never takes bans the edges that
offer it, and what is left is searched again (Emerson and Lei, Sci. Comput. Program. 8, 1987).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple


class Edge(NamedTuple):
    """A way from one state to the next. Everything but ``target`` is a set of actions, one bit each."""

    target: int
    taken: int
    some: int
    """Enabled at the state it leaves or anywhere on the way."""
    every: int
    """Enabled at the state it leaves and all the way."""


Edges = Sequence[Sequence[Edge]]
"""The edges that leave each state."""


class Component(NamedTuple):
    """States that reach each other by edges that offer nothing in ``banned``, and whose cycles can be fair."""

    states: frozenset[int]
    banned: int


class Hop(NamedTuple):
    """One edge of a path: the state it leaves, and its position among the edges of that state."""

    state: int
    edge: int


def fair_components(edges: Edges, weak: int, strong: int) -> Iterator[Component]:
    """Yield the components with a fair cycle; ``weak`` and ``strong`` are the actions that must be treated so."""
    todo = [Component(frozenset(range(len(edges))), 0)]
    while todo:
        within = todo.pop()
        for states in components(edges, within):
            found = Component(states, within.banned)
            inner = [edge for state in states for edge in edges[state] if _inside(found, edge)]
            if not inner:
                continue
            starved = owed(inner, 0, strong)
            if starved:
                todo.append(Component(states, within.banned | starved))
            elif not owed(inner, weak, 0):
                yield found


def fair_cycle(edges: Edges, component: Component, start: int, weak: int, strong: int) -> tuple[Hop, ...]:
    """Return a closed walk from ``start`` through a component of ``fair_components`` that is itself fair."""
    walk: list[Hop] = []
    here = start
    while True:
        unmet = owed([edges[hop.state][hop.edge] for hop in walk], weak, strong)
        if walk and not unmet and here == start:
            return tuple(walk)
        walk += _nearest(edges, component, here, _helps(unmet, weak) if unmet else _goes_to(start))
        here = edges[walk[-1].state][walk[-1].edge].target


def owed(walk: Collection[Edge], weak: int, strong: int) -> int:
    """Return the actions that edges owe: ``weak`` ones enabled on all of them (no edges: any), ``strong`` on one."""
    taken, some, every = 0, 0, -1
    for edge in walk:
        taken |= edge.taken
        some |= edge.some
        every &= edge.every
    return (every & weak | some & strong) & ~taken


def _helps(unmet: int, weak: int) -> Callable[[Edge], bool]:
    """Return a test for edges that take an action that is owed, or show a weak one disabled."""
    return lambda edge: bool(unmet & (edge.taken | weak & ~edge.every))


def _goes_to(state: int) -> Callable[[Edge], bool]:
    return lambda edge: edge.target == state


def _inside(component: Component, edge: Edge) -> bool:
    return edge.target in component.states and not edge.some & component.banned


def _nearest(edges: Edges, component: Component, start: int, wanted: Callable[[Edge], bool]) -> list[Hop]:
    """Return the shortest path inside a component whose last edge is a wanted one."""
    reached: dict[int, Hop | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for number, edge in enumerate(edges[state]):
            if not _inside(component, edge):
                continue
            if wanted(edge):
                return [*path_to(reached, state), Hop(state, number)]
            if edge.target not in reached:
                reached[edge.target] = Hop(state, number)
                queue.append(edge.target)
    raise AssertionError("a component is connected and has every edge that is asked for")


def path_to(reached: Mapping[int, Hop | None] | Sequence[Hop | None], state: int) -> list[Hop]:
    """Return the path to a state, given for each state the hop by which it was first reached (None: the start)."""
    hops = []
    hop = reached[state]
    while hop is not None:
        hops.append(hop)
        hop = reached[hop.state]
    return hops[::-1]


def components(edges: Edges, within: Component) -> Iterator[frozenset[int]]:
    """Yield the strongly connected components of part of a graph (Tarjan, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    open_states: set[int] = set()
    for root in sorted(within.states):
        if root in index:
            continue
        calls = [(root, _targets(edges, within, root))]
        index[root] = low[root] = len(index)
        stack.append(root)
        open_states.add(root)
        while calls:
            state, targets = calls[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    open_states.add(target)
                    calls.append((target, _targets(edges, within, target)))
                    break
                if target in open_states:
                    low[state] = min(low[state], index[target])
            else:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[state])
                if low[state] == index[state]:
                    yield _popped(stack, open_states, state)


def _popped(stack: list[int], open_states: set[int], root: int) -> frozenset[int]:
    members = set()
    while root not in members:
        members.add(stack.pop())
    open_states -= members
    return frozenset(members)


def _targets(edges: Edges, within: Component, state: int) -> Iterator[int]:
    return (edge.target for edge in edges[state] if _inside(within, edge))
