"""One case from request to certificate, acted by the staff of the trial installation."""

import re
import textwrap
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet

from erasure import clock, correspondence, handwork, intake, review, verification
from erasure.cases import move, refusals
from erasure.execution import UNDER_WAY, connections_with_work
from erasure.holds import place
from erasure.identity import identifier
from erasure.management.commands.seed import CUSTOM_OBJECTS
from erasure.management.demo import sandbox
from erasure.management.demo.screen import Watch, say
from erasure.models import Actor, DataItem, ErasureCase, Hold, SystemConnection, User
from erasure.values import (
    CaseState,
    Exemption,
    HoldScope,
    Identifier,
    IdentifierKind,
    IdentifierState,
    ItemState,
    Step,
    System,
)

PERSON = "maria"
TALKS = 7  # conversations: at least one of everything
EVIDENCE = "Looked through and removed; the protocol is in the file, ticket 4711."
FAST = 1_000_000  # requests a minute
LOOK = 0.25  # seconds
PATIENCE = 240  # seconds of real time
HALF_A_DAY = timedelta(hours=12)
STEP = timedelta(hours=1)  # by which the clock is moved while only vendors work


def staff(name: str) -> Actor:
    return Actor.of(User.objects.get(username=name))


def request_for(key: str, start: Identifier | None = None) -> ErasureCase:
    """A person of the sandbox asks by telephone, with all names and one identifier.

    ``start``: that one; without it the main address.
    """
    who = sandbox.person(key)
    given = [start or identifier(IdentifierKind.EMAIL, who["emails"][0])]
    given += [identifier(IdentifierKind.NAME, name) for name in who["names"][1:]]
    return intake.open_case(
        channel="phone", name=who["names"][0], identifiers=given,
        received_at=clock.now(), actor=staff("clerk"),
    )  # fmt: skip


def confirm_identity(case: ErasureCase) -> None:
    verification.confirm(
        case.pk, actor=staff("officer"), method="CALL_BACK",
        matched=["phone"], reason="Called back on the number on file.",
        doubt="The request came by telephone.", source="Genesys Cloud EU, before the request",
        grounds=["17(1)(b)"], ground_reason="Consent withdrawn, no other basis.",
    )  # fmt: skip


def wait_for(
    case: ErasureCase,
    watch: Watch | None,
    until: Callable[[ErasureCase], bool],
    *,
    step: timedelta | None = None,
) -> ErasureCase:
    """Watch the workers until something holds; with ``step`` move the clock while all wait.

    Raises:
        CommandError: it does not come about in time.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        case = ErasureCase.objects.get(pk=case.pk)
        if watch:
            watch.look(case)
        if until(case):
            return case
        if step and quiet(case):
            clock.advance(max(step, until_next(case)))
        time.sleep(LOOK)
    open_ = refusals(case, Step.APPROVE, staff("dpo")) if case.state == CaseState.DPO_REVIEW else []
    raise CommandError(
        f"{case.reference} is still {case.state}: {' '.join([case.waiting_for, *open_])}"
    )


def quiet(case: ErasureCase) -> bool:
    """Nothing is due now: the rest waits for a vendor, a later look, or a person."""
    if case.state not in UNDER_WAY or connections_with_work():
        return False
    now = clock.now()
    reading = Q(state=ItemState.REQUESTED, lease_until__gt=now)
    busy = case.items.filter(Q(state=ItemState.RUNNING) | reading)
    return not (busy.exists() or case.jobs.filter(lease_until__gt=now).exists())


def until_next(case: ErasureCase) -> timedelta:
    """How long until something is due again; a recycle bin keeps for weeks."""
    now = clock.now()
    items, jobs = case.items.filter(next_try__gt=now), case.jobs.filter(next_poll__gt=now)
    due = [*items.values_list("next_try", flat=True), *jobs.values_list("next_poll", flat=True)]
    return min(filter(None, due), default=now) - now


def reset(*, everywhere: bool = False, **options: Any) -> None:
    """The sandbox anew; only where the CRM holds everything it has objects of its own."""
    sandbox.reset(everywhere=everywhere, **options)
    crm = SystemConnection.objects.get(slug="crm")
    crm.options["custom_objects"] = CUSTOM_OBJECTS if everywhere else ""
    crm.save()


def without_rate_limit(**options: Any) -> None:
    """Reset the sandbox, and let calls leave as fast as they are answered."""
    reset(rate_limit=FAST, **options)
    SystemConnection.objects.update(per_minute=0)
    say("  The vendor's rate limit is off here, to keep this short.")


def to_review(key: str, watch: Watch | None, start: Identifier | None = None) -> ErasureCase:
    """From the request to a frozen inventory."""
    case = request_for(key, start)
    if watch:
        watch.look(case)
    confirm_identity(wait_for(case, watch, lambda now: now.state == CaseState.VALIDATING))
    return wait_for_review(case, watch)


def wait_for_review(case: ErasureCase, watch: Watch | None = None) -> ErasureCase:
    return wait_for(case, watch, lambda now: now.state == CaseState.DPO_REVIEW)


def record_of(item: DataItem) -> sandbox.Held:
    """An item as the sandbox's own record has it: its id without that of what holds it."""
    own = re.split("[/:]", item.locator["remote_id"])[-1]
    return item.connection.system, item.store, own


def settle_questions(case: ErasureCase, key: str, watch: Watch) -> ErasureCase:
    """The officer, who knows the person, says which records in question are theirs."""
    records = {row["remote_id"] for row in sandbox.holdings(key)}
    questions = list(case.identifiers.filter(state=IdentifierState.IN_QUESTION))
    for row in questions:
        theirs = row.value in records
        say(f"      {row.kind} in question: {row.question}")
        say(f"        the officer: {'this is the person' if theirs else 'not this person'}")
        review.decide_identifier(row.pk, confirm=theirs, actor=staff("officer"))
    if not questions:
        return case
    move(case.pk, Step.REDISCOVER, actor=staff("officer"))
    return wait_for_review(case, watch)


def approve(case: ErasureCase, watch: Watch | None = None) -> None:
    """As soon as nothing stands against it: a hold must be mirrored at the vendor first."""
    dpo = staff("dpo")
    case = wait_for(case, watch, lambda now: not refusals(now, Step.APPROVE, dpo))
    review.approve(
        case.pk, actor=dpo, digest=case.inventory_digest, decided_role="dpo",
        opinion="Nothing stands against it.",
    )  # fmt: skip


def answer(case: ErasureCase) -> None:
    """The officer sends the letter; the outbox mails it and keeps the proof of its dispatch."""
    wanted = correspondence.Wanted(correspondence.answer_kind(case))
    correspondence.send(case.pk, wanted, actor=staff("officer"))


def finish(case: ErasureCase, watch: Watch) -> ErasureCase:
    """Execute, do by hand what only hands can do, answer, and wait for the certificate."""
    done: set[UUID] = set()
    while True:
        case = wait_for(case, watch, needs_nobody_else, step=STEP)
        if case.finished_execution():
            break
        done |= work_off(by_hand(case), done)
    answer(case)
    return wait_for(
        case, watch,
        lambda now: not now.is_open() and bool(now.completed_at) and not now.certificate_due,
    )  # fmt: skip


def ended_but(case: ErasureCase, slug: str, watch: Watch, until: datetime) -> ErasureCase:
    """Let time pass and do by hand what only hands can, for every system but one."""
    done: set[UUID] = set()
    while True:
        case = wait_for(
            case, watch,
            lambda now: quiet(now) and (clock.now() >= until or _for_hands(now, slug).exists()),
            step=HALF_A_DAY,
        )  # fmt: skip
        items = _for_hands(case, slug)
        if not items.exists():
            return case
        done |= work_off(items, done)


def _for_hands(case: ErasureCase, but: str) -> QuerySet[DataItem]:
    return by_hand(case).exclude(connection__slug=but)


def needs_nobody_else(case: ErasureCase) -> bool:
    """Everything has ended, or the rest is a person's to do."""
    return case.finished_execution() or (by_hand(case).exists() and quiet(case))


def by_hand(case: ErasureCase) -> QuerySet[DataItem]:
    return case.items.filter(state__in=[ItemState.MANUAL, ItemState.FAILED])


def work_off(open_items: QuerySet[DataItem], done: Collection[UUID] = ()) -> set[UUID]:
    """The officer does what no interface can, and says where the evidence is.

    Raises:
        CommandError: a record could not be erased, or is still there after it was done by hand.
    """
    items = list(open_items.select_related("connection"))
    for item in items:
        if item.state == ItemState.FAILED or item.pk in done:
            raise CommandError(f"{item.line} was not erased: {item.reason}")
        if item.connection.system == System.MANUAL:
            _attach_evidence(item)
        review.settle_by_hand(item.pk, "done", actor=staff("officer"), reason=EVIDENCE)
        said = f"{item.line:<36} by hand: {item.reason}"
        say(textwrap.fill(said, 108, initial_indent=" " * 6, subsequent_indent=" " * 8))
        say(f"        the officer: {EVIDENCE}")
    return {item.pk for item in items}


def _attach_evidence(item: DataItem) -> None:
    """The officer takes the task of a system without an interface, and attaches the protocol."""
    officer = staff("officer")
    handwork.assign(item.pk, assignee=officer.user, due_on=item.task.due_on, actor=officer)
    row = handwork.add_evidence(item.pk, "protocol.txt", EVIDENCE.encode(), actor=officer)
    say(f"      {item.line:<36} evidence attached: {row.name}, {row.size} bytes")


def hold_conversation(conversation: str) -> None:
    """Legal holds one conversation, as the register would have it."""
    hold = Hold(
        reference="M-2026-17", scope=HoldScope.CONVERSATION,
        article=Exemption.LEGAL_CLAIMS, reason="Pending claim about this call.",
        public_wording="Needed for a pending legal claim.",
        expires_on=clock.now().date() + timedelta(days=365),
    )  # fmt: skip
    genesys = SystemConnection.objects.get(slug="genesys-eu")
    place(hold, actor=staff("legal"), conversations=[(genesys, conversation)])


def insist(claims: Mapping[str, bool]) -> None:
    """
    Raises:
        CommandError: names the first claim that does not hold.
    """
    for claim, holds in claims.items():
        say(textwrap.fill(f"{'yes' if holds else 'NO':<4}{claim}", 108,
                          initial_indent=" " * 6, subsequent_indent=" " * 10))  # fmt: skip
    for claim, holds in claims.items():
        if not holds:
            raise CommandError(f"It does not hold: {claim}.")


def expect(case: ErasureCase, state: CaseState) -> None:
    """
    Raises:
        CommandError: the case ended otherwise.
    """
    if case.state != state:
        raise CommandError(f"{case.reference} ended {case.state}, not {state}.")


def nothing_left(key: str) -> None:
    """
    Raises:
        CommandError: the vendors still hold something of the person.
    """
    left = sandbox.holdings(key)
    say(f"  the sandbox's own record of the person: {len(left)} records")
    if left:
        where = ", ".join(sorted({row["store"] for row in left}))
        raise CommandError(f"The sandbox still holds data of the person: {where}.")
