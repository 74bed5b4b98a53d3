"""What came back after the end of a case, in words, and what a person decides about it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from erasure.documents.words import count, day, kind, listed
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase, FollowUp, ReturnedRecord, SystemConnection
from erasure.systems import all_stores, store_of
from erasure.values import Return

SAID = {
    Return.SAME: ("that had been erased is back", "that had been erased are back"),
    Return.OLDER: (
        "older than the end of the case was not seen before",
        "older than the end of the case were not seen before",
    ),
    Return.NEW: ("was made after the end of the case", "were made after the end of the case"),
    Return.UNDATED: (
        "was not seen before, and the system does not date it",
        "were not seen before, and the system does not date them",
    ),
}


def sentences(made: FollowUp) -> list[str]:
    """What came back, from where, and what could not be searched; nothing personal."""
    rows = list(made.records.select_related("connection"))
    said = [_sentence(list(alike)) for _, alike in groupby(sorted(rows, key=_place), _place)]
    if made.silent:
        titles = all_stores(SystemConnection.objects.all())
        names = listed([titles.get(line, line) for line in made.silent])
        said.append(f"Could not be searched, so nothing is known of it: {names}.")
    if made.lines:
        where = f"{made.source}: " if made.source else ""
        said.append(f"{where}{count(len(made.lines), 'line')} of an import bring somebody back.")
    return [*said, *_sources(rows, made.silent)]


def _place(row: ReturnedRecord) -> tuple[str, str, str]:
    return row.connection.name, row.store, row.kind


def _sentence(rows: Sequence[ReturnedRecord]) -> str:
    """``Genesys Cloud EU, Contacts: 1 record was made after the end of the case, ...``"""
    first, many = rows[0], len(rows) > 1
    place = f"{first.connection.name}, {store_of(first.connection, first.store).title}"
    said = f"{place}: {count(len(rows), 'record')} {SAID[Return(first.kind)][many]}"
    if dates := [row.made_at for row in rows if row.made_at]:
        made = day(timezone.localtime(max(dates)).date())
        said += f", the last made on {made}" if many else f", made on {made}"
    by = sorted({kind(each) for row in rows for each in row.found_by})
    return f"{said}; found by {listed(by)}." if by else f"{said}."


def _sources(rows: Sequence[ReturnedRecord], silent: Sequence[str]) -> Iterator[str]:
    """Systems that write contacts into others are where to look first."""
    there = {row.connection_id for row in rows}
    quiet = {line.partition(".")[0] for line in silent}
    for each in SystemConnection.objects.filter(syncs_contacts=True, enabled=True):
        if each.pk in there:
            yield f"{each.name} writes contacts into other systems: they may come from there."
        elif rows and each.slug not in quiet:
            yield f"{each.name}, which writes contacts into other systems, holds none of them now."


def dismiss(follow_up_id: UUID, *, actor: Actor, reason: str) -> FollowUp:
    """Nothing is to be erased: somebody became a customer again, or another ground stands.

    Raises:
        InputError: no reason.
        StepError: the role or the state does not allow it.
    """
    if not reason.strip():
        raise InputError("reason", "Say why nothing is to be erased: it is part of the record.")
    with deciding(follow_up_id, actor, "FOLLOW_UP_DISMISSED", reason.strip()[:300]) as row:
        row.dismiss(actor=actor, reason=reason.strip()[:300])
    return row


@contextmanager
def deciding(follow_up_id: UUID, actor: Actor, entry: str, reason: str = "") -> Iterator[FollowUp]:
    """A follow-up under its lock, and its case's; the decision is logged with it.

    Raises:
        StepError: the role or the state does not allow it.
    """
    if not (actor.is_system or actor.may("erasure.decide_followup")):
        raise StepError("permission", "Your role does not allow to decide on what came back.")
    with transaction.atomic():
        case_id = FollowUp.objects.values_list("case", flat=True).get(pk=follow_up_id)
        case = ErasureCase.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        row = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
        try:
            yield row
        except TransitionNotAllowed:
            raise StepError("state", f"This follow-up is {row.state}: it was decided on.") from None
        row.save()
        if case:
            append(case, "decision", {"actor": actor.key, "reason": reason}, decision=entry)
