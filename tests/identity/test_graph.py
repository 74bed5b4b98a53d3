import random
import re
from xml.etree import ElementTree

import pytest

from erasure.identity import Card, Label, lay_out, svg
from erasure.values import IdentifierState

CONFIRMED, IN_QUESTION = IdentifierState.CONFIRMED, IdentifierState.IN_QUESTION
FIVE = (
    [
        Label("a", "E-mail", "m•••@example.org", CONFIRMED, given=True),
        Label("b", "Phone", "+44 ••• ••12", CONFIRMED),
        Label("c", "E-mail", "b•••@example.org", IN_QUESTION),
    ],
    [
        Card("1", "Contacts", "M. B.", CONFIRMED, {"a": "work e-mail", "b": "home phone"},
             frozenset("a")),
        Card("2", "Contacts", "B. M.", IN_QUESTION, {"b": "home phone", "c": "other e-mail"},
             frozenset("b")),
    ],
)  # fmt: skip


def made(size):
    chance = random.Random(size)  # noqa: S311
    states = list(IdentifierState)
    many = size * 2 // 3
    labels = [
        Label(f"i{n:02}", "E-mail", f"m{n}•••@example.org", chance.choice(states), given=n == 0)
        for n in range(many)
    ]
    cards = [
        Card(
            f"r{n:02}", "Contacts", "M. B.", chance.choice(states),
            {f"i{(2 * n + step) % many:02}": "other e-mail" for step in range(3)},
        )
        for n in range(size - many)
    ]  # fmt: skip
    return labels, cards


def test_graph_stands_in_columns_by_distance_from_what_was_given():
    columns = {node.id: node.column for node in lay_out(*FIVE).nodes}
    assert columns == {"a": 0, "1": 1, "b": 2, "2": 3, "c": 4}


def test_graph_from_rows_in_another_order_is_the_same():
    labels, cards = made(60)
    turned = lay_out(labels[::-1], cards[::-1])
    assert svg(turned) == svg(lay_out(labels, cards))


@pytest.mark.parametrize("size", [5, 20, 60])
def test_graph_boxes_do_not_overlap_and_stay_on_the_page(size):
    graph = lay_out(*made(size))
    assert len(graph.nodes) == size
    for one in graph.nodes:
        assert 0 <= one.x <= graph.width - 190
        assert 18 <= one.y <= graph.height - 18
        same = [e for e in graph.nodes if e.column == one.column and e is not one]
        assert all(abs(e.y - one.y) >= 40 for e in same)


def test_graph_of_five_writes_on_its_lines_and_of_sixty_in_tooltips():
    few, many = svg(lay_out(*FIVE)), svg(lay_out(*made(60)))
    assert few.count('class="graph-edge-text"') == 4
    assert many.count('class="graph-edge-text"') == 0
    assert many.count("<title>other e-mail</title>") == 60


def test_graph_of_nothing_is_still_a_drawing():
    assert ElementTree.fromstring(svg(lay_out([], []))).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314


def test_svg_has_a_name_a_description_and_nothing_a_strict_policy_forbids():
    drawing = svg(lay_out(*FIVE), "Addresses & records")
    root = ElementTree.fromstring(drawing)  # noqa: S314
    assert root.get("role") == "img"
    told = {each.tag.rpartition("}")[2]: each.text for each in root[:2]}
    assert told["title"] == "Addresses & records"
    assert told["desc"].startswith("3 identifiers and 2 records, 4 links. 3 confirmed, 2 in")
    for each in root.iter():
        assert each.tag.rpartition("}")[2] in {"svg", "title", "desc", "g", "path", "rect", "text"}
        assert not [name for name in each.attrib if name == "style" or name.startswith("on")]
        assert not [name for name in each.attrib if "href" in name]


def test_svg_tells_each_state_by_more_than_a_colour():
    drawing = svg(lay_out(*FIVE))
    dashes = re.findall(r'class="graph-box"[^>]*?(?:stroke-dasharray="([^"]*)")?/>', drawing)
    assert sorted(dashes) == ["", "", "", "6 4", "6 4"]
    assert "b•••@example.org, in question" in drawing


def test_svg_escapes_whatever_stands_in_a_label():
    bad = '<script>alert("1")</script>&'
    labels = [Label("a", bad, bad, CONFIRMED, given=True)]
    cards = [Card("1", bad, bad, CONFIRMED, {"a": bad})]
    drawing = svg(lay_out(labels, cards), bad)
    assert "<script" not in drawing
    ElementTree.fromstring(drawing)  # noqa: S314


def test_svg_cuts_a_long_label_in_the_middle_and_keeps_it_whole_in_the_tooltip():
    long = "averyveryverylonglocalpart•••@subdomain.example.org"
    drawing = svg(lay_out([Label("a", "E-mail", long, CONFIRMED, given=True)], []))
    assert "averyver…ample.org" in drawing
    assert f"E-mail: {long}, confirmed, given in the request" in drawing


def test_svg_keeps_a_right_to_left_label_apart():
    drawing = svg(lay_out([Label("a", "Name", "ل. م.", CONFIRMED)], []))
    assert "&#8296;ل. م.&#8297;" in drawing
