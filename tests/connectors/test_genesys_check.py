"""The connection test: a line each, and never an exception."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests

from erasure import clock
from erasure.connectors.base import Check, Leg
from erasure.connectors.genesys import Genesys
from erasure.values import Verdict
from tests.connectors.given import BASE, PLANTED, TOKEN, CountingLimiter, account, with_token

API = f"{BASE}/api/v2"
NOBODY = "00000000-0000-4000-8000-000000000000"
ORGANISATION = f"{API}/organizations/me"
READS = {
    "Token": f"{API}/tokens/me",
    "External contacts": f"{API}/externalcontacts/contacts",
    "GDPR subjects": f"{API}/gdpr/subjects",
    "GDPR requests": f"{API}/gdpr/requests",
    "Conversations": f"{API}/analytics/conversations/details/jobs/availability",
    "Recordings": f"{API}/conversations/{NOBODY}/recordingmetadata",
    "Recording jobs": f"{API}/recording/jobs",
    "Evaluations": f"{API}/quality/evaluations/query",
    "GDPR limits": f"{API}/organizations/limits/namespaces/gdpr",
}


def well(replies, *, but="", apart=timedelta(0), organisation="org-1"):
    """Everything answers well, except the one named."""
    with_token(replies)
    date = format_datetime(clock.now() + apart, usegmt=True)
    replies.get(ORGANISATION, json={"id": organisation}, headers={"Date": date})
    for name, url in READS.items():
        if name != but:
            replies.get(url, json={})


def lines(genesys):
    return {one.name: one for one in genesys.check()}


def test_check_of_a_good_connection_is_all_good(replies, limiter):
    well(replies)
    genesys = Genesys(account(organisation_id="org-1"), limiter)
    checked = lines(genesys)
    assert list(checked) == ["Sign-in", "Organisation", "Clock", *READS]
    assert {one.ok for one in checked.values()} == {True}


def test_check_of_another_organisation_fails(replies, limiter):
    well(replies, organisation="org-2")
    checked = lines(Genesys(account(organisation_id="org-1"), limiter))
    assert checked["Organisation"] == Check(
        "Organisation", False, "another organisation than the one set"
    )


@pytest.mark.parametrize(("seconds", "ok"), [(30, True), (120, False), (-120, False)])
def test_check_of_a_clock_apart(replies, genesys, seconds, ok):
    well(replies, apart=timedelta(seconds=seconds))
    assert lines(genesys)["Clock"].ok is ok


@pytest.mark.parametrize("name", list(READS)[:-1])
def test_check_names_the_permission_a_store_lacks(replies, genesys, name):
    well(replies, but=name)
    params = {"permissions": "some:made:up"}
    body = {"code": "missing.permissions", "messageParams": params}
    replies.get(READS[name], status=403, json=body)
    checked = lines(genesys)
    assert checked[name].ok is False
    assert checked[name].detail.endswith("answered 403 missing.permissions (some:made:up)")
    assert [one.name for one in checked.values() if not one.ok] == [name]


def test_check_without_gdpr_limits_is_still_good(replies, genesys):
    well(replies, but="GDPR limits")
    replies.get(READS["GDPR limits"], status=404, json={"code": "not.found"})
    assert lines(genesys)["GDPR limits"].ok is True


def test_check_that_cannot_sign_in_says_so_and_stops(replies, genesys):
    replies.post(TOKEN, status=401, json={"error": "invalid_client"})
    assert list(genesys.check()) == [
        Check("Sign-in", False, "POST /oauth/token answered 401 invalid_client")
    ]


def test_check_of_a_system_that_is_down_never_raises(replies, genesys):
    with_token(replies)
    for url in (ORGANISATION, *READS.values()):
        replies.get(url, body=requests.exceptions.ConnectionError(PLANTED))
    checked = lines(genesys)
    assert [name for name, one in checked.items() if one.ok] == ["Sign-in", "GDPR limits"]
    assert not any(PLANTED in one.detail for one in checked.values())


def test_every_store_declares_how_it_is_searched_erased_and_read_back():
    stores = Genesys(account(), CountingLimiter()).stores
    assert [one.name for one in stores] == [
        "external_contacts",
        "gdpr_subjects",
        "conversations",
        "recordings",
        "evaluations",
    ]
    assert all(one.search and one.erase and one.verify and one.permissions for one in stores)
    assert [one.name for one in stores if one.subject_wide] == ["gdpr_subjects"]
    native = [(one.name, one.end) for one in stores if one.leg is Leg.NATIVE]
    assert native == [("conversations", Verdict.ANONYMISED)]
