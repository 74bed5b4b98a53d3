"""Whom the data went to, and what each is told of the erasure (Art. 19 GDPR).

No deadline is set: recipients are named when execution begins, and told when it has ended.
"""

from datetime import datetime
from uuid import UUID

from erasure import clock
from erasure.cases.move import locked
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase, Recipient, RecipientNotice
from erasure.models.recipients import CHANNELS
from erasure.values import RecipientKind

LONGEST = 300
RECORD = "erasure.record_recipient"


def name_known(case: ErasureCase) -> None:
    """Name every known recipient of the systems in which the person was found; each once."""
    there = Recipient.objects.filter(enabled=True, connection__in=case.items.values("connection"))
    for recipient in there.exclude(pk__in=case.recipients.values("recipient")):
        RecipientNotice.objects.create(
            case=case, recipient=recipient, name=recipient.name, kind=recipient.kind,
            channel=recipient.channel,
        )  # fmt: skip


def counted(case: ErasureCase) -> tuple[int, int]:
    """How many recipients were told, and how many were not."""
    told = case.recipients.told().count()
    return told, case.recipients.count() - told


def name_recipient(case_id: UUID, *, name: str, kind: str, actor: Actor) -> RecipientNotice:
    """Name a recipient that no system is known for.

    Raises:
        InputError: names the field. StepError: the role does not allow it.
    """
    _refuse(actor)
    if not name.strip():
        raise InputError("name", "Name the organisation.")
    if kind not in list(RecipientKind):
        raise InputError("kind", "Choose what kind of recipient it is.")
    with locked(case_id) as case:
        row = RecipientNotice.objects.create(
            case=case, name=name.strip()[:80], kind=kind, recorded_by=actor.user
        )
        _log(case, row, actor, "RECIPIENT_NAMED")
    return row


def tell_recipient(
    notice_id: UUID, *, channel: str, told_at: datetime, proof: str, actor: Actor
) -> None:
    """Record the notice to a recipient, with what proves it.

    Raises:
        InputError: names the field. StepError: role, or it was told already.
    """
    _refuse(actor)
    if channel not in list(CHANNELS):
        raise InputError("channel", "Choose how it was told.")
    if not proof.strip():
        raise InputError("proof", "Say what proves the notice, and where it is kept.")
    case_id = _case_of(notice_id)
    with locked(case_id) as case:
        row = case.recipients.get(pk=notice_id)
        if row.told_at:
            raise StepError("state", "This recipient was told already.")
        if told_at.tzinfo is None or not case.received_at <= told_at <= clock.now():
            raise InputError("told_at", "It was told between the receipt and now.")
        row.channel, row.told_at, row.proof = channel, told_at, proof.strip()[:LONGEST]
        row.excused_at, row.excuse = None, ""
        _save(case, row, actor, "RECIPIENT_TOLD")


def record_reply(notice_id: UUID, *, answered_at: datetime, answer: str, actor: Actor) -> None:
    """Record what a recipient answered.

    Raises:
        InputError: names the field. StepError: role, or it was not told yet.
    """
    _refuse(actor)
    if not answer.strip():
        raise InputError("answer", "Say what it answered.")
    with locked(_case_of(notice_id)) as case:
        row = case.recipients.get(pk=notice_id)
        if row.told_at is None:
            raise StepError("state", "It was not told yet: there is nothing to answer.")
        if answered_at.tzinfo is None or not row.told_at <= answered_at <= clock.now():
            raise InputError("answered_at", "It answered between the notice and now.")
        row.answered_at, row.answer = answered_at, answer.strip()[:LONGEST]
        _save(case, row, actor, "RECIPIENT_ANSWERED")


def excuse(notice_id: UUID, *, reason: str, actor: Actor) -> None:
    """Record why a recipient is not told: impossible, or a disproportionate effort.

    Raises:
        InputError: no reason. StepError: role, or it was told already.
    """
    _refuse(actor)
    if not reason.strip():
        raise InputError("reason", "Say why it is impossible or a disproportionate effort.")
    with locked(_case_of(notice_id)) as case:
        row = case.recipients.get(pk=notice_id)
        if row.told_at:
            raise StepError("state", "This recipient was told already.")
        row.excused_at, row.excuse = clock.now(), reason.strip()[:LONGEST]
        _save(case, row, actor, "RECIPIENT_LEFT_OUT")


def _case_of(notice_id: UUID) -> UUID:
    return RecipientNotice.objects.values_list("case", flat=True).get(pk=notice_id)


def _refuse(actor: Actor) -> None:
    if not actor.may(RECORD):
        raise StepError("permission", "Your role does not allow to record recipients.")


def _save(case: ErasureCase, row: RecipientNotice, actor: Actor, decision: str) -> None:
    row.recorded_by = actor.user
    row.save()
    _log(case, row, actor, decision)


def _log(case: ErasureCase, row: RecipientNotice, actor: Actor, decision: str) -> None:
    said = row.excuse or row.answer or row.proof
    reason = f"{row.name}: {said}" if said else row.name
    append(case, "decision", {"actor": actor.key, "reason": reason}, decision=decision)
