"""The drawing of an identity graph as SVG: no script, no style attribute, nothing loaded.

Colours are classes for the page's style sheet (``graph-confirmed`` and so on), with
``currentColor`` where it has none. A state is told by line, corner and mark as well.
"""

from html import escape

from erasure.identity.graph import NODE, Edge, Graph, Node, shortened
from erasure.values import IdentifierState

TALL = 36  # pixels, of a node
STATES = {  # class, dashes, mark, word
    IdentifierState.CONFIRMED: ("graph-confirmed", "", "✓", "confirmed"),
    IdentifierState.IN_QUESTION: ("graph-question", "6 4", "?", "in question"),
    IdentifierState.LEAD: ("graph-lead", "2 4", "…", "lead"),
    IdentifierState.REJECTED: ("graph-rejected", "10 3 2 3", "×", "not the person's"),
}


def svg(graph: Graph, title: str = "Identity graph") -> str:
    """One self-contained ``<svg>`` element. Everything in it is escaped."""
    places = {node.id: node for node in graph.nodes}
    lines = [_edge(edge, places, crowded=graph.crowded) for edge in graph.edges]
    boxes = [_node(node) for node in graph.nodes]
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="identity-graph" '
            f'viewBox="0 0 {graph.width:.0f} {graph.height:.0f}" width="{graph.width:.0f}" '
            f'height="{graph.height:.0f}" font-family="system-ui, sans-serif" font-size="13" '
            f'fill="currentColor" aria-labelledby="graph-title graph-desc">',
            f'<title id="graph-title">{escape(title)}</title>',
            f'<desc id="graph-desc">{escape(_told(graph))}</desc>',
            *_legend(),
            f'<g fill="none" stroke="currentColor">{"".join(lines)}</g>',
            *([] if graph.crowded else _texts(graph, places)),
            *boxes,
            "</svg>",
        ]
    )


def _told(graph: Graph) -> str:
    counts = []
    for state, (_, _, _, word) in STATES.items():
        number = sum(node.state is state for node in graph.nodes)
        counts += [f"{number} {word}"] if number else []
    records = sum(node.record for node in graph.nodes)
    return (
        f"{len(graph.nodes) - records} identifiers and {records} records, "
        f"{len(graph.edges)} links. {', '.join(counts)}. The table below says the same."
    )


def _legend() -> list[str]:
    parts, x = [], 24
    for name, dashes, mark, word in STATES.values():
        parts.append(
            f'<g class="{name}"><path d="M{x} 16h26" stroke="currentColor" stroke-width="2"'
            f'{_dashed(dashes)}/><text x="{x + 34}" y="20" font-size="12">{mark} {word}</text></g>'
        )
        x += 62 + 7 * len(word) + 14
    return parts


def _dashed(dashes: str) -> str:
    return f' stroke-dasharray="{dashes}"' if dashes else ""


def _ends(edge: Edge, places: dict[str, Node]) -> tuple[float, float, float, float]:
    """From the right side of the left box to the left side of the right one."""
    one, other = sorted((places[edge.label], places[edge.card]), key=lambda node: node.x)
    return one.x + NODE, one.y, other.x, other.y


def _edge(edge: Edge, places: dict[str, Node], *, crowded: bool) -> str:
    x1, y1, x2, y2 = _ends(edge, places)
    middle = (x1 + x2) / 2
    path = f"M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    name = "graph-edge graph-edge-sure" if edge.certain else "graph-edge graph-edge-open"
    width = "1.8" if edge.led else "1"
    dashes = "" if edge.certain else ' stroke-dasharray="5 4"'
    title = escape(f"{edge.text or 'found by it'}{', it led here' if edge.led else ''}")
    faint = ' stroke-opacity="0.45"' if crowded else ' stroke-opacity="0.7"'
    return (
        f'<path class="{name}" d="{path}" stroke-width="{width}"{dashes}{faint}>'
        f"<title>{title}</title></path>"
    )


def _texts(graph: Graph, places: dict[str, Node]) -> list[str]:
    """Each edge's word near its record, on the line, moved down until it is free."""
    taken: list[tuple[float, float]] = []
    found = []
    for edge in sorted(graph.edges, key=lambda each: (_ends(each, places)[3], each.label)):
        if not edge.text:
            continue
        x1, y1, x2, y2 = _ends(edge, places)
        x, y = (x1 + x2) / 2, (y1 + y2) / 2 - 5
        while any(abs(x - left) < 120 and abs(y - top) < 15 for left, top in taken):
            y += 15
        taken.append((x, y))
        found.append(
            f'<text class="graph-edge-text" x="{x:.0f}" y="{y:.0f}" font-size="12" '
            f'text-anchor="middle">{escape(edge.text)}</text>'
        )
    return found


def _node(node: Node) -> str:
    name, dashes, mark, word = STATES[node.state]
    corner = 3 if node.record else TALL / 2
    given = ", given in the request" if node.given else ""
    whole = escape(f"{node.top}: {node.text}, {word}{given}")
    x, y = node.x, node.y - TALL / 2
    width = "2.5" if node.given else "1.5"
    return (
        f'<g class="graph-node {name}{" graph-given" if node.given else ""}"><title>{whole}</title>'
        f'<rect class="graph-box" x="{x:.0f}" y="{y:.0f}" width="{NODE}" height="{TALL}" '
        f'rx="{corner:.0f}" fill="none" stroke="currentColor" stroke-width="{width}"'
        f"{_dashed(dashes)}/>"
        f'<text x="{x + 16:.0f}" y="{y + 23:.0f}" font-size="14">{mark}</text>'
        f"{_words(node, x + 34, y)}</g>"
    )


def _words(node: Node, x: float, y: float) -> str:
    """Kind above label; a label is kept apart from the page's own direction of writing."""
    if not node.text:
        return f'<text x="{x:.0f}" y="{y + 23:.0f}">{escape(shortened(node.top))}</text>'
    return (
        f'<text x="{x:.0f}" y="{y + 14:.0f}" font-size="11" fill-opacity="0.85">'
        f"{escape(shortened(node.top))}</text>"
        f'<text x="{x:.0f}" y="{y + 29:.0f}">&#8296;{escape(shortened(node.text))}&#8297;</text>'
    )
