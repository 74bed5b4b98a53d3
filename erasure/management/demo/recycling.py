"""A CRM that keeps what was deleted in its recycle bin: requested until then, never erased."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone

from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.run import PERSON, TALKS
from erasure.management.demo.screen import Watch, in_the_bin, say, title
from erasure.models import DataItem
from erasure.values import CaseState, Verdict

CRM = {"objects": False, "jwt_tokens": True}  # its SOAP interface, which empties bins, is shut


def recycle_bin(folder: Path) -> None:
    """
    Raises:
        CommandError: a contact that could be brought back was taken for erased.
    """
    run.without_rate_limit(talks=TALKS, salesforce=CRM)
    sandbox.fault("salesforce.no-hard-delete")
    title("The CRM neither deletes for good nor lets its recycle bin be emptied")
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    run.approve(case)
    case = run.wait_for(case, watch, lambda now: run.quiet(now) and in_the_bin(now).exists())
    contact = in_the_bin(case).filter(store="contacts", connection__slug="crm")[:1].get()
    until = _said(contact, "in the bin")
    if run.record_of(contact) not in sandbox.held_records(PERSON):
        raise CommandError("The contact was said to be in the bin and is not.")
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    ended = DataItem.objects.select_related("connection").get(pk=contact.pk)
    _said(ended, "after that date")
    early = until is None or ended.ended_at is None or ended.ended_at <= until
    if early or ended.verdict != Verdict.VERIFIED_ABSENT:
        raise CommandError("The contact was called erased before it was.")
    papers.end(case, folder)
    run.nothing_left(PERSON)


def _said(item: DataItem, when: str) -> datetime | None:
    until = item.recoverable_until
    said = f"recoverable until {timezone.localdate(until)}" if until else f"{item.verdict}"
    say(f"  {when}: {item.line} is {item.state}, {said}")
    return until
