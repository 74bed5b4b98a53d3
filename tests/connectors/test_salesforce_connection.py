"""The connection test, the right organisation, and what is never told."""

import logging
from urllib.parse import unquote

import pytest

from erasure.connectors.base import Account, Control, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.connectors.salesforce.copies import COPIES
from erasure.connectors.salesforce.grant import instance_url
from erasure.connectors.salesforce.org import Org
from erasure.errors import RefusedError
from erasure.sandbox import salesforce as sandbox
from tests.connectors.salesforce_rig import BASE, EMAIL, MARIA, NAME, SIOBHAN, Rig, go

WRONG = "Salesforce: this is not the configured organisation."


def test_erase_in_another_organisation_is_refused():
    refs = Rig().refs(MARIA, "cases")
    rig = Rig(organisation_id="00D000000000001")
    answers = list(rig.connector.erase(refs, go))
    assert [type(each.error) for each in answers] == [RefusedError, RefusedError]
    assert {each["method"] for each in rig.vendor.requests} == {"GET", "POST"}
    assert rig.ended_jobs() == set()


def test_other_organisation_is_never_searched_and_proves_nothing():
    refs = Rig().refs(MARIA, "cases")
    rig = Rig(organisation_id="00D000000000001")
    answers = [*rig.lookup(EMAIL, MARIA.email), *rig.connector.collect([], [])]
    silent = [each for each in answers if isinstance(each, Unanswered)]
    assert len(answers) == len(silent) + 1  # what the connection itself tells of copies
    assert {each.store for each in silent} == {e.name for e in Salesforce.stores} - {COPIES}
    assert {each.reason.partition(": ")[2] for each in silent} == {WRONG}
    assert rig.lookup(NAME, MARIA.name) == []
    with pytest.raises(RefusedError):
        rig.seen(refs)
    with pytest.raises(RefusedError):
        rig.connector.sees(Control("cases", "", refs[0].remote_id))


def test_right_organisation_is_asked_for_once():
    own = sandbox.Salesforce().credentials()["organisation_id"]
    plain, checked = Rig(), Rig(organisation_id=own)
    for rig in (plain, checked):
        assert [len(rig.lookup(EMAIL, MARIA.email)) for _ in range(2)] == [1, 1]
    assert len(checked.vendor.requests) == len(plain.vendor.requests) + 1


def test_check_of_a_good_connection_is_all_right(rig):
    assert [(each.name, each.ok) for each in rig.connector.check()] == [
        ("Sign-in", True),
        ("Organisation", True),
        ("Contact", True),
        ("Case", True),
        ("View All Data", True),
        ("Modify All Data", True),
        ("Bulk API Hard Delete", True),
    ]


@pytest.mark.parametrize(
    ("fault", "value", "failed"),
    [
        ("no-hard-delete", True, ["Bulk API Hard Delete"]),
        ("hidden", "Case", ["Case"]),
        ("salesforce-down", True, ["Sign-in"]),
        ("html", True, ["Sign-in"]),
    ],
)
def test_check_names_what_fails_and_never_raises(rig, fault, value, failed):
    rig.wire.fault(fault, value)
    assert [each.name for each in rig.connector.check() if not each.ok] == failed


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://salesforce.com.example.org",
        "https://x.salesforce.com@example.org",
        "https://notsalesforce.com",
        "http://x.salesforce.com",
        "http://127.0.0.1:10/salesforce",
        None,
    ],
)
def test_instance_on_a_foreign_host_is_refused(rig, url):
    with pytest.raises(RefusedError):
        instance_url(rig.account, {"instance_url": url})


def test_instance_of_the_vendor_is_accepted(rig):
    url = "https://example.my.salesforce.com"
    assert instance_url(rig.account, {"instance_url": url}) == url


def test_api_version_that_is_none_is_refused(rig):
    account = Account("s", BASE, BASE, "id", "secret", options={"api_version": "../x"})
    with pytest.raises(RefusedError):
        Org(account, rig.pace)


def test_no_personal_value_leaves_but_in_a_query_or_reaches_a_log(rig, caplog):
    caplog.set_level(logging.DEBUG)
    refs = rig.refs(SIOBHAN, "cases")
    rig.finish(list(rig.connector.erase(refs, go)))
    rig.wire.fault("hidden", "Contact")
    shown = "".join(each["path"] for each in rig.vendor.requests) + caplog.text
    shown += "".join(each.reason for each in rig.lookup(EMAIL, SIOBHAN.email))
    assert [value for value in SIOBHAN.identifiers() if value in unquote(shown)] == []
