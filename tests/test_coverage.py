import pytest

from erasure.coverage import coverage
from erasure.models import DataItem, line_index
from erasure.values import CaseState
from tests.factories import make_case, make_connection, make_item, make_search


@pytest.fixture
def at(db):
    return make_connection("genesys-eu", name="Genesys Cloud EU")


@pytest.fixture
def case(at):
    return make_case(CaseState.EXECUTING)


def only(case):
    (row,) = coverage(case)
    return row


def test_store_with_everything_read_back_says_no_why_not(case, at):
    make_search(case, at, "voice_recordings")
    make_item(case, at, "voice_recordings", "ERASED", verdict="VERIFIED_ABSENT")
    make_item(case, at, "voice_recordings", "ERASED", verdict="ANONYMISED")
    row = only(case)
    assert (row.found, row.erased, row.verdict, row.why_not, row.quiet) == (
        2, 2, "1 read back: gone, 1 anonymised", "", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "columns", "why_not"),
    [
        ("HELD", {"article": "17(3)(e)", "reason": "A legal hold covers it."},
         "1 held under Art. 17(3)(e): A legal hold covers it."),
        ("EXEMPT", {"article": "17(3)(b)", "reason": "Tax law."},
         "1 kept under Art. 17(3)(b): Tax law."),
        ("FAILED", {"reason": "403"}, "1 failed: 403."),
        ("MANUAL", {"reason": "Ask the vendor."}, "1 for a person: Ask the vendor."),
        ("REQUESTED", {}, "1 with the vendor, not yet read back."),
        ("RUNNING", {}, "1 being erased."),
        ("PLANNED", {}, "1 to be erased."),
        ("PROPOSED", {}, "1 not yet approved."),
        ("PROPOSED", {"certain": False}, "1 in question: is it this person?."),
    ],
)  # fmt: skip
def test_store_with_something_left_says_why_in_one_sentence(case, at, state, columns, why_not):
    make_search(case, at, "voice_recordings")
    make_item(case, at, "voice_recordings", "ERASED", verdict="VERIFIED_ABSENT")
    make_item(case, at, "voice_recordings", state, **columns)
    row = only(case)
    assert (row.found, row.erased, row.why_not) == (2, 1, why_not.replace("?.", "?"))


def test_lead_by_name_is_not_counted_as_found(case, at):
    make_search(case, at, "external_contacts")
    make_item(case, at, certain=False, lead=True)
    row = only(case)
    assert (row.found, row.why_not) == (0, "1 lead by name, not confirmed.")


def test_excluded_record_counts_nowhere(case, at):
    make_search(case, at, "voice_recordings", "EMPTY")
    make_item(case, at, "voice_recordings", "EXCLUDED")
    assert (only(case).found, only(case).quiet) == (0, True)


@pytest.mark.parametrize(
    ("status", "columns", "why_not", "quiet"),
    [
        ("EMPTY", {}, "", True),
        ("NOT_PRESENT", {}, "No such feature there.", True),
        ("UNANSWERED", {"note": "403"}, "Not searched: 403.", False),
        ("UNANSWERED", {"decision": "ATTESTED", "decision_reason": "The vendor wrote."},
         "Not searched, attested: The vendor wrote.", False),
    ],
)  # fmt: skip
def test_store_without_records_says_what_it_answered(case, at, status, columns, why_not, quiet):
    make_search(case, at, "voice_recordings", status, **columns)
    row = only(case)
    assert (row.found, row.why_not, row.quiet) == (0, why_not, quiet)


def test_line_of_a_whole_store_is_no_record(case, at):
    make_search(case, at, "voice_recordings", "MANUAL")
    item = make_item(case, at, "voice_recordings", "MANUAL", reason="Look there.")
    DataItem.objects.filter(pk=item.pk).update(remote_index=line_index(case.pk, "voice_recordings"))
    row = only(case)
    assert (row.found, row.line) == (0, True)
    assert row.why_not == "The whole store for a person: Look there."


def test_coverage_is_in_declared_order_by_connection_and_costs_the_same(
    case, at, django_assert_num_queries
):
    other = make_connection("crm", name="A CRM", system="salesforce")
    for store in ("voice_recordings", "external_contacts"):
        make_search(case, at, store)
        make_item(case, at, store)
    make_search(case, other, "contacts")
    with django_assert_num_queries(2):
        rows = coverage(case)
    assert [(row.connection, row.search.store) for row in rows] == [
        ("A CRM", "contacts"),
        ("Genesys Cloud EU", "external_contacts"),
        ("Genesys Cloud EU", "voice_recordings"),
    ]


def test_store_that_only_an_earlier_version_knew_is_still_named(case, at):
    make_search(case, at, "wax_cylinders")
    make_item(case, at, "wax_cylinders")
    assert (only(case).title, only(case).found) == ("Wax cylinders", 1)
