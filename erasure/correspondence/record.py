"""What a person reports of letters: sent outside, posted, come back, taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.cases import count_answer, locked, wake
from erasure.correspondence.dispatched import dispatched
from erasure.correspondence.rules import STATES, refuse_unless_due
from erasure.correspondence.words import language_of
from erasure.correspondence.write import refuse_actor, ring
from erasure.documents.letters.facts import REFUSED_UNDER
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase, Letter, Mailing
from erasure.values import Channel, LetterKind, LetterState

LEAVING = "The letter is just being sent: look again in a few minutes."


def record_answer(
    case_id: UUID, *, actor: Actor, kind: str, text: str, channel: str, dispatched_at: datetime,
    proof: str, article: str = "",
) -> Letter:  # fmt: skip
    """Record a letter that was sent outside of the product, with the proof of its dispatch.

    Raises:
        InputError: names the field to mend.
        StepError: the role or the state does not allow it, or items are still open.
    """
    _check(kind, text, channel, article)
    _check_dispatch(dispatched_at, proof)
    refuse_actor(actor, LetterKind(kind))
    with locked(case_id) as case:
        refuse_unless_due(case, LetterKind(kind), sent_at=dispatched_at)
        _check_after(case.received_at, dispatched_at)
        letter = Letter(
            case=case, kind=kind, language=language_of(case), channel=channel, article=article,
            written_by=actor.user,
        )  # fmt: skip
        letter.text = letter.reason = text.strip()
        dispatched(case, letter, dispatched_at, proof.strip(), actor)
    wake(case_id)
    return letter


def posted(letter_id: UUID, *, actor: Actor, dispatched_at: datetime, proof: str) -> Letter:
    """A letter that was to be printed has been posted.

    Raises:
        InputError: names the field to mend. StepError: role or state.
    """
    _check_dispatch(dispatched_at, proof)
    refuse_actor(actor)
    with _letter(letter_id) as (case, letter):
        if letter.state != LetterState.TO_POST:
            raise StepError("state", "This letter is not one to be posted.")
        _check_after(letter.written_at.replace(second=0, microsecond=0), dispatched_at)
        dispatched(case, letter, dispatched_at, proof.strip(), actor)
    wake(case.pk)
    return letter


def came_back(letter_id: UUID, *, actor: Actor, reason: str) -> Letter:
    """It did not reach the person: while the case is open, it is answered no more.

    Raises:
        InputError: no reason. StepError: role or state.
    """
    if not reason.strip():
        raise InputError("reason", "Say how it is known that the letter came back.")
    refuse_actor(actor)
    with _letter(letter_id) as (case, letter):
        _take(letter, lambda: letter.come_back(reason.strip()[:300]))
        if case.is_open() and case.answered_at == letter.dispatched_at:
            case.answered_at = None
            case.save(update_fields=["answered_at"])
        letter.save(update_fields=["state"])
        count_answer(case)
        _log(case, letter, actor, "LETTER_RETURNED")
    wake(case.pk)
    return letter


def take_back(letter_id: UUID, *, actor: Actor, reason: str) -> Letter:
    """A letter that has not left will not leave.

    Raises:
        InputError: no reason. StepError: role or state.
    """
    if not reason.strip():
        raise InputError("reason", "Say why the letter is not to be sent.")
    refuse_actor(actor)
    with _letter(letter_id) as (case, letter):
        _refuse_leaving(letter)
        _take(letter, lambda: letter.withdraw(reason.strip()[:300]))
        _log(case, letter, actor, "LETTER_WITHDRAWN")
    return letter


def try_again(letter_id: UUID, *, actor: Actor) -> Letter:
    """Have the outbox try a letter that was given up.

    Raises:
        StepError: role or state.
    """
    refuse_actor(actor)
    with _letter(letter_id) as (_, letter):
        _take(letter, letter.again)
        Mailing.objects.filter(pk=letter.pk).update(attempts=0, next_try=clock.now())
    ring(letter.pk)
    return letter


def post_instead(letter_id: UUID, *, actor: Actor) -> Letter:
    """A letter that mail does not take is printed and posted by a person.

    Raises:
        StepError: role or state.
    """
    refuse_actor(actor)
    with _letter(letter_id) as (_, letter):
        _refuse_leaving(letter)
        _take(letter, letter.by_post)
    return letter


@contextmanager
def _letter(letter_id: UUID) -> Iterator[tuple[ErasureCase, Letter]]:
    """A letter under the lock of its case; saved at the end."""
    case_id = Letter.objects.values_list("case", flat=True).get(pk=letter_id)
    with locked(case_id) as case:
        letter = case.letters.select_related("written_by").get(pk=letter_id)
        letter.case = case
        yield case, letter
        letter.save()


def _take(letter: Letter, step: Callable[[], None]) -> None:
    try:
        step()
    except TransitionNotAllowed:
        text = f"The letter is {letter.state.replace('_', ' ').lower()}: this is not possible."
        raise StepError("state", text) from None


def _refuse_leaving(letter: Letter) -> None:
    mailing = Mailing.objects.filter(pk=letter.pk).first()
    if mailing and mailing.is_leaving:
        raise StepError("state", LEAVING)


def _log(case: ErasureCase, letter: Letter, actor: Actor, decision: str) -> None:
    private = {"actor": actor.key, "reason": f"{letter.kind}: {letter.problem}"}
    append(case, "decision", private, decision=decision)


def _check(kind: str, text: str, channel: str, article: str) -> None:
    if kind not in STATES:
        raise InputError("kind", "Choose which letter was sent.")
    if not text.strip():
        raise InputError("text", "Keep the text that was sent: it is the proof of the answer.")
    if channel not in list(Channel):
        raise InputError("channel", "Choose how the letter was sent.")
    if kind == LetterKind.REFUSAL and article not in REFUSED_UNDER:
        raise InputError("article", "Choose the article under which the letter refuses.")


def _check_dispatch(dispatched_at: datetime, proof: str) -> None:
    if dispatched_at.tzinfo is None or dispatched_at > clock.now():
        raise InputError("dispatched_at", "The date of dispatch lies in the future.")
    if not proof.strip():
        raise InputError("proof", "Say what proves the dispatch, and where it is kept.")


def _check_after(first: datetime, dispatched_at: datetime) -> None:
    if dispatched_at < first:
        raise InputError("dispatched_at", "The letter was sent before it could be.")
