"""Every store says how it is searched, erased and read back, and with which rights."""

import re
from graphlib import TopologicalSorter

import pytest

from erasure.connectors.servicenow.stores import BY_NAME, KINDS, PERSONS, STORES, kind_of
from erasure.errors import RefusedError
from erasure.values import Verdict

NAMES = {store.name for store in STORES}
TABLED = [store for store in STORES if store.name in BY_NAME]
each_store = pytest.mark.parametrize("store", TABLED, ids=lambda store: store.name)


@each_store
def test_store_says_in_sentences_what_is_done(store):
    for said in (store.search, store.erase, store.verify):
        assert re.fullmatch(r"[A-Z].{10,}\.", said)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", store.name)
    assert 0 < len(store.title) <= 60
    assert len(store.manual) <= 300


@each_store
def test_store_names_every_right_it_takes(store):
    kind = BY_NAME[store.name]
    rights = {"read", "delete"} | ({"write"} if kind.blanked else set())
    tables = {kind.table, kind.below[0]} - {""}
    assert set(store.permissions) == {f"{one} {right}" for one in tables for right in rights}


@each_store
def test_store_is_read_back_and_waits_for_what_names_its_rows(store):
    kind = BY_NAME[store.name]
    assert store.end is Verdict.VERIFIED_ABSENT
    assert NAMES.issuperset({*store.after, *store.through})
    assert store.name not in {*store.after, *store.through}
    below = {each.name for each in KINDS if store.name in (*each.parents, *each.via)}
    assert kind.trace or below <= set(store.after)


def test_stores_and_tables_are_named_once():
    assert len(NAMES) == len(STORES) == len({kind.table for kind in KINDS}) + 1
    assert [store.name for store in STORES if store not in TABLED] == ["copies_outside"]


def test_order_of_erasure_and_of_search_has_no_circle():
    for order in ("after", "through"):
        graph = {store.name: set(getattr(store, order)) for store in STORES}
        assert len(list(TopologicalSorter(graph).static_order())) == len(STORES)


def test_persons_go_last_and_their_traces_after_them():
    after = {store.name: set(store.after) for store in STORES}
    own = {kind.name for kind in KINDS if not kind.trace}
    assert after["consumers"] == own - set(PERSONS)
    assert after["users"] == own - {"users"}
    for kind in KINDS:
        assert not kind.trace or set(PERSONS) <= after[kind.name]


def test_only_persons_are_contacts_another_system_may_create_again():
    assert {store.name for store in STORES if store.contact_record} == set(PERSONS)


def test_store_of_another_system_is_unknown():
    with pytest.raises(RefusedError):
        kind_of("voice_recordings")
