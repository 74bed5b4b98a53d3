"""The demonstration's view of the sandbox: its controls and its own record."""

import json
import urllib.request
from typing import Any

from django.conf import settings

# Where the sandbox's words for its stores differ from ours.
STORES = {
    "contacts": "external_contacts",
    "analytics": "conversations",
    "recordings": "recordings",
    "evaluations": "evaluations",
}


def call(path: str, body: dict[str, Any] | None = None) -> Any:
    """A control of the sandbox (loopback only)."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{settings.SANDBOX_URL}/sandbox/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # nosec B310
        return json.loads(answer.read() or b"null")


def reset(population: str = "demo", **options: Any) -> None:
    call("reset", {"population": population, "options": options})


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


def held_records(key: str) -> set[tuple[str, str, str]]:
    """System, store and record of what is held in the stores that a case searches.

    Recordings count by their conversation, as a case counts them.
    """
    found = set()
    for row in holdings(key):
        store = row["store"] if row["system"] == "salesforce" else STORES.get(row["store"])
        if store:
            record = row.get("parent_id") if store == "recordings" else row["remote_id"]
            found.add((row["system"], store, record or row["remote_id"]))
    return found
