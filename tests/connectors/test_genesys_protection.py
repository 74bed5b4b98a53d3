"""Deletion protection: believed only when it is read back."""

import json

import pytest

from erasure.connectors.base import Protected
from erasure.connectors.genesys.protection import NOT_ON
from erasure.errors import BusyError, RefusedError
from tests.connectors.given import BASE, with_token

URL = f"{BASE}/api/v2/recordings/deletionprotection"


def shown(*ids):
    return [{"id": one} for one in ids]


def bodies(replies, method):
    calls = [call.request for call in replies.calls if call.request.url.startswith(URL)]
    return [json.loads(one.body)["conversationIds"] for one in calls if one.method == method]


def test_protect_puts_what_is_missing_and_reads_it_back(replies, genesys):
    with_token(replies)
    replies.post(URL, json=shown("v-1"))
    put = replies.put(f"{URL}?protect=true", json={"failedUpdates": []})
    replies.post(URL, json=shown("v-2"))
    assert list(genesys.protect(["v-1", "v-2"])) == [Protected("v-1", True), Protected("v-2", True)]
    assert (put.call_count, bodies(replies, "PUT")) == (1, [["v-2"]])


def test_protect_of_what_is_protected_writes_nothing(replies, genesys):
    with_token(replies)
    replies.post(URL, json=shown("v-1"))
    assert list(genesys.protect(["v-1", "v-1"])) == [Protected("v-1", True)]


def test_protect_that_is_not_read_back_is_not_on(replies, genesys):
    with_token(replies)
    replies.post(URL, json=[])
    replies.put(URL, json={"failedUpdates": []})
    assert list(genesys.protect(["v-1"])) == [Protected("v-1", False, NOT_ON)]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("protection.limit.exceeded", "protection.limit.exceeded"),
        ("ada@example.org", "no reason given"),
        ("", "no reason given"),
    ],
)
def test_protect_that_failed_for_one_tells_the_vendors_code_alone(replies, genesys, code, told):
    with_token(replies)
    replies.post(URL, json=[])
    failed = {"conversation": {"id": "v-1"}, "errorCode": code, "errorMessage": "ada@example.org"}
    replies.put(URL, json={"failedUpdates": [failed]})
    [answer] = genesys.protect(["v-1"])
    assert answer == Protected("v-1", False, f"The vendor refused it: {told}.")


def test_protect_without_permission_names_it_for_each(replies, genesys):
    with_token(replies)
    replies.post(URL, json=[])
    named = {"permissions": "recording:deletionProtection:apply"}
    body = {"code": "missing.permissions", "messageParams": named}
    replies.put(URL, status=403, json=body)
    answers = list(genesys.protect(["v-1", "v-2"]))
    why = (
        "PUT /api/v2/recordings/deletionprotection answered 403 missing.permissions "
        "(recording:deletionProtection:apply)"
    )
    assert answers == [Protected("v-1", False, why), Protected("v-2", False, why)]


def test_protect_asks_a_hundred_at_a_time(replies, genesys):
    with_token(replies)
    ids = [f"v-{n}" for n in range(250)]
    replies.post(URL, json=shown(*ids))
    assert len(list(genesys.protect(ids))) == 250
    assert [len(body) for body in bodies(replies, "POST")] == [100, 100, 50]


def test_protect_of_a_busy_vendor_is_for_later(replies, genesys):
    with_token(replies)
    replies.post(URL, json=[])
    replies.put(URL, status=503)
    with pytest.raises(BusyError):
        list(genesys.protect(["v-1"]))


@pytest.mark.parametrize("body", [{"entities": []}, ["v-1"], [{}], "<html>"])
def test_protected_that_cannot_be_read_is_no_answer(replies, genesys, body):
    with_token(replies)
    replies.post(URL, json=body)
    with pytest.raises(RefusedError):
        genesys.protected(["v-1"])
