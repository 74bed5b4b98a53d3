"""The connector against the instance of the sandbox, over real HTTP, with ground truth."""

from collections import Counter

import pytest

from erasure.connectors.base import Erased, Found, ItemRef, NotErased, Searched, Seen, Unanswered
from erasure.connectors.servicenow import ServiceNow
from erasure.sandbox.servicenow.instance import made_id
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import CountingLimiter, account, allow
from tests.world import served

__all__ = ["served"]
USER = made_id("csm_consumer_user", "maria/user")


class World:
    def __init__(self, served):
        self.app = served.app
        self.app.reset("demo", {"servicenow": {"holds": True}})
        self.vendor = self.app.wires["servicenow"].vendor
        known = self.vendor.credentials()
        url = f"{served.url}/servicenow"
        made = account(
            base_url=url, login_url=url, region="GB", client_id=known["client_id"],
            client_secret=known["client_secret"],
        )  # fmt: skip
        self.connector = ServiceNow(made, CountingLimiter())
        self.found = []

    def search(self, email="maria.beispiel@example.org"):
        who = [Identifier(IdentifierKind.EMAIL, email)]
        people = [each for each in self.connector.lookup(who[0]) if isinstance(each, Found)]
        sure = [each for each in people if each.certain]
        who += [one for each in sure for one in each.identifiers]
        told = list(self.connector.collect(who, sure))
        self.found = [*people, *(each for each in told if isinstance(each, Found))]
        return {each.store: each for each in told if isinstance(each, Searched | Unanswered)}

    def refs(self, store):
        return [ItemRef(store, e.remote_id, facts=e.facts) for e in self.found if e.store == store]

    def erase(self):
        """Every store as soon as those it waits for have ended."""
        left, told = {each.name: each for each in self.connector.stores}, []
        while left:
            ready = [each for each in left.values() if left.keys().isdisjoint(each.after)]
            for store in ready:
                told += self.connector.erase(self.refs(store.name), allow)
                del left[store.name]
        return told

    def held(self, key="maria"):
        return Counter(row["store"] for row in self.vendor.holdings(key))

    def others(self):
        rows = self.vendor.instance.records.values()
        return sorted(repr(row) for row in rows if row.owner != "maria")


@pytest.fixture
def world(served, monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    return World(served)


def test_search_finds_all_the_instance_holds(world):
    told = world.search()
    assert [each for each in told.values() if isinstance(each, Unanswered)] == []
    found = Counter(each.store for each in world.found)
    held = world.held()
    assert {name: found[name] for name in held if name != "audit"} == {
        name: count for name, count in held.items() if name != "audit"
    }
    assert set(told) == {store.name for store in world.connector.stores}


def test_erasure_leaves_rollback_copies_alone_and_neighbours_as_they_were(world):
    world.vendor.fault("audit-open", True)
    before = world.others()
    world.search()
    assert {type(each) for each in world.erase()} == {Erased}
    assert set(world.held()) == {"rollback_copies"}
    assert world.others() == before
    for store in world.connector.stores:
        seen = world.connector.verify(world.refs(store.name), (), ())
        assert {each.seen for each in seen} <= {Seen.ABSENT}


def test_closed_audit_is_handed_to_a_person_and_the_rest_goes(world):
    world.search()
    refused = [each for each in world.erase() if isinstance(each, NotErased)]
    assert {each.ref.store for each in refused} == {"audit", "deletion_copies"}
    assert all("administrator" in str(each.error) for each in refused)
    assert set(world.held()) == {"rollback_copies", "audit", "deletion_copies"}


def test_cases_closed_by_access_rules_are_unanswered_and_others_are_found(world):
    world.vendor.fault("servicenow-403", True)
    told = world.search()
    assert isinstance(told["cases"], Unanswered)
    assert "403: the access rules do not allow it" in told["cases"].reason
    assert {"users", "incidents"} <= {each.store for each in world.found}


def test_lying_vendor_is_not_believed(world):
    world.search()
    world.vendor.fault("lying-vendor", True)
    list(world.connector.erase(world.refs("cases"), allow))
    seen = world.connector.verify(world.refs("cases"), (), ())
    assert [each.seen for each in seen] == [Seen.PRESENT] * 2


def test_user_who_was_given_a_role_inside_since_the_search_is_not_erased(world):
    world.search()
    instance = world.vendor.instance
    role = instance.create("sys_user_role", {"name": "itil"})
    instance.create("sys_user_has_role", {"user": USER, "role": role.id})
    [answer] = world.connector.erase(world.refs("users"), allow)
    assert "employee" in str(answer.error)
    assert world.held()["users"] == 1
    world.search()
    assert {each.certain for each in world.found if each.store == "users"} == {False}
