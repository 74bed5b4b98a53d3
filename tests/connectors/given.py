"""What the connector tests share: an account, a limiter that counts, a clock that runs."""

from datetime import UTC, datetime, timedelta

from erasure import clock
from erasure.connectors.base import Account, ItemRef

BASE = "https://api.mypurecloud.de"
LOGIN = "https://login.mypurecloud.de"
TOKEN = f"{LOGIN}/oauth/token"
PLANTED = "ada.beispiel@example.org"
NUMBER = "+441632960101"


class CountingLimiter:
    """Lets every call leave and remembers who waited and for how long all were blocked."""

    def __init__(self):
        self.waits = 0
        self.blocked = []

    def wait(self):
        self.waits += 1

    def block(self, seconds):
        self.blocked.append(seconds)


class Naps:
    """A sleep that only remembers."""

    def __init__(self):
        self.seconds = []

    def __call__(self, seconds):
        self.seconds.append(seconds)


def account(**changed):
    given = {
        "slug": "genesys-de",
        "base_url": BASE,
        "login_url": LOGIN,
        "client_id": "client-1",
        "client_secret": "invented-secret",
    }
    return Account(**(given | changed))


def ago(**by):
    return clock.now() - timedelta(**by)


def stamp(when: datetime):
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def allow(refs):
    """A guard that lets everything pass."""


def ref(store, remote_id, **given):
    return ItemRef(store, remote_id, **given)


def with_token(replies):
    replies.post(TOKEN, json={"access_token": "t-1", "token_type": "bearer", "expires_in": 86400})


def conversation(key, **changed):
    """An inbound call of Ada's a month ago, recorded, as analytics tells it."""
    customer = {
        "participantId": "p-1",
        "participantName": "Ada Beispiel",
        "purpose": "customer",
        "externalContactId": "c-1",
        "sessions": [
            {
                "mediaType": "voice",
                "direction": "inbound",
                "ani": f"tel:{NUMBER}",
                "dnis": "tel:+441632960999",
            }
        ],
    }
    agent = {
        "participantId": "p-2",
        "participantName": "Agent Muster",
        "purpose": "agent",
        "userId": "u-1",
        "sessions": [{"mediaType": "voice", "direction": "inbound", "recording": True}],
    }
    row = {
        "conversationId": key,
        "conversationStart": stamp(ago(days=30)),
        "conversationEnd": stamp(ago(days=30)),
        "divisionIds": ["d-1"],
        "participants": [customer, agent],
    }
    return row | changed
