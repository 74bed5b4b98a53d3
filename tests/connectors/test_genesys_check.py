"""The connection test: a line each, and never an exception."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from responses.matchers import header_matcher

from erasure import clock
from erasure.connectors.base import Check
from erasure.connectors.genesys import Genesys
from erasure.connectors.genesys.probes import BY_STORE, NOBODY
from erasure.connectors.genesys.stores import STORES
from erasure.systems import connector_for
from tests.connectors.given import BASE, TOKEN, account, with_token
from tests.world import moving, served, world

__all__ = ["moving", "served", "world"]

ORGANISATION = f"{BASE}/api/v2/organizations/me"
FIRST = ["Sign-in", "Organisation", "Clock"]
LAST = [
    "Deletion protection", "Audit", "Reading client", "Users' voicemail", "Calls a minute",
    "GDPR limits", "Retention",
]  # fmt: skip


def lines(world):
    return {one.name: one for one in connector_for(world.genesys).check()}


def bad(world):
    return {name: one.detail for name, one in lines(world).items() if not one.ok}


def with_reader(world, name="reader"):
    known = world.clients[name]
    world.genesys.reader_id = known["client_id"]
    world.genesys.set_reader_secret(known["client_secret"])
    world.genesys.save()


def without(world, name, *permissions):
    """The client loses permissions."""
    desk = world.org.desk
    key = world.clients[name]["client_id"]
    one = desk.clients[key]
    one.permissions = frozenset(one.permissions) - set(permissions)


def test_check_of_a_good_connection_has_a_line_for_every_store(world):
    checked = lines(world)
    assert list(checked) == [*FIRST, *(store.title for store in STORES), *LAST]
    assert {one.ok for one in checked.values()} == {True}


def test_check_changes_nothing_at_the_vendor(world):
    before = world.rows(but="nobody")
    lines(world)
    assert world.rows(but="nobody") == before
    paths = [one["path"] for one in world.app.requests() if one["method"] == "DELETE"]
    assert paths
    assert all(NOBODY in path for path in paths)


@pytest.mark.parametrize(
    ("title", "permission"),
    [
        ("External contacts", "externalContacts:contact:delete"),
        ("Voice recordings", "recording:job:delete"),
        ("Quality evaluations", "quality:evaluation:delete"),
        ("GDPR subjects", "gdpr:subject:view"),
        ("Deletion protection", "recording:deletionProtection:apply"),
        ("Audit", "audits:audit:view"),
    ],
)
def test_check_names_the_permission_that_is_missing(world, title, permission):
    without(world, "executor", permission)
    assert permission in bad(world)[title]


def test_check_of_two_clients_is_good_when_the_reader_only_reads(world):
    with_reader(world)
    checked = lines(world)
    assert list(checked)[:2] == ["Sign-in", "Sign-in to read"]
    assert checked["Reading client"].detail == "reads, and may delete nothing"
    assert bad(world) == {}


def test_check_of_a_reader_that_may_delete_fails(world):
    with_reader(world, "executor")
    told = bad(world)
    assert list(told) == ["Reading client"]
    assert told["Reading client"].startswith("it may delete as well: External contacts, ")


def test_check_of_an_executor_needs_no_permission_to_search(world):
    with_reader(world)
    without(world, "executor", "gdpr:subject:view", "analytics:conversationDetail:view")
    assert bad(world) == {}


def test_check_of_more_calls_than_the_vendor_allows_fails(world):
    world.genesys.per_minute = 200_000
    assert bad(world) == {"Calls a minute": "200000 are set, 100000 are allowed"}


def test_check_says_that_voicemail_needs_a_user(world):
    assert lines(world)["Users' voicemail"].detail == "needs a user: a person deletes it"


def test_check_of_another_organisation_fails(world):
    world.genesys.organisation_id = "another"
    assert bad(world) == {"Organisation": "the credential belongs to another organisation"}


def test_every_declared_store_says_how_it_is_tried():
    assert set(BY_STORE) == {store.name for store in STORES}
    assert all(one.reads or one.untried for one in BY_STORE.values())


@pytest.mark.parametrize(("seconds", "ok"), [(30, True), (120, False), (-120, False)])
def test_check_of_a_clock_apart(replies, genesys, seconds, ok):
    with_token(replies)
    date = format_datetime(clock.now() + timedelta(seconds=seconds), usegmt=True)
    replies.get(ORGANISATION, json={"id": "org-1"}, headers={"Date": date})
    assert {one.name: one for one in genesys.check()}["Clock"].ok is ok


def test_check_that_cannot_sign_in_says_so_and_stops(replies, genesys):
    replies.post(TOKEN, status=401, json={"error": "invalid_client"})
    assert list(genesys.check()) == [
        Check("Sign-in", False, "POST /oauth/token answered 401 invalid_client")
    ]


def test_check_of_a_system_that_is_down_never_raises(replies, genesys):
    """Nothing but the token answers: every line comes, none with more than its reason."""
    with_token(replies)
    checked = {one.name: one for one in genesys.check()}
    by_hand = ["Do-not-contact lists", "Exports and copies outside"]
    told_later = ["Reading client", "Users' voicemail", "GDPR limits", "Retention"]
    assert [name for name in checked if checked[name].ok] == ["Sign-in", *by_hand, *told_later]


def test_reader_of_another_organisation_is_refused(replies, limiter, naps):
    for number in ("1", "2"):
        replies.post(TOKEN, json={"access_token": f"t-{number}"})
        mine = header_matcher({"Authorization": f"Bearer t-{number}"})
        replies.get(ORGANISATION, json={"id": f"org-{number}"}, match=[mine])
    both = replace(account(), reader_id="client-2", reader_secret="invented")  # noqa: S106
    genesys = Genesys(both, limiter, sleep=naps)
    checked = {one.name: one for one in genesys.check()}
    wrong = "the credential belongs to another organisation"
    assert checked["Organisation"] == Check("Organisation", False, wrong)
