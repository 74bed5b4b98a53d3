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

SAID = {  # of one record, of several; the date goes where it says something
    Return.SAME: ("that had been erased is back", "that had been erased are back"),
    Return.OLDER: ("of {day}, not seen before", "not seen before, the last of {day}"),
    Return.NEW: (
        "made after the end of the case, on {day}",
        "made after the end of the case, the last on {day}",
    ),
    Return.UNDATED: (
        "not seen before; the system does not date it",
        "not seen before; the system does not date them",
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
    """``Genesys Cloud EU, Contacts: 1 record made after the end of the case, on 2 Mar 2027.``"""
    first = rows[0]
    dates = [timezone.localtime(row.made_at).date() for row in rows if row.made_at]
    how = SAID[Return(first.kind)][len(rows) > 1].format(day=day(max(dates)) if dates else "")
    place = f"{first.connection.name}, {store_of(first.connection, first.store).title}"
    said = f"{place}: {count(len(rows), 'record')} {how}"
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
