"""Two cases that carry the same identifier: an officer merges, links or tells them apart.

A merge brings identifiers, words and the earlier receipt over, never a proof: whoever was
not verified before is not verified after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from erasure import clock
from erasure.cases import locked, move, recompute
from erasure.documents.words import day
from erasure.errors import StepError
from erasure.intake.stage import keep_mandate
from erasure.ledger.append import append
from erasure.models import (
    OPEN_STATES,
    Actor,
    CaseRelation,
    ErasureCase,
    Representative,
    SubjectIdentifier,
    User,
    add_identifier,
)
from erasure.models.cases import BEFORE_EXECUTION
from erasure.models.subjects import SECOND_REQUEST
from erasure.values import (
    CloseReason,
    IdentifierKind,
    IdentifierState,
    Relation,
    Step,
    VerificationState,
)

RECENT = timedelta(days=90)  # since the end of a case
MOST = 5


def likely_duplicates(case: ErasureCase) -> list[ErasureCase]:
    """Open and recent cases with one of its addresses or numbers, nobody decided on yet.

    A hint: nothing is skipped for it. Names are no sign: many people share one.
    """
    shared = case.identifiers.exclude(kind=IdentifierKind.NAME).values("blind_index")
    now = clock.now()
    recent = Q(closed_at__gt=now - RECENT) | Q(completed_at__gt=now - RECENT)
    found = ErasureCase.objects.filter(Q(state__in=OPEN_STATES) | recent).filter(
        Q(identifiers__blind_index__in=shared)
    )
    decided = Q(relations__other=case) | Q(related_to__case=case)
    return list(found.exclude(pk=case.pk).exclude(decided).distinct()[:MOST])


def relations_of(case: ErasureCase) -> list[CaseRelation]:
    """What was decided on it and others."""
    both = CaseRelation.objects.filter(Q(case=case) | Q(other=case))
    return list(both.exclude(relation=Relation.DIFFERENT).select_related("case", "other"))


def relate(case_id: UUID, other_id: UUID, relation: Relation, *, actor: Actor) -> None:
    """Link two cases, or say that they have nothing to do with each other.

    Raises:
        StepError: the role does not allow it, or it was decided before.
    """
    with _both(case_id, other_id, actor) as (case, other):
        _record(case, other, relation, actor)


def merge(case_id: UUID, other_id: UUID, *, actor: Actor) -> ErasureCase:
    """Take the other request into this case; the other is closed as its duplicate.

    Raises:
        StepError: the role or the state of either case does not allow it.
    """
    with _both(case_id, other_id, actor) as (case, other):
        if case.state not in BEFORE_EXECUTION:
            raise StepError("state", "This case is decided on: link the other one instead.")
        move(other.pk, Step.CLOSE, actor=actor, close_reason=CloseReason.DUPLICATE)
        _bring_identifiers(case, other)
        _bring_words(case, other)
        _bring_agent(case, other)
        _record(case, other, Relation.MERGED, actor)
        if other.received_at < case.received_at:
            case.received_at = other.received_at
            case.save(update_fields=["received_at"])
            said = f"The same request came first as {other.reference}."
            recompute(case, actor=actor, why="RECEIPT_CORRECTED", reason=said)
        case.preparers.add(_staff(actor))
    return case


@contextmanager
def _both(case_id: UUID, other_id: UUID, actor: Actor) -> Iterator[tuple[ErasureCase, ErasureCase]]:
    """Both cases under their locks, always taken in the same order."""
    _staff(actor)
    if case_id == other_id:
        raise StepError("condition", "A case is no duplicate of itself.")
    with transaction.atomic():
        first, second = sorted([case_id, other_id])
        with locked(first) as one, locked(second) as two:
            case, other = (one, two) if case_id == first else (two, one)
            pair = Q(case=case, other=other) | Q(case=other, other=case)
            if CaseRelation.objects.filter(pair).exists():
                raise StepError("state", "It was decided already how these two cases stand.")
            yield case, other


def _staff(actor: Actor) -> User:
    """
    Raises:
        StepError: the role does not allow it.
    """
    if actor.user is None or not actor.may("erasure.close_case"):
        raise StepError("permission", "Your role does not allow to decide on duplicates.")
    return actor.user


def _record(case: ErasureCase, other: ErasureCase, relation: Relation, actor: Actor) -> None:
    who = _staff(actor)
    CaseRelation.objects.create(case=case, other=other, relation=relation, decided_by=who)
    for one, counterpart in ((case, other), (other, case)):
        private = {"actor": actor.key, "reason": f"With {counterpart.reference}."}
        append(one, "decision", private, decision=f"REQUEST_{relation}")


def _bring_identifiers(case: ErasureCase, other: ErasureCase) -> None:
    """What a proven person did not give is in question: a second request may be a stranger's."""
    proven = case.verifications.filter(state=VerificationState.CONFIRMED).exists()
    for row in other.identifiers.filter(given=True):
        add_identifier(
            case, row.as_value(), provenance=f"Given in request {other.reference}",
            given=not proven, state=_state(row) if proven else row.state,
            question=SECOND_REQUEST if proven else row.question,
        )  # fmt: skip


def _state(row: SubjectIdentifier) -> IdentifierState:
    """A name is never decided on: it stays a lead."""
    is_name = row.kind == IdentifierKind.NAME
    return IdentifierState.LEAD if is_name else IdentifierState.IN_QUESTION


def _bring_words(case: ErasureCase, other: ErasureCase) -> None:
    if other.request:
        head = f"[{other.reference}, received {day(other.received_at.date())}]"
        case.request = f"{case.request}\n\n{head}\n{other.request}".strip()
        case.save(update_fields=["request_sealed"])


def _bring_agent(case: ErasureCase, other: ErasureCase) -> None:
    """Who asked for the person, and the mandate: the other case's keys may go first."""
    agent = Representative.objects.filter(case=other).first()
    if agent and not Representative.objects.filter(case=case).exists():
        copy = Representative(case=case)
        copy.name, copy.email = agent.name, agent.email
        copy.save(force_insert=True)
    keep_mandate(case, [page.opened_data() for page in other.mandate.all()])
    if other.on_behalf and not case.on_behalf:
        case.on_behalf = True
        case.save(update_fields=["on_behalf"])
