"""What is kept of who the person was found to be, and where."""

from datetime import timedelta

import pytest

from erasure import clock, review
from erasure.cases import move
from erasure.connectors.base import Found
from erasure.discovery import discover
from erasure.models import Actor
from erasure.values import (
    Identifier,
    IdentifierKind,
    IdentifierState,
    ItemState,
    Role,
    Step,
    Verdict,
)
from tests.discovery.fakes import record
from tests.factories import make_user

OTHER = Identifier(IdentifierKind.EMAIL, "ada.second@example.org")
STRANGE = Identifier(IdentifierKind.EMAIL, "grace@example.net")


@pytest.fixture
def officer(db):
    return Actor.of(make_user(Role.OFFICER))


def contact(name, *who, fields=None, names=("Ada Beispiel",)):
    return Found("people", name, identifiers=who, names=names, fields=fields or {})


def rediscover(case, officer):
    clock.advance(timedelta(minutes=1))
    move(case.pk, Step.REDISCOVER, actor=officer)
    assert discover(case.pk)


def kept(case):
    """Evidence in plain sight: kind and value, store, state, led there, field."""
    return {
        (row.identifier.value, row.store, row.state, row.looked_up, row.field)
        for row in case.evidence.select_related("identifier")
    }


def test_identifier_of_a_contact_says_in_words_where_it_was_found(case, connection, remote):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER, fields={OTHER: "other e-mail"})]
    discover(case.pk)
    row = case.identifiers.matching(OTHER.kind, OTHER.value).get()
    assert row.provenance == f"Found in {connection.name}, People, as other e-mail"
    assert row.state == IdentifierState.CONFIRMED
    assert case.items.get().reason == "Found by e-mail address and name."


def test_evidence_has_a_row_for_each_identifier_on_each_record(case, remote):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER, fields={OTHER: "other e-mail"})]
    discover(case.pk)
    assert {row for row in kept(case) if "@" in row[0]} == {
        (given.value, "people", "CONFIRMED", True, ""),
        (OTHER.value, "people", "CONFIRMED", True, "other e-mail"),
    }


def test_evidence_of_an_earlier_search_is_removed(case, remote, officer):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER)]
    discover(case.pk)
    remote.people = [contact("c-2", given)]
    rediscover(case, officer)
    assert {row[0] for row in kept(case) if "@" in row[0]} == {given.value}
    lost = case.identifiers.matching(OTHER.kind, OTHER.value).get()
    assert (lost.state, lost.question) == ("LEAD", "")
    assert lost not in case.identifiers.once_confirmed()


def test_evidence_on_a_record_erased_since_stays(case, remote, officer):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER)]
    discover(case.pk)
    case.items.update(state=ItemState.ERASED, verdict=Verdict.VERIFIED_ABSENT, ended_at=clock.now())
    remote.people = []
    rediscover(case, officer)
    assert {row[0] for row in kept(case) if "@" in row[0]} == {given.value, OTHER.value}


def test_identifier_records_were_approved_by_still_counts_where_care_is_needed(
    case, remote, officer
):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER)]
    discover(case.pk)
    case.items.update(log_number=0)
    remote.people = []
    rediscover(case, officer)
    lost = case.identifiers.matching(OTHER.kind, OTHER.value).get()
    assert (lost.state, lost.question) == ("LEAD", "The search no longer leads to it.")
    assert lost in case.identifiers.once_confirmed()


def test_evidence_found_again_is_one_row(case, remote, officer):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given, OTHER)]
    discover(case.pk)
    before = case.evidence.count()
    rediscover(case, officer)
    assert case.evidence.count() == before


def test_lead_of_a_conversation_is_kept_with_one_record(case, connection, remote):
    remote.records = [record(f"r-{n}", identifiers=(STRANGE,)) for n in range(3)]
    discover(case.pk)
    row = case.identifiers.matching(STRANGE.kind, STRANGE.value).get()
    assert (row.state, row.provenance) == ("LEAD", f"Seen in {connection.name}, Records")
    assert [each for each in kept(case) if each[0] == STRANGE.value] == [
        (STRANGE.value, "records", "LEAD", False, "")
    ]


def test_record_that_only_a_shared_number_leads_to_is_asked_about_whatever_it_hangs_on(
    case, remote, officer
):
    given = case.identifiers.get(kind="email").as_value()
    remote.records = [
        record("alone", identifiers=(STRANGE,)),
        record("talk", parent_id="t-1", identifiers=(STRANGE,)),
        record("of-the-talk", parent_id="t-1"),
        record("own", identifiers=(STRANGE, given)),
        record("linked"),
    ]
    discover(case.pk)
    shared = case.identifiers.matching(STRANGE.kind, STRANGE.value).get()
    review.decide_identifier(shared.pk, confirm=True, actor=officer)
    shared.refresh_from_db()
    shared.speaks_against = ["Records with different names carry it."]
    shared.save()
    rediscover(case, officer)
    certain = {item.locator["remote_id"]: item.certain for item in case.items.all()}
    asked = {"alone": False, "talk": False, "of-the-talk": False}
    assert certain == asked | {"own": True, "linked": True}


@pytest.mark.parametrize("confirm", [True, False])
def test_identifier_that_was_decided_is_not_asked_again(case, remote, officer, confirm):
    given = case.identifiers.get(kind="email").as_value()
    remote.people = [contact("c-1", given), contact("c-2", STRANGE, given, names=("Grace Muster",))]
    discover(case.pk)
    asked = {row.pk for row in case.identifiers.filter(state=IdentifierState.IN_QUESTION)}
    for pk in asked:
        review.decide_identifier(pk, confirm=confirm, actor=officer)
    for _ in range(2):
        rediscover(case, officer)
        again = case.identifiers.filter(pk__in=asked, state=IdentifierState.IN_QUESTION)
        assert (bool(asked), again.count()) == (True, 0)
