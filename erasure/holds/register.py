"""Place and release holds: who placed one cannot release it alone."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.errors import InputError, StepError
from erasure.holds.cover import apply_holds
from erasure.holds.index import conversation_index
from erasure.ledger.append import append
from erasure.models import (
    SYSTEM,
    Actor,
    ErasureCase,
    Hold,
    HoldEvent,
    HoldTarget,
    SubjectIdentifier,
    SystemConnection,
    blind,
)
from erasure.values import CaseState, Exemption, HoldScope, HoldState, HoldStep, Identifier

REVIEW_AT_MOST = timedelta(days=184)  # six months
WORDS = {
    "reference": "Give the reference of the matter.",
    "reason": "Give the reason, for colleagues.",
    "public_wording": "Say what the person is told.",
}
MAY_CHANGE = [CaseState.DPO_REVIEW, CaseState.EXECUTING, CaseState.AWAITING_VENDOR]


def place(
    hold: Hold,
    *,
    actor: Actor,
    identifiers: Sequence[Identifier] = (),
    conversations: Sequence[tuple[SystemConnection, str]] = (),
) -> Hold:
    """Put a new hold into force, also for cases in mid-execution.

    ``conversations``: pairs of connection and the vendor's conversation id.

    Raises:
        InputError: names the field that is missing or out of bounds.
        StepError: the role does not allow it.
    """
    _require(actor, "erasure.place_hold")
    _check(hold, identifiers, conversations)
    if actor.user:
        hold.placed_by = actor.user
    hold.placed_at = clock.now()
    indexes = {blind(who.kind, who.value) for who in identifiers}
    indexes |= {conversation_index(at.slug, name.strip()) for at, name in conversations}
    with transaction.atomic():
        hold.place(actor=actor)
        hold.save(force_insert=True)
        _note(hold, HoldStep.PLACED, actor)
        HoldTarget.objects.bulk_create(HoldTarget(hold=hold, index=index) for index in indexes)
        for case in _cases(hold, indexes):
            _log(case, hold, "placed", actor)
            apply_holds(case)
    return hold


def _check(
    hold: Hold, identifiers: Sequence[Identifier], conversations: Sequence[tuple[object, str]]
) -> None:
    _check_words(hold)
    _check_scope(hold, identifiers, conversations)
    _check_dates(hold.expires_on, hold.review_on)


def _check_dates(expires_on: date | None, review_on: date | None) -> None:
    today = timezone.localtime(clock.now()).date()
    if expires_on is None and review_on is None:
        raise InputError("review_on", "A hold needs an expiry date or a review date.")
    if expires_on and expires_on <= today:
        raise InputError("expires_on", "The expiry date must lie in the future.")
    if review_on and not today < review_on <= today + REVIEW_AT_MOST:
        raise InputError("review_on", "The review date must lie within the next six months.")


def _check_words(hold: Hold) -> None:
    if hold.article not in (Exemption.LEGAL_OBLIGATION, Exemption.LEGAL_CLAIMS):
        raise InputError("article", "A hold rests on Art. 17(3)(b) or (e).")
    for field, what in WORDS.items():
        if not getattr(hold, field).strip():
            raise InputError(field, what)


def _check_scope(
    hold: Hold, identifiers: Sequence[Identifier], conversations: Sequence[tuple[object, str]]
) -> None:
    if hold.scope not in list(HoldScope):
        raise InputError("scope", "Choose what the hold covers.")
    if any(not name.strip() for _, name in conversations) or (
        hold.scope == HoldScope.CONVERSATION and not conversations
    ):
        raise InputError("conversations", "Give at least one conversation id.")
    nobody = not identifiers and not (hold.scope == HoldScope.MATTER and conversations)
    if hold.scope in (HoldScope.SUBJECT, HoldScope.MATTER) and nobody:
        raise InputError("identifiers", "Give at least one e-mail address or phone number.")
    if hold.scope == HoldScope.TIME_RANGE:
        if not (hold.starts_at and hold.ends_at):
            raise InputError("starts_at", "A time range needs a start and an end.")
        if hold.starts_at >= hold.ends_at:
            raise InputError("ends_at", "The end must come after the start.")


def _cases(hold: Hold, indexes: set[str]) -> list[ErasureCase]:
    """Cases under way that the hold touches, each locked."""
    known = SubjectIdentifier.objects.once_confirmed().filter(blind_index__in=indexes)
    of_people = Q(pk__in=known.values("case"))
    of_calls = Q(items__parent_index__in=indexes)
    then: dict[str, object] = {"items__occurred_at__range": (hold.starts_at, hold.ends_at)}
    if hold.connection_id:
        then["items__connection"] = hold.connection_id
    touched = {
        HoldScope.SUBJECT: of_people,
        HoldScope.CONVERSATION: of_calls,
        HoldScope.MATTER: of_people | of_calls,
        HoldScope.TIME_RANGE: Q(**then),
    }[HoldScope(hold.scope)]
    cases = ErasureCase.objects.filter(touched, state__in=MAY_CHANGE)
    ids = list(cases.values_list("pk", flat=True).distinct())
    return list(ErasureCase.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def propose_release(hold_id: UUID | str, *, actor: Actor) -> Hold:
    """The first of two people: say that a hold may go."""
    _require(actor, "erasure.release_hold")
    return _move(hold_id, actor, HoldStep.PROPOSED)


def confirm_release(hold_id: UUID | str, *, actor: Actor) -> Hold:
    """The second person. Who placed the hold cannot also confirm its release.

    Raises:
        StepError: state, permission or four eyes.
    """
    _require(actor, "erasure.release_hold")
    with transaction.atomic():
        hold = Hold.objects.select_for_update().get(pk=hold_id)
        if actor.user and actor.user.pk in (hold.release_proposed_by_id, hold.placed_by_id):
            raise StepError(
                "four eyes", "You placed this hold or proposed its release: somebody else confirms."
            )
        return _move(hold_id, actor, HoldStep.RELEASED)


def keep(
    hold_id: UUID | str, *, actor: Actor, reason: str,
    expires_on: date | None = None, review_on: date | None = None,
) -> Hold:  # fmt: skip
    """Looked at, and still needed: until new dates, with the reason on record.

    Raises:
        InputError: no reason, no date, or a date out of bounds.
        StepError: the role or the state does not allow it.
    """
    if not reason.strip():
        raise InputError("reason", "Say why the hold is still needed.")
    _check_dates(expires_on, review_on)
    _require(actor, "erasure.place_hold")
    dates = {"expires_on": expires_on, "review_on": review_on}
    return _move(hold_id, actor, HoldStep.KEPT, reason=reason.strip(), **dates)


def mark_due(today: date) -> int:
    """Open a review for holds that expired or whose review day has come. Releases nothing."""
    come = Q(expires_on__lte=today) | Q(review_on__lte=today)
    due = Hold.objects.filter(come, state=HoldState.ACTIVE).values_list("pk", flat=True)
    return len([_move(hold_id, SYSTEM, HoldStep.DUE) for hold_id in list(due)])


TAKING = {
    HoldStep.DUE: Hold.fall_due,
    HoldStep.KEPT: Hold.keep,
    HoldStep.PROPOSED: Hold.propose_release,
    HoldStep.RELEASED: Hold.release,
}


def _move(
    hold_id: UUID | str, actor: Actor, step: HoldStep, *, reason: str = "", **given: object
) -> Hold:
    with transaction.atomic():
        hold = Hold.objects.select_for_update().get(pk=hold_id)
        try:
            TAKING[step](hold, actor=actor, **given)
        except TransitionNotAllowed:
            raise StepError("state", f"The hold is {hold.state}.") from None
        hold.save()
        _note(hold, step, actor, reason)
        held = ErasureCase.objects.filter(items__hold=hold).values_list("pk", flat=True).distinct()
        for case in ErasureCase.objects.select_for_update().filter(pk__in=list(held)):
            _log(case, hold, "released" if step is HoldStep.RELEASED else "review", actor)
    return hold


def _note(hold: Hold, step: HoldStep, actor: Actor, reason: str = "") -> None:
    HoldEvent.objects.create(
        hold=hold, at=clock.now(), what=step.value, user=actor.user, reason=reason[:300]
    )


def _log(case: ErasureCase, hold: Hold, action: str, actor: Actor) -> None:
    private = {"hold": str(hold.pk), "scope": str(hold.scope), "actor": actor.key}
    append(case, "hold", private, action=action)


def _require(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise StepError("permission", "Your role does not allow this with holds.")
