"""The demonstration's view of the sandbox: its controls and its own record."""

import json
import urllib.request
from typing import Any

from django.conf import settings

BY_CONVERSATION = (
    "voice_recordings", "screen_recordings", "chat_transcripts", "message_transcripts",
    "email_transcripts",
)  # fmt: skip

GENESYS_ALONE = {
    "salesforce": {"objects": False}, "servicenow": {"holds": False}, "opendsr": {"holds": False},
}  # fmt: skip
EVERYWHERE = {
    "salesforce": {"objects": True}, "servicenow": {"holds": True}, "opendsr": {"holds": True},
}  # fmt: skip

Held = tuple[str, str, str]  # system, store and record


def call(path: str, body: dict[str, Any] | None = None) -> Any:
    """A control of the sandbox (loopback only)."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{settings.SANDBOX_URL}/sandbox/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # nosec B310
        return json.loads(answer.read() or b"null")


def reset(population: str = "demo", *, everywhere: bool = False, **options: Any) -> None:
    """The people once more; the partner systems hold much of them, or a contact and its cases."""
    partners = EVERYWHERE if everywhere else GENESYS_ALONE
    call("reset", {"population": population, "options": partners | options})
    fault("servicenow.audit-open", everywhere)  # its administrator lets us delete audit rows


def fault(name: str, value: Any = True) -> None:
    call("faults", {name: value})


def person(key: str) -> dict[str, Any]:
    found = call("people")
    rows = found if isinstance(found, list) else found["people"]
    return dict(next(row for row in rows if row["key"] == key))


def holdings(key: str) -> list[dict[str, str]]:
    """What the vendors truly hold of a person now, whatever their interfaces say."""
    found = call(f"holdings?person={key}")
    return list(found if isinstance(found, list) else found["holdings"])


def held_records(key: str) -> set[Held]:
    """What is held of a person, as a case counts it: recordings by their conversation."""
    found = set()
    for row in holdings(key):
        alike = row["store"] in BY_CONVERSATION
        found.add((row["system"], row["store"], row["parent_id" if alike else "remote_id"]))
    return found


def conversations_with(key: str, *stores: str) -> list[str]:
    """Conversations of a person that have something in each of these stores."""
    rows = holdings(key)
    there = [{row["parent_id"] for row in rows if row["store"] == name} for name in stores]
    return sorted(set.intersection(*there))


def of_conversation(key: str, conversation: str) -> list[dict[str, str]]:
    """What is held of one conversation, in a fixed order."""
    rows = [row for row in holdings(key) if row.get("parent_id") == conversation]
    return sorted(rows, key=lambda row: (row["store"], row["remote_id"]))
