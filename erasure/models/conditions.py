"""What must hold before a case may take a step. Each says in ``.refusal`` what is missing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from erasure.models.connections import SystemConnection
from erasure.values import Channel, HoldState, ItemState, StoreStatus, VerificationState

if TYPE_CHECKING:
    from erasure.models.cases import ErasureCase

UNFINISHED = [
    ItemState.PROPOSED,
    ItemState.PLANNED,
    ItemState.RUNNING,
    ItemState.REQUESTED,
    ItemState.FAILED,
    ItemState.MANUAL,
]
KEPT = [ItemState.HELD, ItemState.EXEMPT]


def condition(refusal: "str | Callable[[ErasureCase], str]") -> Any:
    """A text, or what words it for a case: to name the system in question."""

    def mark(function: Any) -> Any:
        function.refusal = refusal
        return function

    return mark


@condition("The person has not confirmed the request yet (the link in their mail).")
def confirmed_by_requester(case: "ErasureCase") -> bool:
    return case.channel != Channel.WEB or case.requester_confirmed_at is not None


@condition("The identity of the person is not confirmed.")
def identity_confirmed(case: "ErasureCase") -> bool:
    """The last word counts: a doubt that came up after a confirmation undoes it."""
    confirmed = case.verifications.filter(state=VerificationState.CONFIRMED)
    last = confirmed.order_by("-opened_at").first()
    return last is not None and not case.verifications.filter(opened_at__gt=last.opened_at).exists()


@condition("No ground of Art. 17(1) is recorded.")
def ground_recorded(case: "ErasureCase") -> bool:
    return bool(case.grounds)


@condition("No confirmed identifier is recorded: there is nothing to search for.")
def has_identifier(case: "ErasureCase") -> bool:
    return case.identifiers.filter(state="CONFIRMED").exclude(kind="name").exists()


@condition("A verification with the question to the person is not recorded.")
def identity_was_asked(case: "ErasureCase") -> bool:
    return case.verifications.filter(state=VerificationState.ASKED).exists()


@condition("The question to the person is still open: record the answer.")
def no_question_open(case: "ErasureCase") -> bool:
    return not case.verifications.filter(state=VerificationState.ASKED).exists()


@condition("Not every store of every system has been asked.")
def every_store_asked(case: "ErasureCase") -> bool:
    return case.searches.exists() and not case.searches.filter(status="").exists()


@condition("A store is unanswered. Search again, or let the DPO decide on it with a reason.")
def every_store_answered(case: "ErasureCase") -> bool:
    return (
        case.searches.exists()
        and not case.searches.filter(status__in=["", StoreStatus.UNANSWERED], decision="").exists()
    )


@condition("A record is in question and undecided: is it this person, or not?")
def every_record_decided(case: "ErasureCase") -> bool:
    open_items = case.items.filter(state__in=[ItemState.PROPOSED, ItemState.PLANNED])
    approved_before = Q(log_number__isnull=False)
    return not open_items.filter(Q(lead=False) | approved_before, certain=False).exists()


@condition("An identifier was confirmed or rejected since the last search: search again.")
def every_identifier_searched(case: "ErasureCase") -> bool:
    mine = case.identifiers.exclude(kind="name")
    unsearched = mine.filter(state="CONFIRMED", searched_at__isnull=True)
    return not (unsearched | mine.filter(state="REJECTED", searched_at__isnull=False)).exists()


@condition("A system that is in use has not been searched in this case: search again.")
def every_system_searched(case: "ErasureCase") -> bool:
    in_use = SystemConnection.objects.filter(enabled=True)
    return not in_use.exclude(pk__in=case.searches.values("connection")).exists()


@condition(
    "A record is protected at the vendor: lift the protection there (it is read again), place a "
    "hold for it, or exempt it."
)
def nothing_protected(case: "ErasureCase") -> bool:
    planned = [ItemState.PROPOSED, ItemState.PLANNED]
    return not case.items.filter(state__in=planned, protected=True).exists()


def unprotected(case: "ErasureCase") -> str:
    """Where a held conversation still lacks the vendor's protection, and why; "" if nowhere."""
    rows = list(case.protections.pending().select_related("connection"))
    if not rows:
        return ""
    names = ", ".join(sorted({row.connection.name for row in rows}))
    why = next((row.reason for row in rows if row.reason), "It is being asked for.")
    noun = "conversation is" if len(rows) == 1 else "conversations are"
    return f"{names}: {len(rows)} held {noun} not yet under its own deletion protection. {why}"


@condition(unprotected)
def held_is_protected(case: "ErasureCase") -> bool:
    return not case.protections.pending().exists()


@condition("An identifier is in question: confirm or reject it first.")
def every_identifier_decided(case: "ErasureCase") -> bool:
    return not case.identifiers.filter(state="IN_QUESTION").exists()


@condition("The inventory has changed since it was frozen. Look at it again, then approve.")
def inventory_unchanged(case: "ErasureCase") -> bool:
    return bool(case.inventory_digest) and case.inventory_digest == case.current_digest()


@condition("Items are still open.")
def nothing_open(case: "ErasureCase") -> bool:
    return case.finished_execution()


@condition("Items are held or exempt: the case cannot be complete.")
def nothing_kept(case: "ErasureCase") -> bool:
    return not case.items.filter(state__in=KEPT).exists()


@condition("Nothing is held or exempt.")
def something_kept(case: "ErasureCase") -> bool:
    return case.items.filter(state__in=KEPT).exists()


@condition("The answer to the person has not been sent: record the letter and its dispatch date.")
def answered(case: "ErasureCase") -> bool:
    return case.answered_at is not None


@condition("A hold still covers an item of this case.")
def no_hold_active(case: "ErasureCase") -> bool:
    active = [HoldState.ACTIVE, HoldState.REVIEW_DUE, HoldState.RELEASE_PROPOSED]
    return not case.items.filter(state=ItemState.HELD, hold__state__in=active).exists()


@condition(
    "What the case knew of the person has been destroyed at the end of retention: open a new case."
)
def not_shredded(case: "ErasureCase") -> bool:
    return case.secrets.filter(purpose="inventory").exists()
