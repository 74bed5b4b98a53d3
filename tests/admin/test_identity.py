"""What the case page says of who was found, and of every store."""

import pytest
from django.urls import reverse

from erasure import clock
from erasure.models import DataItem, IdentityEvidence, add_identifier, line_index
from erasure.values import CaseState, Identifier, IdentifierKind, IdentifierState, Role
from tests.admin.conftest import in_state
from tests.admin.page import Page
from tests.factories import make_item, make_search

OTHER = Identifier(IdentifierKind.EMAIL, "ada.second@example.org")


def case_page(client, case):
    return client.get(reverse("admin:erasure_erasurecase_change", args=[case.pk]))


@pytest.fixture
def asked(in_review, genesys):
    """A second address on one of the contacts, in question."""
    row, _ = add_identifier(
        in_review, OTHER,
        provenance="Found in Genesys Cloud EU, External contacts, as other e-mail",
        state=IdentifierState.IN_QUESTION, question="Is it?",
    )  # fmt: skip
    row.speaks_for, row.speaks_against = ["Same name."], ["Another record carries it too."]
    row.save()
    item = in_review.items.get(number=1)
    IdentityEvidence.objects.create(
        case=in_review, identifier=row, connection=genesys, store=item.store,
        record_index=item.remote_index, state="IN_QUESTION", field="other e-mail",
        seen_at=clock.now(),
    )  # fmt: skip
    return row


def test_identity_says_where_it_was_found_and_what_speaks_for_and_against(
    sign_in, in_review, asked
):
    response = case_page(sign_in(Role.OFFICER), in_review)
    shown = Page(response)
    said = shown.said()
    for text in (
        "Found in Genesys Cloud EU, External contacts, as other e-mail",
        "External contacts, record 2 (other e-mail)",
        "For Same name.",
        "Against Another record carries it too.",
        "1 identifier in question",
    ):
        assert said.count(text) == 1
    item = in_review.items.get(number=1)
    assert reverse("admin:case_record", args=[in_review.pk, item.pk]) in shown.links
    assert (said.count(OTHER.value), shown.refused) == (0, [])


def test_identity_in_question_stands_first(sign_in, in_review, asked):
    rows = case_page(sign_in(Role.OFFICER), in_review).context["identifiers"]
    assert [row.pk == asked.pk for row in rows] == [True] + [False] * (len(rows) - 1)


def test_name_is_never_asked_about(sign_in, in_review):
    add_identifier(
        in_review, Identifier(IdentifierKind.NAME, "Ada B."), provenance="Given in the request",
        state=IdentifierState.LEAD,
    )  # fmt: skip
    rows = case_page(sign_in(Role.OFFICER), in_review).context["identifiers"]
    assert [row.to_decide for row in rows if row.kind == "Name"] == [False]


def test_records_are_numbered_from_one(sign_in, in_review):
    records = case_page(sign_in(Role.OFFICER), in_review).context["records"]
    assert [row.item.place for row in records] == [1, 2, 3]


def test_stores_are_grouped_by_system_with_their_sums(sign_in, in_review, genesys):
    make_search(in_review, genesys, "surveys", "EMPTY")
    (system,) = case_page(sign_in(Role.DPO), in_review).context["systems"]
    assert (system.name, system.found, system.erased) == ("Genesys Cloud EU", 3, 0)
    assert [(row.covered.title, row.covered.quiet) for row in system.rows] == [
        ("External contacts", False), ("Voice recordings", False), ("Surveys", True),
    ]  # fmt: skip


@pytest.fixture
def line(in_review, genesys):
    """The whole store of exports, for a person."""
    make_search(in_review, genesys, "copies_outside", "MANUAL")
    item = make_item(in_review, genesys, "copies_outside", label="The whole store")
    index = line_index(in_review.pk, "copies_outside")
    DataItem.objects.filter(pk=item.pk).update(remote_index=index, state="MANUAL", reason="Look.")
    return item


@pytest.mark.parametrize(("role", "deciding"), [(Role.DPO, True), (Role.OFFICER, False)])
def test_line_of_a_whole_store_is_the_dpos_to_decide_in_review(
    sign_in, in_review, line, role, deciding
):
    in_state(in_review, CaseState.DPO_REVIEW, frozen=True)
    url = reverse("admin:case_record", args=[in_review.pk, line.pk])
    client = sign_in(role)
    assert client.get(url).context["deciding"] is deciding
    client.post(url, {"decision": "exempt", "article": "17(3)(b)", "reason": "Kept."})
    assert in_review.items.get(pk=line.pk).state == ("EXEMPT" if deciding else "MANUAL")


def test_line_of_a_whole_store_is_attested_by_the_officer_with_evidence(sign_in, in_review, line):
    in_state(in_review, CaseState.EXECUTING)
    url = reverse("admin:case_record", args=[in_review.pk, line.pk])
    client = sign_in(Role.OFFICER)
    client.post(url, {"decision": "done", "reason": ""})
    assert in_review.items.get(pk=line.pk).state == "MANUAL"
    DataItem.objects.filter(pk=line.pk).update(log_number=0)
    client.post(url, {"decision": "done", "reason": "Ticket 4711."})
    found = in_review.items.get(pk=line.pk)
    assert (found.state, found.verdict, found.reason) == ("ERASED", "ATTESTED", "Ticket 4711.")


def test_drawing_is_masked_and_keeps_to_the_strict_policy(sign_in, in_review, asked):
    response = case_page(sign_in(Role.OFFICER), in_review)
    drawing = str(response.context["graph"])
    assert (drawing.count("<svg"), "record 2" in drawing) == (1, True)
    assert [text for text in (OTHER.value, "style=", "<script") if text in drawing] == []
    assert Page(response).refused == []


def test_case_without_evidence_has_no_drawing(sign_in, in_review):
    assert case_page(sign_in(Role.OFFICER), in_review).context["graph"] is None
