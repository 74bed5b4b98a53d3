"""Two people who are hard to find: one with many addresses, one who shares a telephone."""

import textwrap
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError

from erasure.cases import move, refusals
from erasure.identity import identifier
from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase, SubjectIdentifier
from erasure.review import decide_identifier, decide_item
from erasure.values import (
    CaseState,
    CloseReason,
    Identifier,
    IdentifierKind,
    IdentifierState,
    ItemState,
    Step,
)

MANY = "many"
FAMILY = ("family1", "family2")
CONTACTS = {("genesys", "external_contacts"), ("salesforce", "contacts")}


def many_addresses(folder: Path) -> None:
    """Whichever of the five identifiers is given, every contact of the person is found."""
    run.without_rate_limit()
    who = sandbox.person(MANY)
    starts = [identifier(IdentifierKind.EMAIL, value) for value in who["emails"]]
    starts += [identifier(IdentifierKind.PHONE, value) for value in who["phones"]]
    theirs = {row for row in sandbox.held_records(MANY) if row[:2] in CONTACTS}
    title(f"{len(starts)} ways to begin, {len(theirs)} contacts to find")
    cases = [_searched_from(start, theirs) for start in starts]
    first, *others = cases
    for case in others:
        move(case.pk, Step.CLOSE, actor=run.staff("officer"), close_reason=CloseReason.DUPLICATE)
    title(f"The first case goes on, {len(others)} are closed as duplicates")
    run.approve(first)
    case = run.finish(first, Watch())
    run.expect(case, CaseState.COMPLETE)
    papers.end(case, folder)
    run.nothing_left(MANY)


def _searched_from(start: Identifier, theirs: set[sandbox.Held]) -> ErasureCase:
    case = run.to_review(MANY, None, start)
    items = case.items.filter(certain=True).select_related("connection")
    found = {row for row in map(run.record_of, items) if row[:2] in CONTACTS}
    known = case.identifiers.confirmed().exclude(kind=IdentifierKind.NAME).count()
    say(
        f"  from the {start.kind} {start.value:<32} "
        f"{len(found & theirs)} of {len(theirs)} contacts, {known} identifiers"
    )
    if found != theirs:
        raise CommandError(f"From this {start.kind} the contacts found are not the person's.")
    return case


def shared_phone(folder: Path) -> None:
    """A landline of two people: the case asks, and the neighbour keeps every record."""
    run.without_rate_limit()
    asks, neighbour = FAMILY
    before = sandbox.holdings(neighbour)
    title("A person asks whose landline is somebody else's as well")
    watch = Watch()
    case = run.to_review(asks, watch)
    questions = _asked(case)
    if not questions:
        raise CommandError("The case did not stop at the shared telephone.")
    case = _answered(case, questions, watch)
    if _asked(case):
        raise CommandError("A question was asked that was not asked before the answer.")
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    papers.end(case, folder)
    run.nothing_left(asks)
    after = sandbox.holdings(neighbour)
    say(f"  the sandbox's own record of the neighbour: {len(after)} records, untouched")
    if after != before or not after:
        raise CommandError("The neighbour's records are not what they were.")


def _asked(case: ErasureCase) -> list[SubjectIdentifier]:
    return list(case.identifiers.filter(state=IdentifierState.IN_QUESTION))


def _answered(case: ErasureCase, questions: list[SubjectIdentifier], watch: Watch) -> ErasureCase:
    """The officer says that what is in question is not this person's alone, and searches again.

    Raises:
        CommandError: the case could have been approved without an answer.
    """
    refused = refusals(case, Step.APPROVE, run.staff("dpo"))
    if not refused:
        raise CommandError("The case could be approved with the question open.")
    say(f"\n  {case.reference} stops: {refused[0]}")
    for row in questions:
        _print_question(row)
        decide_identifier(row.pk, confirm=False, actor=run.staff("officer"))
        say("      the officer: not this person's alone, nothing is searched by it")
    for item in case.items.filter(state=ItemState.PROPOSED, certain=False, lead=False):
        decide_item(
            item.pk, "exclude", actor=run.staff("officer"), reason="Somebody else's record."
        )
    move(case.pk, Step.REDISCOVER, actor=run.staff("officer"))
    return run.wait_for_review(case, watch)


def _print_question(row: SubjectIdentifier) -> None:
    say(f"\n      {row.kind} {row.value}: {row.question}")
    for heading, sentences in (("for", row.speaks_for), ("against", row.speaks_against)):
        for sentence in sentences:
            lead = f"        {heading:<8} "
            say(textwrap.fill(sentence, 108, initial_indent=lead, subsequent_indent=" " * 17))


PEOPLE: dict[str, Callable[[Path], None]] = {
    "many-addresses": many_addresses,
    "shared-phone": shared_phone,
}
