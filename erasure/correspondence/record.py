"""The answer to the person: its text and the date it was sent."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from erasure import clock
from erasure.cases import locked, wake
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import KEPT, Actor, DataItem, ErasureCase, Letter
from erasure.values import CaseState, Channel, ItemState, Verdict

LETTERS = {
    "outcome": (CaseState.EXECUTING, CaseState.AWAITING_VENDOR),
    "interim": (CaseState.EXECUTING, CaseState.AWAITING_VENDOR, CaseState.DISCOVERY,
                CaseState.DPO_REVIEW),
    "refusal": (CaseState.VALIDATING, CaseState.DPO_REVIEW),
}  # fmt: skip


def record_answer(
    case_id: UUID, *, actor: Actor, kind: str, text: str, channel: str, dispatched_at: datetime
) -> Letter:
    """Record a letter that was sent. An outcome or refusal is the answer of Art. 12(3) or (4).

    Raises:
        InputError: names the field to mend.
        StepError: the role or the state does not allow it, or items are still open.
    """
    _check(kind, text, channel, dispatched_at)
    if not actor.may("erasure.record_answer") or actor.user is None:
        raise StepError("permission", "Your role does not allow to record letters.")
    with locked(case_id) as case:
        if case.state not in LETTERS[kind]:
            raise StepError("state", f"The case is {case.state}: no {kind} letter belongs here.")
        if kind != "interim" and case.answered_at:
            raise StepError("state", "The answer to the person is on record already.")
        if kind == "outcome" and not case.finished_execution():
            raise StepError("condition", "Items are still open: an outcome cannot be told yet.")
        if dispatched_at < case.received_at:
            raise InputError("dispatched_at", "The letter was sent before the request came.")
        letter = Letter(
            case=case, kind=kind, channel=channel, dispatched_at=dispatched_at,
            recorded_by=actor.user,
        )  # fmt: skip
        letter.text = text.strip()
        letter.save(force_insert=True)
        if kind in ("outcome", "refusal"):
            case.answered_at = dispatched_at
        case.save(update_fields=["answered_at"])
        append(case, "decision", {"actor": actor.key, "reason": kind}, decision="LETTER_SENT")
    wake(case_id)
    return letter


def _check(kind: str, text: str, channel: str, dispatched_at: datetime) -> None:
    if kind not in LETTERS:
        raise InputError("kind", "Choose outcome, refusal or interim.")
    if not text.strip():
        raise InputError("text", "Keep the text that was sent: it is the proof of the answer.")
    if channel not in list(Channel):
        raise InputError("channel", "Choose how the letter was sent.")
    if dispatched_at.tzinfo is None or dispatched_at > clock.now():
        raise InputError("dispatched_at", "The date of dispatch lies in the future.")


def suggested_text(case: ErasureCase) -> str:
    """A first wording of the outcome letter, from what was read back. The officer edits it."""
    items = case.items.exclude(state=ItemState.EXCLUDED)
    gone = items.filter(verdict=Verdict.VERIFIED_ABSENT).count()
    redacted = items.filter(verdict=Verdict.ANONYMISED).count()
    attested = items.filter(verdict=Verdict.ATTESTED).count()
    lines = [
        f"Your request {case.reference} of {case.received_at:%d %B %Y}",
        "",
        f"We searched {case.searches.count()} stores. Records found about you: {items.count()}.",
        f"{_were(gone)} erased; a fresh search no longer finds {_them(gone)}.",
    ]
    if redacted:
        left = _them(redacted)
        lines.append(f"{_were(redacted)} made anonymous; nothing in {left} leads to you.")
    if attested:
        lines.append(f"{_were(attested)} erased on the word of who holds {_them(attested)}.")
    lines += _kept(items.filter(state__in=KEPT).select_related("hold"))
    lines += [
        "",
        "You may complain to the data protection authority and you may go to court "
        "(Art. 77 and 79 GDPR).",
    ]
    return "\n".join(lines)


def _kept(kept: QuerySet[DataItem]) -> list[str]:
    lines = []
    for item in kept:
        day = item.hold and (item.hold.expires_on or item.hold.review_on)
        wording = item.hold.public_wording if item.hold else item.reason
        until = f" until {day:%d %B %Y}" if day else ""
        line = f"Kept under Art. {item.article}{until}: {wording}"
        if line not in lines:
            lines.append(line)
    words = "1 record is" if len(kept) == 1 else f"{len(kept)} records are"
    return [f"{words} kept for now.", *lines] if lines else []


def _were(count: int) -> str:
    return "1 record was" if count == 1 else f"{count} records were"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
