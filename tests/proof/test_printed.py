import pytest

from erasure.proof import printed
from tests.proof.given import certificate, files

DATA = files(1)["certificate.json"]
LINES = printed.fact_lines(certificate(1), DATA)
PAGE = "\n".join(["Certificate of erasure", "Status: see below", printed.TITLE, *LINES, "1 of 2"])


def line(label):
    return f"The printed line {label} is missing or not the certified one."


def check(text):
    return printed.check(text, certificate(1), DATA)


def test_fact_lines_of_published_certificate():
    assert LINES == [
        "Digest: b77bafcee2db7345b02b16068f87f6ca18a211cc3424e999088c768942536b8d",
        "Reference: ER-2026-000001",
        "Status: PARTIAL_HOLD",
        "Issued: 2026-01-06T13:05:00Z",
        "Items: 5",
        "archive.tapes ATTESTED 1",
        "genesys-eu.external_contacts VERIFIED 1",
        "genesys-eu.recordings HELD 1",
        "genesys-eu.recordings VERIFIED 1",
        "salesforce.contact ANONYMISED 1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        PAGE.replace("b77b", "b77b\n"),
        PAGE.replace("b77bafce e2db".replace(" ", ""), "b77b afce e2db"),
        PAGE.replace("external_contacts", "external_\ncontacts"),
        PAGE.replace("recordings HELD 1", "recordings\nHELD\n1"),
        PAGE.replace("\n", "\n\n  "),
        PAGE.replace("Facts as recorded", "Facts  as\nrecorded"),
    ],
)
def test_check_of_the_certified_facts_in_any_layout_finds_nothing(text):
    assert check(text) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("b77b", "b77c", line("Digest")),
        ("000001", "000002", line("Reference")),
        ("000001", "0000011", line("Reference")),
        (
            "PARTIAL_HOLD",
            "COMPLETE",
            line("Status"),
        ),
        (
            "2026-01-06T",
            "2026-01-07T",
            line("Issued"),
        ),
        ("Items: 5", "Items: 50", line("Items")),
        (
            "Items: 5",
            "Items: 5\nItems: 4",
            line("Items"),
        ),
        ("Items: 5\n", "", line("Items")),
        (
            "HELD 1",
            "HELD 2",
            "The printed count of HELD in genesys-eu.recordings is missing or another one.",
        ),
        (
            "salesforce.contact ANONYMISED 1\n",
            "",
            "The printed count of ANONYMISED in salesforce.contact is missing or another one.",
        ),
        ("1 of 2", "crm.note VERIFIED 7", "A printed count is not certified: VERIFIED 7."),
        ("Facts as recorded", "Facts", 'The pages have no block "Facts as recorded".'),
    ],
)
def test_check_of_other_facts_names_the_first(old, new, problem):
    assert check(PAGE.replace(old, new))[0] == problem
