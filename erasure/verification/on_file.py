"""Is what was given on file, and since when? A narrow search, as a step of verification.

Only the addresses and numbers of the request are looked up, nothing they lead to. The
person learns nothing of it; of the records themselves nothing is kept.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from uuid import UUID

from django.db.models import F, Q

from erasure import clock
from erasure.cases import locked, wake
from erasure.connectors.base import Connector, Found, Unanswered
from erasure.errors import ErasureError, KeyMissingError, RefusedError
from erasure.identity import spellings
from erasure.identity.names import Likeness, likeness
from erasure.ledger.append import append
from erasure.models import (
    SYSTEM,
    Actor,
    ErasureCase,
    OneTimeLink,
    OnFile,
    SubjectIdentifier,
    SystemConnection,
    Verification,
)
from erasure.systems import connector_for, store_of
from erasure.values import Identifier, IdentifierKind, StoreStatus, VerificationState
from erasure.verification.current import IN_QUESTION, current, require_in_question

LOOKED_UP = (IdentifierKind.EMAIL, IdentifierKind.PHONE)
SAID = {IdentifierKind.EMAIL: "E-mail address", IdentifierKind.PHONE: "Telephone number"}
UNDECIDED = [VerificationState.OPEN, VerificationState.ASKED, VerificationState.ANSWERED]


@dataclass(frozen=True, slots=True)
class Look:
    """What one connection answered about one identifier."""

    identifier: SubjectIdentifier
    connection: SystemConnection
    found: tuple[Found, ...] = field(repr=False)
    silent: str = ""  # why there is no answer

    @property
    def records(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.store, one.remote_id) for one in self.found)


def ask_lookup(case_id: UUID, *, actor: Actor) -> ErasureCase:
    """Have a worker look up what is on file.

    Raises:
        StepError: role or state does not allow it.
    """
    with locked(case_id) as case:
        require_in_question(case, actor, "erasure.ask_identity")
        row = current(case)
        row.lookup_asked_at = clock.now()
        row.save(update_fields=["lookup_asked_at"])
        append(case, "decision", {"actor": actor.key}, decision="ON_FILE_ASKED")
    wake(case_id)
    return case


def lookup_due(case_id: UUID) -> bool:
    waiting = Q(looked_up_at=None) | Q(looked_up_at__lt=F("lookup_asked_at"))
    rows = Verification.objects.filter(case=case_id, state__in=UNDECIDED)
    return rows.filter(waiting, lookup_asked_at__isnull=False).exists()


def look_up(case_id: UUID) -> bool:
    """Look up what was asked for, and keep what each system said. Safe to run twice."""
    case = ErasureCase.objects.select_related("subject").get(pk=case_id)
    if case.state not in IN_QUESTION or not lookup_due(case_id):
        return False
    asked_at = clock.now()
    given = list(case.identifiers.filter(given=True, kind__in=LOOKED_UP))
    for row in given:
        row.case = case
    connections = list(SystemConnection.objects.filter(enabled=True))
    looks = list(_looks(given, connections))
    names = case.known_names()
    with locked(case_id) as case:
        if case.state not in IN_QUESTION:
            return False
        for look in looks:
            _keep(case, look, names, asked_at)
        verification = current(case)
        verification.risks = list(_risks(looks, names))
        verification.looked_up_at = asked_at
        _count_confirmed_link(case, verification)
        verification.save()
        append(case, "identity", {"looked up": len(given), "actor": SYSTEM.key})
    return True


def _looks(
    given: Sequence[SubjectIdentifier], connections: Sequence[SystemConnection]
) -> Iterator[Look]:
    """Every connection side by side; no transaction is open."""
    who = [(row, row.as_value()) for row in given]
    ready = [(connection, _connector(connection)) for connection in connections]
    with ThreadPoolExecutor(max_workers=max(1, len(ready))) as pool:
        waiting = [pool.submit(_of_connection, *each, who) for each in ready]
        for each in waiting:
            yield from each.result()


def _connector(connection: SystemConnection) -> Connector | str:
    """The connector, or why there is none."""
    try:
        return connector_for(connection)
    except (KeyMissingError, RefusedError) as why:
        return str(why)


def _of_connection(
    connection: SystemConnection, connector: Connector | str,
    who: Sequence[tuple[SubjectIdentifier, Identifier]],
) -> list[Look]:  # fmt: skip
    if isinstance(connector, str):
        return [Look(row, connection, (), connector) for row, _ in who]
    return [_of_identifier(row, connection, connector, value) for row, value in who]


def _of_identifier(
    row: SubjectIdentifier, connection: SystemConnection, connector: Connector, value: Identifier
) -> Look:
    """The certain records that carry it. A store that is silent is said, never taken for empty."""
    found: dict[tuple[str, str], Found] = {}
    silent = ""
    try:
        for spelling in spellings(value):
            for answer in connector.lookup(spelling):
                if isinstance(answer, Unanswered):
                    silent = silent or answer.reason
                elif answer.certain and {spelling, value} & set(answer.identifiers):
                    found[(answer.store, answer.remote_id)] = answer
    except ErasureError as why:
        silent = silent or str(why)
    return Look(row, connection, tuple(found.values()), silent)


def _keep(case: ErasureCase, look: Look, names: Sequence[str], at: datetime) -> None:
    status = StoreStatus.FOUND if look.found else StoreStatus.EMPTY
    if look.silent and not look.found:
        status = StoreStatus.UNANSWERED
    counted = [likeness(names, one.names) for one in look.found]
    created = [one.occurred_at for one in look.found if one.occurred_at]
    stands = [max(one.occurred_at, one.changed_at or one.occurred_at)
              for one in look.found if one.occurred_at]  # fmt: skip
    titles = {store_of(look.connection, one.store).title for one in look.found}
    OnFile.objects.update_or_create(
        case=case, identifier=look.identifier, connection=look.connection,
        defaults={
            "status": status, "stores": sorted(titles), "looked_at": at,
            "created": min(created, default=None), "since": min(stands, default=None),
            "agree": counted.count(Likeness.SAME), "differ": counted.count(Likeness.STRANGERS),
            "unclear": counted.count(Likeness.WEAK) + counted.count(Likeness.UNKNOWN),
            "note": look.silent[:300],
        },
    )  # fmt: skip


def _risks(looks: Sequence[Look], names: Sequence[str]) -> Iterator[str]:
    """What speaks for the wrong person, in sentences without a value."""
    for look in looks:
        others = [one for one in look.found if likeness(names, one.names) is Likeness.STRANGERS]
        if others:
            yield (
                f"{_said(look.identifier)} is on file under another name in "
                f"{look.connection.name} ({len(others)} of {len(look.found)} records)."
            )
    for one, other in combinations(looks, 2):
        apart = one.found and other.found and not one.records & other.records
        if one.connection.pk == other.connection.pk and apart:
            yield (
                f"{_said(one.identifier)} and {_said(other.identifier).lower()} stand on "
                f"different records in {one.connection.name}."
            )


def _said(row: SubjectIdentifier) -> str:
    """``E-mail address 2``: by its number in the request, never by its value."""
    return f"{SAID[IdentifierKind(row.kind)]} {row.number + 1}"


def _count_confirmed_link(case: ErasureCase, row: Verification) -> None:
    """Who confirmed a request by mail reads that address: if it was on file, that is proof."""
    used = case.links.filter(
        purpose=OneTimeLink.CONFIRM, used_at__isnull=False, identifier__isnull=False
    )
    link = used.exclude(used_at__gt=F("expires_at")).order_by("used_at").last()
    if link is None or row.proven_at or case.requester_confirmed_at is None:
        return
    usable = case.on_file.filter(identifier=link.identifier_id).usable()
    if usable:
        row.on_file, row.proven_at = usable[0], case.requester_confirmed_at
