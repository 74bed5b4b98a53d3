"""The configured organisation and no other, whatever the credential reaches."""

import pytest

from erasure.connectors.base import Control, ItemRef, NotErased, RemoteJob, Unanswered
from erasure.connectors.genesys import Genesys
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import BASE, NUMBER, account, allow, with_token

API = f"{BASE}/api/v2"
ORGANISATION = f"{API}/organizations/me"
METADATA = f"{API}/conversations/v-1/recordingmetadata"
PHONE = Identifier(IdentifierKind.PHONE, NUMBER)
NAME = Identifier(IdentifierKind.NAME, "Ada Beispiel")
REF = ItemRef("voice_recordings", "v-1")
CONTROL = Control("voice_recordings", "d-1", "v-1")
WRONG = "the credential belongs to another organisation"


@pytest.fixture
def bound(limiter, naps):
    return Genesys(account(organisation_id="org-1"), limiter, sleep=naps)


@pytest.fixture
def elsewhere(replies, bound):
    with_token(replies)
    replies.get(ORGANISATION, json={"id": "org-2"})
    return bound


def test_another_organisation_is_never_searched(elsewhere):
    answers = [*elsewhere.lookup(PHONE), *elsewhere.lookup(NAME), *elsewhere.collect([PHONE], [])]
    looked_up = ("external_contacts", "gdpr_subjects")
    stores = (*looked_up, *(store.name for store in elsewhere.stores))
    assert answers == [Unanswered(store, WRONG) for store in stores]


@pytest.mark.parametrize("store", ["voice_recordings", "external_contacts", "gdpr_subjects"])
def test_nothing_is_erased_in_another_organisation(elsewhere, store):
    [answer] = elsewhere.erase([ItemRef(store, "x-1")], allow)
    assert (type(answer), str(answer.error)) == (NotErased, WRONG)


@pytest.mark.parametrize(
    "ask",
    [
        lambda genesys: genesys.verify([REF], [PHONE], []),
        lambda genesys: genesys.sees(CONTROL),
        lambda genesys: genesys.poll(RemoteJob("recording_delete", "k-1", (REF,)), allow),
    ],
)
def test_another_organisation_proves_nothing(elsewhere, ask):
    with pytest.raises(RefusedError) as caught:
        ask(elsewhere)
    assert str(caught.value) == WRONG


def test_organisation_that_does_not_answer_is_for_later(replies, bound):
    with_token(replies)
    replies.get(ORGANISATION, status=503)
    with pytest.raises(BusyError):
        bound.sees(CONTROL)


def test_right_organisation_is_asked_for_once(replies, bound):
    with_token(replies)
    asked = replies.get(ORGANISATION, json={"id": "org-1"})
    replies.get(METADATA, json=[{"id": "r-1", "fileState": "AVAILABLE"}])
    assert [bound.sees(CONTROL), bound.sees(CONTROL)] == [True, True]
    assert asked.call_count == 1
