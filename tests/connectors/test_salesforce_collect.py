"""What a person has in the org, whole or not at all."""

import pytest

from erasure.connectors.base import Found, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.values import Identifier, StoreStatus
from tests.connectors.salesforce_rig import EMAIL, MARIA, Rig, stores_of


def test_collect_finds_every_record_of_the_person(rig):
    people, answers = rig.asked(MARIA)
    found = {each.remote_id for each in [*people, *answers] if isinstance(each, Found)}
    assert found == rig.held(MARIA)
    said = stores_of(answers)
    totals = {store: (said[store].status, said[store].total) for store in ("contacts", "cases")}
    assert totals == {"contacts": (StoreStatus.FOUND, 2), "cases": (StoreStatus.FOUND, 2)}


def test_collect_of_a_stranger_answers_for_every_store_once(rig):
    answers = list(rig.connector.collect([Identifier(EMAIL, "nobody@example.org")], []))
    said = stores_of(answers)
    assert sorted(each.store for each in answers) == sorted(e.name for e in Salesforce.stores)
    empty = {store for store, each in said.items() if each.status is StoreStatus.EMPTY}
    assert {"contacts", "cases"} <= empty
    by_hand = {store for store, each in said.items() if each.status is StoreStatus.MANUAL}
    assert "copies_outside" in by_hand


@pytest.mark.parametrize(("hidden", "store"), [("Contact", "contacts"), ("Case", "cases")])
def test_collect_with_hidden_object_names_it_and_answers_for_the_other(rig, hidden, store):
    rig.vendor.fault("hidden", hidden)
    answers = stores_of(rig.connector.collect([Identifier(EMAIL, MARIA.email)], []))
    assert set(answers) == {each.name for each in Salesforce.stores}
    silent = [name for name, each in answers.items() if isinstance(each, Unanswered)]
    assert silent == [store]
    assert answers[store].reason.split()[0] == hidden
    assert answers[store].reason.split()[-1] in ("INVALID_TYPE", "NOT_FOUND")


def test_collect_follows_every_page():
    rig = Rig({"salesforce": {"page": 1}})
    assert {each.remote_id for each in rig.found(MARIA)} == rig.held(MARIA)
