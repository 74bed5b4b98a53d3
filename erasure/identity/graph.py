"""The identity graph as a drawing: from plain rows to places on a page. Pure.

Identifiers and records stand in columns by their distance from what was given; every
line runs from one column to a neighbouring one. The same rows give the same drawing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from erasure.values import IdentifierState

CROWDED = 12  # edges; above it their labels are shown on pointing alone
ROW, CROWDED_ROW = 76, 44  # pixels from one row to the next
COLUMN, CROWDED_COLUMN = 324, 258  # pixels from column to column
NODE = 190  # pixels, width of a node
MARGIN, HEAD = 24, 40
SWEEPS = 6
MOST_LETTERS, MOST_WORDS = 18, 20  # of a node's label, of an edge's


@dataclass(frozen=True, slots=True)
class Label:
    """An identifier: masked, as everywhere on the page."""

    id: str
    kind: str  # for people: "E-mail"
    text: str
    state: IdentifierState
    given: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A record, the identifiers it carries (and as what), and those that led to it."""

    id: str
    store: str  # for people: "External contacts"
    text: str
    state: IdentifierState
    carries: Mapping[str, str]  # label id: "other e-mail"
    led: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Node:
    """One box. ``x`` and ``y`` are its left edge and its middle."""

    id: str
    top: str  # kind or store
    text: str
    state: IdentifierState
    record: bool
    given: bool
    column: int
    x: float = 0
    y: float = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between a label and a card."""

    label: str
    card: str
    text: str
    led: bool  # the identifier led to the record
    certain: bool  # both ends are confirmed


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    crowded: bool


def lay_out(labels: Sequence[Label], cards: Sequence[Card]) -> Graph:
    """Place everything. What a card carries that is no label is left out."""
    known = {label.id for label in labels}
    edges = [
        Edge(who, card.id, _short(where, MOST_WORDS), who in card.led, _certain(who, card, labels))
        for card in sorted(cards, key=lambda each: each.id)
        for who, where in sorted({**dict.fromkeys(card.led, ""), **card.carries}.items())
        if who in known
    ]
    columns = _columns(labels, cards, edges)
    nodes = [
        Node(e.id, e.kind, e.text, e.state, record=False, given=e.given, column=columns[e.id])
        for e in sorted(labels, key=lambda each: each.id)
    ] + [
        Node(e.id, e.store, e.text, e.state, record=True, given=False, column=columns[e.id])
        for e in sorted(cards, key=lambda each: each.id)
    ]
    return _placed(nodes, edges)


def _certain(who: str, card: Card, labels: Iterable[Label]) -> bool:
    confirmed = IdentifierState.CONFIRMED
    return card.state is confirmed and any(e.id == who and e.state is confirmed for e in labels)


def _columns(
    labels: Sequence[Label], cards: Sequence[Card], edges: Sequence[Edge]
) -> dict[str, int]:
    """Distance from what was given, breadth first; what nothing leads to stands at the front."""
    near = _neighbours(edges)
    columns = {label.id: 0 for label in labels if label.given}
    frontier = sorted(columns)
    while frontier:
        fresh = sorted({n for one in frontier for n in near.get(one, ()) if n not in columns})
        columns.update(dict.fromkeys(fresh, 1 + columns[frontier[0]]))
        frontier = fresh
    apart = {label.id: 0 for label in labels} | {card.id: 1 for card in cards}
    return apart | columns


def _neighbours(edges: Iterable[Edge]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for edge in edges:
        near.setdefault(edge.label, []).append(edge.card)
        near.setdefault(edge.card, []).append(edge.label)
    return near


def _placed(nodes: Sequence[Node], edges: Sequence[Edge]) -> Graph:
    crowded = len(edges) > CROWDED
    row, across = (CROWDED_ROW, CROWDED_COLUMN) if crowded else (ROW, COLUMN)
    order = _ordered(nodes, edges)
    tallest = max((len(column) for column in order.values()), default=0)
    by_id = {node.id: node for node in nodes}
    placed = []
    for number, column in order.items():
        step = row * (tallest / len(column) if not crowded else 1)
        top = HEAD + (tallest * row - step * len(column)) / 2
        for place, name in enumerate(column):
            y = top + step * (place + 0.5)
            placed.append(replace(by_id[name], x=MARGIN + number * across, y=y))
    width = MARGIN * 2 + NODE + across * max(order, default=0)
    return Graph(tuple(placed), tuple(edges), width, HEAD + tallest * row + MARGIN, crowded)


def _ordered(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[int, list[str]]:
    """Columns of ids, sorted so that few lines cross: each by the middle of its neighbours."""
    near = _neighbours(edges)
    order: dict[int, list[str]] = {}
    for node in sorted(nodes, key=lambda each: (each.column, each.id)):
        order.setdefault(node.column, []).append(node.id)
    for sweep in range(SWEEPS):
        for number in sorted(order, reverse=bool(sweep % 2)):
            height = {
                name: (place + 0.5) / len(column)
                for column in order.values()
                for place, name in enumerate(column)
            }
            order[number].sort(key=lambda name: (_middle(name, near, height), name))
    return order


def _middle(name: str, near: Mapping[str, Sequence[str]], height: Mapping[str, float]) -> float:
    around = near.get(name) or [name]
    return round(sum(height[each] for each in around) / len(around), 6)


def _short(text: str, most: int) -> str:
    """Cut in the middle: both ends of an address tell something."""
    if len(text) <= most:
        return text
    left = (most - 1) // 2
    return f"{text[:left]}…{text[-(most - 1 - left) :]}"


def shortened(text: str) -> str:
    """A node's label, to fit its box."""
    return _short(text, MOST_LETTERS)
