"""Requests that a client sends over the API: once for each of its keys, and only its own."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from erasure import clock
from erasure.errors import InputError
from erasure.intake.stage import Agent, open_case
from erasure.models import PERSON, ApiClient, Arrival, ErasureCase, blind
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
    mine = f"{client.pk}:{key}"
    known = _known(mine, asked)
    if known:
        return known, False
    try:
        with transaction.atomic():
            return _open(client, mine, asked), True
    except IntegrityError:
        known = _known(mine, asked)
        if known is None:
            raise
        return known, False


def _known(mine: str, asked: ClientRequest) -> ErasureCase | None:
    arrival = Arrival.known(Arrival.API, mine)
    if arrival is None:
        return None
    if arrival.body_index != _body_index(asked):
        raise InputError("key", REUSED)
    return arrival.case


def _open(client: ApiClient, mine: str, asked: ClientRequest) -> ErasureCase:
    case = open_case(
        channel=Channel.API, name=asked.name, identifiers=asked.identifiers,
        received_at=asked.received_at, actor=PERSON, language=asked.language,
        on_behalf=asked.on_behalf, agent=asked.agent, text=asked.text,
    )  # fmt: skip
    Arrival.objects.create(
        case=case, door=Arrival.API, key_index=Arrival.index(Arrival.API, mine),
        body_index=_body_index(asked), sender=client.name, client=client,
    )  # fmt: skip
    return case


def _body_index(asked: ClientRequest) -> str:
    return blind("api.body", hashlib.sha256(asked.body.encode()).hexdigest())


def case_of_client(client: ApiClient, reference: str) -> ErasureCase | None:
    """A case that this client sent."""
    mine = client.arrivals.filter(case__reference=reference).select_related("case").first()
    return mine.case if mine else None
