"""What people read on the pages that the product draws, each fact altered on them alone."""

import re
from copy import deepcopy
from functools import cache

import pytest

from erasure.proof import canonical, pages, printed
from tests.documents.given import certificate, rendered
from tests.documents.given import pages as texts_of
from tests.proof.given import pages_for, sealed

VERSIONS = (1, 2)


@cache
def drawn(version):
    """Text, facts and their bytes."""
    value = sealed(version)["certificate.json"]
    text = "\n".join(texts_of(rendered(canonical.decode(value), digest=digest_of(value))))
    return text, canonical.decode(value), value


def digest_of(data):
    return pages.digest(data)


def check(text, version=1):
    return pages.check(text, *drawn(version)[1:])


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_as_drawn_say_what_is_certified(version):
    assert check(drawn(version)[0], version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_of_the_tests_say_it_too(version):
    assert check("\n".join(pages_for(sealed(version))), version) == []


OTHERWISE = "The pages say otherwise than certified"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("ER-2026-000001, version 1", "ER-2026-000002, version 1",
         f"{OTHERWISE} which case and version it is."),
        ("version 1, issued", "version 2, issued", f"{OTHERWISE} which case and version it is."),
        ("issued 6 Jan 2026", "issued 6 Feb 2026", f"{OTHERWISE} when it was issued."),
        ("issued 6 Jan 2026", "of 6 Jan 2026", "The pages do not say when it was issued."),
        ("Digest\n", "Digest\n0", "The pages do not say the digest."),
        ("Partly held: a later", "Complete: nothing remains. A later",
         f"{OTHERWISE} the status."),
        ("Partly held: a later", "A later", "The pages do not say the status."),
        ("2 of 5 items erased", "5 of 5 items erased", f"{OTHERWISE} how much is gone."),
        ("2 of 5 items erased", "All 5 items erased", "The pages do not say how much is gone."),
        ("1 item anonymised,", "2 items anonymised,", f"{OTHERWISE} how much is anonymised."),
        ("1 item attested,", "1 item sworn,", "The pages do not say how much is attested."),
        ("1 item kept\nunder", "10 items kept under",
         "The pages say otherwise than certified how many items are kept."),
        ("1 item kept\nunder", "1 item under",
         "The pages say otherwise than certified how many items are kept."),
        ("All systems\n5\n2", "All systems\n5\n5", f"{OTHERWISE} the sum of all systems."),
        ("All stores\n5\n2", "All stores\n5\n5", f"{OTHERWISE} the sum of all stores."),
        ("genesys-eu.recordings\n2\n1\n0\n0\n1", "genesys-eu.recordings\n2\n2\n0\n0\n0",
         f"{OTHERWISE} the counts of genesys-eu.recordings."),
        ("genesys-eu.recordings\n2\n1\n0\n0\n1", "genesys-eu.recordings",
         "The pages do not say the counts of genesys-eu.recordings."),
    ],
)  # fmt: skip
def test_fact_that_differs_where_people_read_is_found(old, new, problem):
    text = drawn(1)[0]
    assert old in text
    assert problem in check(text.replace(old, new))


SYSTEMS = "The counts by system on the first page are not the certified ones."


@pytest.mark.parametrize(
    "alter",
    [
        lambda rows: [*rows[:-1], "7"],
        lambda rows: rows[:-6],
        lambda rows: [*rows, "Other CRM", "3", "3", "0", "0", "0"],
        lambda rows: ["Other CRM", "3", "3", "0", "0", "0", *rows],
        lambda rows: [*rows[6:], *rows[:6]],
        lambda rows: [],
    ],
    ids=["other number", "less", "more", "more before", "other order", "none"],
)
def test_row_of_a_system_that_differs_is_found(alter):
    assert SYSTEMS in check(with_rows(alter))


@pytest.mark.parametrize(
    "alter",
    [
        lambda rows: ["365", *rows[1:]],
        lambda rows: ["Desk 24", "7", *rows[1:]],
        lambda rows: [*rows[:6], "2 other systems, see page 2", *summed(rows[6:])],
    ],
    ids=["a number", "numbers", "the rest in one"],
)
def test_name_of_a_system_and_rows_summed_up_are_not_compared(alter):
    assert check(with_rows(alter)) == []


def with_rows(alter):
    """The text, the rows of systems on its first page otherwise."""
    found = re.search(r"Kept\n(.*?)\nAll systems", drawn(1)[0], re.DOTALL)
    text, rows = drawn(1)[0], found[1].split("\n")
    assert len(rows) % 6 == 0
    return text[: found.start(1)] + "\n".join(alter(rows)) + text[found.end(1) :]


def summed(rows):
    columns = [rows[at::6] for at in range(1, 6)]
    return [str(sum(int(one) for one in column)) for column in columns]


def test_what_stands_after_the_block_may_not_say_otherwise():
    text = drawn(1)[0] + "\nER-2026-000001, version 1: Complete: nothing remains that is known of."
    assert check(text) == [f"{OTHERWISE} the status."]


def test_what_stands_after_the_block_alone_does_not_count():
    text = drawn(1)[0]
    moved = text.replace("Partly held: a later version", "x") + "\nPartly held: a later version"
    assert check(moved) == ["The pages do not say the status."]


@pytest.mark.parametrize("counts", [{}, {"VERIFIED": 1}, {"VERIFIED": 12_345}, {"EXEMPT": 1_000}])
def test_pages_with_none_one_and_many_items_say_what_is_certified(counts):
    value = deepcopy(certificate())
    value["summary"].update(by_store={"crm.case": counts}, items=sum(counts.values()))
    value["not_reached"] = []
    value["retained"] = [
        {"ground": "17(3)(e)", "items": number, "review_by": None, "store": "crm.case",
         "until": "2027-06-30"}
        for outcome, number in counts.items() if outcome == "EXEMPT"
    ]  # fmt: skip
    data = canonical.encode(value)
    text = "\n".join(texts_of(rendered(value, digest=digest_of(data))))
    assert pages.check(text, value, data) == []


def test_pages_with_many_systems_and_long_names_say_what_is_certified():
    value = deepcopy(certificate())
    stores = {f"system-{number:02}.{'long_' * 7}name": {"VERIFIED": number} for number in range(60)}
    stores["system-00.empty"] = {}
    value["summary"].update(by_store=stores, items=sum(range(60)))
    value["retained"] = []
    data = canonical.encode(value)
    text = "\n".join(texts_of(rendered(value, digest=digest_of(data))))
    assert "other systems, see page 2" in text
    assert pages.check(text, value, data) == []


@pytest.mark.parametrize(
    "text",
    ["x" * 400_000, " " * 400_000, "," * 400_000, "1" * 400_000, "Attested Kept " * 30_000,
     "1 item " * 60_000, "All systems " * 40_000, "Digest " * 60_000],
    ids=["x", "space", "comma", "digit", "Attested Kept", "1 item", "All systems", "Digest"],
)  # fmt: skip
def test_hostile_text_takes_no_more_than_moments(text):
    """Quadratic time would take hours here."""
    assert check(f"{text} Facts as recorded {text}")
    assert printed.check(f"Facts as recorded {text}", *drawn(1)[1:])
