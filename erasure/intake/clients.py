"""Requests that a client sends over the API: once for each of its keys, and only its own."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from erasure import clock
from erasure.errors import InputError
from erasure.intake.once import once, same_body
from erasure.intake.stage import Agent, open_case
from erasure.models import PERSON, ApiClient, Arrival, ErasureCase
from erasure.values import Channel, Identifier

OLDEST = timedelta(days=365)  # that a person may have asked the client
KEY = re.compile(r"[A-Za-z0-9._:-]{8,128}")
REUSED = "This idempotency key was used for another request."


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """What a client sent. ``body`` is its text in one fixed spelling."""

    body: str = field(repr=False)
    name: str = field(repr=False)
    identifiers: tuple[Identifier, ...]
    received_at: datetime
    language: str
    on_behalf: bool = False
    agent: Agent | None = None
    text: str = field(default="", repr=False)


def accept(client: ApiClient, key: str, asked: ClientRequest) -> tuple[ErasureCase, bool]:
    """The case of a request, and whether it is new: the same key and body find the same one.

    Raises:
        InputError: names the field to mend; ``key`` if it was used for another request.
    """
    if not KEY.fullmatch(key):
        raise InputError("Idempotency-Key", "Send 8 to 128 letters, digits, dots or hyphens.")
    if asked.received_at < clock.now() - OLDEST:
        raise InputError("received_at", "The date of receipt lies more than a year back.")
    mine, body = f"{client.pk}:{key}", hashlib.sha256(asked.body.encode()).hexdigest()
    found = once(
        Arrival.API, mine, partial(_open, asked), body=body, sender=client.name, client=client
    )
    if not same_body(Arrival.API, mine, body):
        raise InputError("key", REUSED)
    return found


def _open(asked: ClientRequest) -> ErasureCase:
    return open_case(
        channel=Channel.API, name=asked.name, identifiers=asked.identifiers,
        received_at=asked.received_at, actor=PERSON, language=asked.language,
        on_behalf=asked.on_behalf, agent=asked.agent, text=asked.text,
    )  # fmt: skip


def case_of_client(client: ApiClient, reference: str) -> ErasureCase | None:
    """A case that this client sent."""
    mine = client.arrivals.filter(case__reference=reference).select_related("case").first()
    return mine.case if mine else None
