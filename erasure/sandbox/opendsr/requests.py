"""The requests a processor has taken, and what it holds of whom."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..people import Person

CONTROLLER = "sandbox-controller"
TYPES = ("email", "controller_customer_id")
SUPPORTED = (("email", "raw"), ("email", "sha256"), ("controller_customer_id", "raw"))
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


@dataclass(slots=True)
class Asked:
    """One request. ``word`` is where it stands."""

    id: str
    received: datetime
    due: datetime
    domain: str  # under which it came
    people: frozenset[str]
    callbacks: tuple[str, ...] = ()
    word: str = "pending"
    failed: bool = False  # a recipient did not do its part

    @property
    def is_open(self) -> bool:
        return self.word in ("pending", "in_progress")


class Requests:
    """What was asked, by id; and the people whose data is still there."""

    def __init__(self, people: Sequence[Person], takes: timedelta) -> None:
        self.people = {one.key: one for one in people if one.crm}
        self.held = set(self.people)
        self.takes = takes
        self.known: dict[str, Asked] = {}

    def add(self, body: Mapping[str, Any], now: datetime, domain: str) -> Asked:
        """Take a valid request; data goes when it is completed."""
        values = set(_values(body))
        whom = frozenset(key for key, one in self.people.items() if values & set(_known(one)))
        urls = tuple(str(url) for url in body.get("status_callback_urls") or ())
        asked = Asked(body["subject_request_id"], now, now + self.takes, domain, whom, urls)
        self.known[asked.id] = asked
        return asked

    def advance(self, now: datetime, faults: Mapping[str, Any]) -> list[Asked]:
        """Move every open request on; those that changed."""
        changed = []
        for asked in self.known.values():
            before = asked.word
            if asked.is_open:
                asked.word = _word(asked, now, faults)
                if asked.word == "completed":
                    self._complete(asked, failed=bool(faults.get("failed-distribution")))
            if asked.word != before:
                changed.append(asked)
        return changed

    def _complete(self, asked: Asked, *, failed: bool) -> None:
        asked.failed = failed
        if not failed:
            self.held -= asked.people


def _word(asked: Asked, now: datetime, faults: Mapping[str, Any]) -> str:
    if faults.get("cancelled"):
        return "cancelled"
    begun = now >= asked.received + (asked.due - asked.received) / 2
    if now >= asked.due and not (faults.get("never-completes") or faults.get("callback-forged")):
        return "completed"
    return "in_progress" if begun else asked.word


def complaint(body: Any) -> str:
    """What is wrong with a request; empty if nothing is."""
    if not isinstance(body, dict):
        return "the body must be an object"
    if body.get("regulation") not in ("gdpr", "ccpa"):
        return "regulation field is required"
    if not _UUID4.match(str(body.get("subject_request_id"))):
        return "subject_request_id field must be a lowercase UUID v4"
    if body.get("subject_request_type") != "erasure":
        return "subject_request_type is not supported"
    if not isinstance(body.get("submitted_time"), str):
        return "submitted_time field is required"
    if not body.get("subject_identities") and not body.get("extensions"):
        return "subject_identities field is required"
    for row in body.get("subject_identities") or ():
        if (row.get("identity_type"), row.get("identity_format")) not in SUPPORTED:
            return "identity_type or identity_format is not supported"
    return ""


def _values(body: Mapping[str, Any]) -> Iterator[str]:
    rows = list(body.get("subject_identities") or ())
    for extension in (body.get("extensions") or {}).values():
        rows += extension.get("identities") or ()
    return (str(row.get("identity_value")).lower() for row in rows)


def _known(person: Person) -> Iterable[str]:
    """Every value the processor knows somebody by, e-mail addresses hashed as well."""
    plain = (*person.emails, *person.phones, *person.external_ids)
    hashed = (hashlib.sha256(email.lower().encode()).hexdigest() for email in person.emails)
    return (*(value.lower() for value in plain), *hashed)
