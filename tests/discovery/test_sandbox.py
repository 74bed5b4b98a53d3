"""The search against vendors: whole, or honest about what it is not."""

import pytest

from erasure import clock, review
from erasure.cases import move
from erasure.connectors.genesys import Genesys
from erasure.connectors.salesforce import Salesforce
from erasure.discovery import discover
from erasure.discovery.discover import TRIES
from erasure.values import Identifier, IdentifierKind, Step
from tests.world import HOUR, again

DECLARED = {"do_not_contact", "copies_outside"}  # told by the connection, not by a call
GENESYS = {store.name for store in Genesys.stores} - DECLARED
CRM = {"contacts", "cases"}  # the objects the sandbox's org has; it lists no others
NOT_THERE = DECLARED | {store.name for store in Salesforce.stores} - CRM - {"mentions"}


def statuses(case):
    return {row.line: row.status for row in case.searches.all()}


def patiently(case):
    """As often as the sweep would ring."""
    for _ in range(TRIES):
        if discover(case.pk):
            return again(case)
        clock.advance(HOUR)
    raise AssertionError("The search does not end.")


def test_one_address_finds_four_contacts_in_two_divisions_and_both_systems(world):
    case = world.searched("maria")
    held = world.held("maria")
    assert {line.partition(".")[2] for line in held if line.startswith("genesys")} == (
        GENESYS - {"gdpr_subjects"}
    )
    found = {row.line: row.total for row in case.searches.filter(status="FOUND")}
    names = {"genesys-eu": "genesys", "crm": "salesforce"}
    theirs = {}
    for line, total in found.items():
        slug, _, store = line.partition(".")
        theirs[f"{names[slug]}.{store}"] = total
    assert theirs.pop("genesys.gdpr_subjects") == 4  # a subject for each contact
    assert theirs == dict(held)
    person = world.person("maria")
    confirmed = {row.value for row in case.identifiers.confirmed()}
    assert {*person.emails, *person.phones} <= confirmed
    seen = {(row.store, row.division) for row in case.controls.all()}
    assert seen == set(case.items.values_list("store", "division"))


def test_person_nobody_knows_is_found_nowhere(world):
    who = Identifier(IdentifierKind.EMAIL, "ada.nowhere@example.org")
    case = world.request("Ada Nirgends", who)
    assert discover(case.pk)
    assert set(statuses(case).values()) == {"EMPTY", "NOT_PRESENT"}
    absent = case.searches.filter(status="NOT_PRESENT")
    assert {row.store for row in absent} == NOT_THERE
    assert case.items.count() == 0


@pytest.mark.parametrize(
    ("permission", "silent"),
    [
        ("gdpr:subject:view", {"gdpr_subjects"}),
        ("analytics:conversationDetail:view", {"conversations", "voice_recordings", "evaluations"}),
        ("externalContacts:contact:view", {"external_contacts"}),
    ],
)
def test_missing_permission_leaves_its_stores_unanswered_and_is_named(world, permission, silent):
    world.fault(genesys_permission_lost=permission)
    case = patiently(world.open("held"))
    rows = case.searches.filter(status="UNANSWERED")
    assert silent <= {row.store for row in rows}
    assert [row.line for row in rows if permission not in row.note] == []
    assert "EMPTY" not in {row.status for row in case.searches.filter(store__in=silent)}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("down", "the connection failed"),
        ("html", "answered 200 with a body we cannot read"),
        ("5xx", "answered 503"),
        ("429", "answered 429"),
        ("truncated", "the connection failed"),
        ("reset-before", "the connection failed"),
    ],
)
def test_broken_network_leaves_every_store_unanswered_and_never_empty(world, fault, told):
    world.app.fault(f"genesys.{fault}", 1 if fault in ("5xx", "429") else True)
    case = patiently(world.open("held"))
    mine = case.searches.filter(connection=world.genesys).exclude(store__in=DECLARED)
    assert {row.store: row.status for row in mine} == dict.fromkeys(GENESYS, "UNANSWERED")
    assert [row.store for row in mine if told not in row.note] == []
    others = case.searches.filter(connection=world.crm, store__in=CRM)
    assert {row.status for row in others} == {"FOUND"}


def test_store_that_answers_in_a_later_round_is_found(world):
    world.fault(genesys_down=True)
    case = world.open("held")
    assert discover(case.pk) is False
    world.fault(genesys_down=False)
    clock.advance(HOUR)
    assert discover(case.pk)
    assert statuses(case)["genesys-eu.conversations"] == "FOUND"


def test_wrong_client_secret_leaves_every_store_unanswered_with_a_sentence(world):
    world.genesys.set_secret("not-the-secret")
    world.genesys.save()
    case = patiently(world.open("held"))
    rows = case.searches.filter(connection=world.genesys).exclude(store__in=DECLARED)
    assert {row.status for row in rows} == {"UNANSWERED"}
    told = "POST /oauth/token answered 401 invalid_client"
    assert [row.store for row in rows if not row.note.endswith(told)] == []


def test_subjects_the_vendor_counts_but_does_not_list_are_no_answer(world):
    world.fault(genesys_total_beyond=1)
    case = patiently(world.open("held"))
    assert statuses(case)["genesys-eu.gdpr_subjects"] == "UNANSWERED"


def test_second_search_of_the_same_person_finds_the_same(world):
    first, second = world.searched("siobhan"), world.searched("siobhan")
    assert statuses(first) == statuses(second)
    assert first.items.count() == second.items.count()
    assert first.items.exists()


def test_number_of_two_people_that_the_person_gave_is_asked_about_once(world):
    person = world.person("family1")
    [shared] = set(person.phones) & set(world.person("family2").phones)
    landline = Identifier(IdentifierKind.PHONE, shared)
    case = world.searched("family1", landline)
    row = case.identifiers.get(kind="phone", given=True)
    assert (row.value, row.state, bool(row.speaks_against)) == (shared, "IN_QUESTION", True)
    assert world.person("family2").email not in {
        each.value for each in case.identifiers.confirmed()
    }
    review.decide_identifier(row.pk, confirm=True, actor=world.officer)
    move(case.pk, Step.REDISCOVER, actor=world.officer)
    assert discover(case.pk)
    case = again(case)
    assert case.identifiers.get(pk=row.pk).state == "CONFIRMED"
    assert world.person("family2").email not in {
        each.value for each in case.identifiers.confirmed()
    }
    theirs = {key for key, talk in world.org.conversations.items() if talk.person == "family2"}
    mine = {i.locator["remote_id"]: i.certain for i in case.items.filter(store="conversations")}
    assert not any(certain for key, certain in mine.items() if key in theirs)
    assert any(mine.values())
    assert theirs & mine.keys()
