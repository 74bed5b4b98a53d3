import json

import pytest

from erasure.documents.discovery_report import (
    CONFIDENTIAL,
    discovery_json,
    render_discovery,
    result,
    warning,
)
from erasure.documents.facts import IdentifierLine, ManualLine
from erasure.values import IdentifierState, StoreStatus
from tests.documents.given import ARABIC, LONG, conforms, fonts, lines, opened, pages, report


@pytest.mark.parametrize("items", [0, 1, 40])
def test_discovery_of_any_size_is_pdfa_3b(items):
    assert conforms(render_discovery(report(items))) == "pass"


def test_discovery_of_the_same_facts_has_the_same_bytes():
    assert render_discovery(report()) == render_discovery(report())


def test_discovery_embeds_every_font():
    assert fonts(render_discovery(report())) == {"DejaVuSans": True, "DejaVuSans-Bold": True}


def test_discovery_is_confidential_on_each_page():
    found = pages(render_discovery(report(100)))
    assert [page.count(CONFIDENTIAL) for page in found] == [1] * len(found)


def test_discovery_result_counts_stores_by_answer():
    assert result(report(40)) == (
        "40 items found in 1 store; 1 searched and empty, 1 not present and 1 for a person to "
        "search."
    )


def test_discovery_of_nothing_says_so():
    assert result(report(0)) == (
        "No item found; 2 searched and empty, 1 not present and 1 for a person to search."
    )


def test_discovery_when_a_store_is_silent_warns_by_name():
    assert (
        warning(report()) == "Not complete: 1 store did not answer: Voicemail (Genesys Cloud EU)."
    )


def test_discovery_when_every_store_answered_says_so():
    answered = tuple(s for s in report().stores if s.status is not StoreStatus.UNANSWERED)
    whole = report(stores=answered)
    assert warning(whole) == ""
    assert result(whole).endswith(" Every store answered.")


def test_discovery_shows_zero_where_searched_and_none_where_not():
    found = lines(render_discovery(report(7)))
    start = found.index("Every store, and what it answered")
    table = found[start : found.index("Identifiers", start + 1)]
    assert [cell for cell in table if cell in ("7", "0", "–")] == ["–", "0", "7", "–", "–"]
    assert [table.count(why) for why in ("Unanswered", "HTTP 403", "Tapes")] == [1, 1, 1]


def test_discovery_lists_what_a_person_works_off_with_its_instructions():
    line = ManualLine("Archive", "Tapes", "Look through the tapes.", "Exempt (Art. 17(3)(b))")
    found = lines(render_discovery(report(by_hand=(line,))))
    start = found.index("For a person to work off")
    assert found.index("Look through the tapes.", start) < found.index("Identifiers", start)


def test_discovery_of_an_identifier_in_question_says_what_speaks_for_and_against():
    asked = IdentifierLine(
        "phone", "+44 •••• ••0123", "Found in CRM, Contacts, as other phone",
        IdentifierState.IN_QUESTION, speaks_for=("Same name.",),
        speaks_against=("Also another's.",),
    )  # fmt: skip
    found = lines(render_discovery(report(identifiers=(asked,))))
    start = found.index("Identifiers in question")
    assert [found[start:].count(text) for text in ("Same name.", "Also another's.")] == [1, 1]


def test_discovery_lists_each_item_once():
    text = lines(render_discovery(report(120)))
    assert [text.count(f"Call {number}") for number in range(1, 121)] == [1] * 120


def test_discovery_of_ten_times_the_items_grows_evenly():
    counted = []
    for items in (300, 3_000):
        with opened(render_discovery(report(items))) as pdf:
            counted.append((len(pdf.pages), len(pdf.objects)))
    (few_pages, few_objects), (pages_, objects) = counted
    assert (pages_ <= 10 * few_pages, objects <= 10 * few_objects) == (True, True)


def test_discovery_of_an_arabic_name_keeps_it_readable_by_machines():
    data = render_discovery(report(subject=ARABIC, controller=LONG))
    assert conforms(data) == "pass"
    said = b"/ActualText <feff" + ARABIC.encode("utf-16-be").hex().encode()
    with opened(data) as pdf:
        assert pdf.pages[0].Contents.read_bytes().count(said) == 1


def test_discovery_escapes_nothing_and_interprets_nothing():
    found = lines(render_discovery(report(subject="<b>Ada</b> & (Co) \\n")))
    assert found.count("<b>Ada</b> & (Co) \\n") == 1


def test_discovery_json_holds_the_whole_report():
    given = report(2, subject=ARABIC)
    data = discovery_json(given)
    found = json.loads(data)
    assert data.count(ARABIC.encode()) == 1
    assert found["schema"] == "erasure-discovery/v1"
    assert found["prepared_at"] == "2026-01-05T16:30:00+01:00"
    assert [line["status"] for line in found["stores"]] == [s.status for s in given.stores]
    assert found["items"][1] == {
        "number": 2,
        "store": "Recordings",
        "label": "Call 2",
        "when": "2025-03-02",
        "state": "PROPOSED",
        "reason": "",
    }
