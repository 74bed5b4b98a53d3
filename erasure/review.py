"""The review stage: decide on every record, then release the frozen inventory."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.cases import (
    freeze,
    hand_over,
    line_of,
    locked,
    log_inventory,
    move,
    save_line,
    settle_lines,
)
from erasure.errors import InputError, StepError
from erasure.holds import apply_holds, covering, log_held, spare_exempt
from erasure.ledger.append import Draft, append, append_all
from erasure.models import (
    Actor,
    DataItem,
    DeletionLogEntry,
    ErasureCase,
    StoreSearch,
    SubjectIdentifier,
    TaskEvidence,
)
from erasure.models.items import UNCONFIRMED_LEAD
from erasure.systems import store_of, stores_of
from erasure.values import (
    CaseState,
    Exemption,
    IdentifierState,
    ItemState,
    Outcome,
    Step,
    StoreDecision,
    StoreStatus,
    System,
    Verdict,
)

NO_NATIVE = (
    "The vendor knows no subject record of this person, so its own erasure job cannot be "
    "asked for: have the vendor redact this record and attach its answer."
)
WHOLE_STORE = "This line stands for a whole store: record it as done by hand, or exempt it."
NO_EVIDENCE = (
    "Attach the evidence first: for a system without an interface it is all that shows what "
    "was done."
)
HELD_STORE = "A legal hold covers this person now: exempt the line, or wait for the release."
NOT_ASKED = (
    "Only the vendor's own job erases this record, and none is to be asked for: record what "
    "the vendor did, or exempt it."
)
TO_ASK = [ItemState.PROPOSED, ItemState.PLANNED, ItemState.FAILED, ItemState.MANUAL]
NOT_DONE = [ItemState.FAILED, ItemState.MANUAL]


def decide_identifier(identifier_id: UUID, *, confirm: bool, actor: Actor) -> SubjectIdentifier:
    """Is this identifier the person's? Confirming one calls for a new search."""
    row = SubjectIdentifier.objects.get(pk=identifier_id)
    with _reviewing(row.case_id, actor, "erasure.decide_item") as case:
        row = case.identifiers.get(pk=identifier_id)
        row.state = IdentifierState.CONFIRMED if confirm else IdentifierState.REJECTED
        row.question, row.given, row.decided_at = "", confirm, clock.now()
        if confirm:
            row.searched_at = None  # what is found by it has not been collected yet
        row.save()
        _note(case, actor, "IDENTIFIER_CONFIRMED" if confirm else "IDENTIFIER_REJECTED")
    return row


def decide_item(
    item_id: UUID, decision: str, *, actor: Actor, article: str = "", reason: str = ""
) -> DataItem:
    """Decide on one record: ``erase``, ``exclude`` (not this person) or ``exempt`` (article).

    The line of a whole store is decided on by the DPO: ``erase`` gives it to a person.

    Raises:
        InputError: an exemption without its article or reason.
        StepError: the role or the state of the case or item does not allow it.
    """
    item = DataItem.objects.get(pk=item_id)
    if decision not in ("erase", "exclude", "exempt"):
        raise InputError("decision", "Choose: erase, not this person, or exempt.")
    if decision != "erase" and not reason.strip():
        raise InputError("reason", "Give the reason: it is part of the record.")
    if decision == "exempt" and article not in list(Exemption):
        raise InputError("article", "An exemption needs its article, 17(3)(a) to (e).")
    permission = "erasure.decide_store" if item.is_line else "erasure.decide_item"
    with _reviewing(item.case_id, actor, permission, prepares=not item.is_line) as case:
        item = DataItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        try:
            (_take_line if item.is_line else _take)(item, decision, article, reason)
        except TransitionNotAllowed:
            raise StepError("state", f"This record is {item.state}.") from None
        save_line(item) if item.is_line else item.save()
        about = "STORE" if item.is_line else "ITEM"
        _note(case, actor, f"{about}_{decision.upper()}", article or reason)
    return item


def _take(item: DataItem, decision: str, article: str, reason: str) -> None:
    if decision == "erase":
        item.confirmed_by_officer, item.certain, item.lead = True, True, False
        item.plan()
    elif decision == "exclude":
        if item.log_number is not None:
            raise StepError("state", "This record was approved before: exempt it instead.")
        item.exclude(reason[:300])
    else:
        item.exempt(article, reason[:300])


def _take_line(item: DataItem, decision: str, article: str, reason: str) -> None:
    """By hand, or kept. A store that nobody looked into cannot be called empty."""
    if decision == "erase":
        hand_over(item)
    elif decision == "exclude":
        raise StepError("state", WHOLE_STORE)
    else:
        item.exempt(article, reason[:300])


def decide_store(search_id: UUID, decision: str, reason: str, *, actor: Actor) -> None:
    """The DPO turns a store that could not be searched into a manual or attested line.

    Raises:
        InputError: no reason, or neither MANUAL nor ATTESTED.
        StepError: the store has answered, or the role does not allow it.
    """
    if decision not in list(StoreDecision):
        raise InputError("decision", "Choose MANUAL (a person does it) or ATTESTED.")
    if not reason.strip():
        raise InputError("reason", "Give the reason: it stands on the certificate's record.")
    case_id = ErasureCase.objects.values_list("pk", flat=True).get(searches=search_id)
    with _reviewing(case_id, actor, "erasure.decide_store", prepares=False) as case:
        search = case.searches.select_related("connection").get(pk=search_id)
        if search.status != StoreStatus.UNANSWERED:
            raise StepError("state", "This store has answered: there is nothing to decide.")
        search.decision, search.decision_reason = decision, reason.strip()[:300]
        search.decided_by = actor.user
        search.save()
        _line_item(case, search, reason.strip()[:300])
        append(
            case, "decision", {"actor": actor.key, "reason": reason.strip()[:300]},
            decision=decision, store=search.line, reason="unanswered",
        )  # fmt: skip


def _line_item(case: ErasureCase, search: StoreSearch, reason: str) -> None:
    """The one line of a store that could not be searched; a later decision takes it up again."""
    item = line_of(case, search.connection, search.store, reason)
    hand_over(item)
    if search.decision == StoreDecision.ATTESTED:
        item.erased(Verdict.ATTESTED)
        item.reason = reason
    save_line(item)


def approve(
    case_id: UUID, *, actor: Actor, digest: str, decided_role: str = "dpo", opinion: str = ""
) -> ErasureCase:
    """Release what the frozen inventory lists and no hold or exemption keeps.

    ``digest`` is the one the approver looked at: a change since then refuses.

    Raises:
        StepError: names what refused.
    """
    with transaction.atomic():
        with locked(case_id) as seen:
            if seen.state == CaseState.DPO_REVIEW and digest != seen.inventory_digest:
                raise StepError(
                    "condition", "The inventory has changed since you looked. Look again."
                )
        case = move(case_id, Step.APPROVE, actor=actor, decided_role=decided_role, opinion=opinion)
        settle_lines(case)
        apply_holds(case)
        released = _release(case)
        append(case, "release", {"actor": actor.key, "grounds": list(case.grounds)}, items=released)
    return case


def _release(case: ErasureCase) -> int:
    """Give every item its place in the log, plan what goes, log what stays."""
    undecided = case.items.filter(state__in=[ItemState.PROPOSED, ItemState.PLANNED])
    for lead in undecided.filter(lead=True, certain=False, log_number__isnull=True):
        lead.exclude(UNCONFIRMED_LEAD)
        lead.save()
    _number(case)
    log_inventory(case)
    going = list(
        case.items.filter(state__in=[ItemState.PROPOSED, ItemState.PLANNED]).select_related(
            "connection"
        )
    )
    asked = {i.connection_id for i in going if store_of(i.connection, i.store).subject_wide}
    for item in going:
        if item.native and item.connection_id not in asked:
            item.by_hand(NO_NATIVE)
        elif item.state == ItemState.PROPOSED:
            item.plan()
    DataItem.objects.save_alike(going)
    spare_exempt(case)
    unlogged = case.items.filter(log__isnull=True)
    log_held(case, unlogged.filter(state=ItemState.HELD))
    _log_settled(case, _unsaid(case))
    return case.items.filter(state=ItemState.PLANNED).count()


def _number(case: ErasureCase) -> None:
    place = case.items.filter(log_number__isnull=False).count()
    new = list(case.items.filter(log_number__isnull=True).exclude(state=ItemState.EXCLUDED))
    apart: dict[int, list[UUID]] = {}  # by how far the place in the log is from the number
    for at, item in enumerate(new, start=place):
        apart.setdefault(at - item.number, []).append(item.pk)
    for distance, some in apart.items():
        DataItem.objects.update_these(some, log_number=F("number") + distance)


def _unsaid(case: ErasureCase) -> list[DataItem]:
    """Exempt and attested items whose last outcome in the log is another one, or none."""
    outcomes = DeletionLogEntry.objects.filter(item=OuterRef("pk"), type="outcome")
    said = outcomes.order_by("-number").values(said=KeyTextTransform("outcome", "facts"))
    rows = case.items.annotate(last=Subquery(said[:1]))
    exempt = rows.filter(state=ItemState.EXEMPT).select_related("connection")
    attested = rows.filter(state=ItemState.ERASED, verdict=Verdict.ATTESTED)
    return [
        *(item for item in exempt if item.last != Outcome.EXEMPT),
        *(item for item in attested.select_related("connection") if item.last != Outcome.ATTESTED),
    ]


def _log_settled(case: ErasureCase, items: list[DataItem]) -> None:
    """Outcomes of what was decided in review: exempt, or attested as a whole store."""
    append_all(
        case,
        [
            Draft(
                "outcome",
                {"reason": item.reason, "article": item.article},
                {"store": item.line, "action": "decide", "try": 1,
                 "outcome": str(Outcome.EXEMPT if item.state == ItemState.EXEMPT
                                else Outcome.ATTESTED)},
                item,
            )
            for item in items
        ],
    )  # fmt: skip


def settle_by_hand(
    item_id: UUID, decision: str, *, actor: Actor, reason: str, article: str = ""
) -> DataItem:
    """Work off the officer's list during execution: ``retry``, ``done`` or ``exempt``.

    ``done`` says that somebody erased the record by other means: it is read back now, like
    any other. Only the line of a whole store, which nothing here can read, is attested.

    Raises:
        InputError: no evidence, or an exemption without its article.
        StepError: the role or the state does not allow it.
    """
    if decision not in ("retry", "done", "exempt"):
        raise InputError("decision", "Choose: try again, done by hand, or exempt.")
    if decision != "retry" and not reason.strip():
        raise InputError("reason", "Say what was done and where the evidence is.")
    if decision == "exempt" and article not in list(Exemption):
        raise InputError("article", "An exemption needs its article, 17(3)(a) to (e).")
    case_id = DataItem.objects.values_list("case", flat=True).get(pk=item_id)
    with locked(case_id) as case:
        _may(case, actor, "erasure.decide_item", (CaseState.EXECUTING, CaseState.AWAITING_VENDOR))
        item = DataItem.objects.select_for_update(of=("self",)).get(pk=item_id)
        if item.state not in NOT_DONE:
            raise StepError("state", f"This record is {item.state}: nothing is to be decided.")
        _settle(case, item, decision, reason.strip()[:300], article, actor)
    return item


def _settle(
    case: ErasureCase, item: DataItem, decision: str, reason: str, article: str, actor: Actor
) -> None:
    readable = not item.is_line
    attested = Outcome.ATTESTED if not readable else None
    outcome = {"exempt": Outcome.EXEMPT, "done": attested}.get(decision)
    if decision == "retry":
        _check_retry(case, item)
        item.plan()
    elif decision == "exempt":
        item.exempt(article, reason)
    elif readable:
        item.plan()
        item.requested(clock.now())
    else:
        if covering(case, [item]):
            raise StepError("state", HELD_STORE)
        if item.connection.system == System.MANUAL and not _evidence(item):
            raise InputError("reason", NO_EVIDENCE)
        item.erased(Verdict.ATTESTED)
        item.reason = reason
    item.save()
    if outcome:
        append(
            case, "outcome", {"actor": actor.key, "reason": reason, "article": article},
            item=item, store=item.line, action="by_hand", outcome=str(outcome),
            try_=max(1, item.attempts),
        )  # fmt: skip
    else:
        append(
            case,
            "decision",
            {"actor": actor.key, "reason": reason},
            decision=f"ITEM_{decision.upper()}",
        )


def _evidence(item: DataItem) -> bool:
    """Whether a file was attached since the task was last opened."""
    files = TaskEvidence.objects.filter(item=item)
    return files.filter(uploaded_at__gte=F("item__task__opened_at")).exists()


def _check_retry(case: ErasureCase, item: DataItem) -> None:
    """A line of a whole store has no call; a native record goes with its subject's job alone."""
    if item.is_line:
        raise StepError("state", WHOLE_STORE)
    if item.native and not store_of(item.connection, item.store).subject_wide:
        wide = [store.name for store in stores_of(item.connection) if store.subject_wide]
        open_ = case.items.filter(connection=item.connection, state__in=TO_ASK)
        if not open_.filter(store__in=wide).exists():
            raise StepError("state", NOT_ASKED)


@contextmanager
def _reviewing(
    case_id: UUID, actor: Actor, permission: str, *, prepares: bool = True
) -> Iterator[ErasureCase]:
    """A change of the inventory in review: role, state, lock, four eyes, new digest."""
    with locked(case_id) as case:
        _may(case, actor, permission, (CaseState.DPO_REVIEW,))
        yield case
        if prepares and actor.user:
            case.preparers.add(actor.user)
        settle_lines(case)
        apply_holds(case)
        freeze(case)
        case.save(update_fields=["inventory_digest", "item_count"])


def _may(case: ErasureCase, actor: Actor, permission: str, states: tuple[CaseState, ...]) -> None:
    if not actor.may(permission):
        raise StepError("permission", "Your role does not allow this decision.")
    if case.state not in states:
        raise StepError("state", f"The case is {case.state}: this cannot be decided now.")


def _note(case: ErasureCase, actor: Actor, decision: str, reason: str = "") -> None:
    append(case, "decision", {"actor": actor.key, "reason": reason[:300]}, decision=decision)


def refreeze(case_id: UUID) -> None:
    """A hold changed a case in review: freeze what stands now, for another look."""
    with locked(case_id) as case:
        if case.state == CaseState.DPO_REVIEW and case.inventory_digest != case.current_digest():
            freeze(case)
            case.save(update_fields=["inventory_digest", "item_count"])
