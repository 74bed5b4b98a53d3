"""The connector against the instance of the sandbox, over real HTTP, with ground truth."""

from collections import Counter

import pytest

from erasure.connectors.base import Erased, Found, ItemRef, NotErased, Searched, Seen, Unanswered
from erasure.connectors.servicenow import ServiceNow
from erasure.connectors.servicenow.mentions import REFUSED
from erasure.errors import RefusedError
from erasure.sandbox.servicenow.instance import made_id
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.connectors.given import CountingLimiter, account, allow
from tests.world import served

__all__ = ["served"]
TRACES = {"audit", "history", "deletion_copies"}
USER = made_id("csm_consumer_user", "maria/user")


class World:
    def __init__(self, served, **options):
        self.app = served.app
        self.app.reset("demo", {"servicenow": {"holds": True}})
        self.vendor = self.app.wires["servicenow"].vendor
        known = self.vendor.credentials()
        url = f"{served.url}/servicenow"
        made = account(
            base_url=url, login_url=url, region="GB", client_id=known["client_id"],
            client_secret=known["client_secret"], options={"outside_copies": "none"} | options,
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
def world(served, moving):
    return World(served)


@pytest.fixture
def moving(monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))


def give_role(world, name):
    instance = world.vendor.instance
    role = instance.create("sys_user_role", {"name": name})
    instance.create("sys_user_has_role", {"user": USER, "role": role.id})


def certain_users(world):
    world.search()
    return {each.certain for each in world.found if each.store == "users"}


def test_search_finds_all_the_instance_holds(world):
    told = world.search()
    assert [each for each in told.values() if isinstance(each, Unanswered)] == []
    found = Counter(each.store for each in world.found)
    held = world.held()
    traced = {"audit", "history"}  # one item for each record, whether it has such rows or not
    assert {name: found[name] for name in held.keys() - traced} == {
        name: count for name, count in held.items() if name not in traced
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
    assert {each.ref.store for each in refused} == TRACES
    assert all("administrator" in str(each.error) for each in refused)
    assert set(world.held()) == {"rollback_copies", *TRACES}


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
    give_role(world, "itil")
    [answer] = world.connector.erase(world.refs("users"), allow)
    assert "employee" in str(answer.error)
    assert world.held()["users"] == 1
    assert certain_users(world) == {False}


@pytest.mark.parametrize(
    ("options", "certain"),
    [({}, False), ({"external_roles": "x_portal_guest"}, False),
     ({"external_roles": "x_portal_guest, x_portal_user"}, True)],
)  # fmt: skip
def test_role_made_for_customers_is_no_employees_if_the_connection_says_so(
    served, moving, options, certain
):
    world = World(served, **options)
    give_role(world, "x_portal_user")
    assert certain_users(world) == {certain}
    answers = world.connector.erase(world.refs("users"), allow)
    assert {isinstance(each, Erased) for each in answers} == {certain}


def test_role_made_for_customers_takes_nothing_from_a_role_inside(served, moving):
    world = World(served, external_roles="x_portal_user")
    give_role(world, "x_portal_user")
    give_role(world, "x_desk_agent")
    assert certain_users(world) == {False}


@pytest.mark.parametrize("roles", ["admin", "x_portal_user,itil", 7, True])
def test_role_that_is_no_customers_is_refused(served, moving, roles):
    with pytest.raises(RefusedError):
        World(served, external_roles=roles)


TEXTS = [("sn_customerservice_case", "cases", "description"), ("incident", "incidents",
         "close_notes"), ("sys_journal_field", "journal", "value"), ("sys_email", "emails", "body"),
         ("sys_cs_message", "messages", "payload"),
         ("interaction", "interactions", "short_description")]  # fmt: skip


@pytest.mark.parametrize(("table", "store", "column"), TEXTS)
def test_free_text_that_names_the_person_is_a_lead_and_one_that_seems_to_is_none(
    world, table, store, column
):
    instance = world.vendor.instance
    own = instance.create(table, {column: "Ask Maria.Beispiel@example.org. Or (somebody) else."})
    instance.create(table, {column: "Ask anna-maria.beispiel@example.org"})
    instance.create(table, {column: "Ask maria.beispiel@example.org.uk"})
    world.search()
    known = {one.id for one in instance.of(table) if one.owner == "maria"}
    leads = {each.remote_id for each in world.found if each.store == store and not each.certain}
    assert leads == {own.id}
    assert {e.remote_id for e in world.found if e.store == store} == known | {own.id}


def test_instance_that_refuses_to_search_text_leaves_unanswered_only_what_needs_it(world):
    """A mention is a lead and only noted; lists and numbers must be searched by a part."""
    world.vendor.fault("no-like", True)
    told = world.search()
    assert told["journal"].note == REFUSED
    silent = {name for name, each in told.items() if isinstance(each, Unanswered)}
    listed = {"cases", "incidents", "emails", "archived_emails"}
    assert silent == listed | {"users", "consumers", "devices"}


def test_list_that_takes_too_long_is_asked_again_later(world):
    world.vendor.fault("cancelled", True)
    told = world.search()
    silent = [each for each in told.values() if isinstance(each, Unanswered)]
    others = {each.status for each in told.values() if each not in silent}
    assert ({each.again for each in silent}, others) == ({True}, {StoreStatus.NOT_PRESENT})
    world.vendor.fault("cancelled", False)
    assert not any(isinstance(each, Unanswered) for each in world.search().values())


@pytest.mark.parametrize(
    ("column", "store"),
    [("sn_customerservice_case.contact", "cases"), ("csm_consumer.email", "consumers"),
     ("sys_journal_field.element_id", "journal")],
)  # fmt: skip
def test_column_that_was_searched_and_is_hidden_leaves_the_store_unanswered(world, column, store):
    world.vendor.fault("hidden-column", column)
    assert isinstance(world.search()[store], Unanswered)
