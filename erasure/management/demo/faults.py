"""Faults the product must not be fooled by: each scenario fails if it was."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from erasure import clock
from erasure.cases import move
from erasure.discovery import discover
from erasure.errors import StepError
from erasure.management.demo import run, sandbox
from erasure.management.demo.browser import signed_in
from erasure.management.demo.run import PERSON, TALKS
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase, SystemConnection
from erasure.tasks import wake
from erasure.values import CaseState, ItemState, Step

THIRTY_DAYS = timedelta(days=30)


def lying_vendor(folder: Path) -> None:
    """The vendor answers success and keeps everything: the case must not complete."""
    run.without_rate_limit(talks=TALKS)
    sandbox.fault("lying-vendor")
    title("The vendor answers success and erases nothing")
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    run.approve(case)
    end = clock.now() + THIRTY_DAYS
    case = run.wait_for(
        case, watch, lambda now: clock.now() >= end and run.quiet(now),
        step=timedelta(days=1),
    )  # fmt: skip
    ours = {run.record_of(item) for item in case.items.exclude(state=ItemState.ERASED)
            if item.store != "gdpr_subjects" and not item.is_line}  # fmt: skip
    theirs = sandbox.held_records(PERSON)
    say(f"\n  after {THIRTY_DAYS.days} days the case is {case.state}: {case.waiting_for}")
    say("  still there, as the case lists it:")
    for system, store, record in sorted(ours):
        say(f"      {system}.{store} {record}")
    if case.completed_at or case.certificates.exists():
        raise CommandError("The case claims to be complete.")
    if ours != theirs:
        raise CommandError(f"The lists differ: {sorted(ours ^ theirs)}")
    say(f"  equals the sandbox's own record: {len(theirs)} records")


def division_lost(folder: Path) -> None:
    """The credential loses sight of a division in mid-case: silence is not absence."""
    run.without_rate_limit(talks=TALKS)
    title("The credential loses sight of a division in mid-case")
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    before = {run.record_of(item) for item in case.items.all()}
    run.approve(case)
    genesys = SystemConnection.objects.get(slug="genesys-eu")
    voice = case.items.filter(connection=genesys, store="voice_recordings")
    to_order = voice.filter(state__in=[ItemState.PLANNED, ItemState.RUNNING])
    run.wait_for(case, watch, lambda now: not to_order.exists())
    sandbox.fault("division-lost", genesys.client_id)
    say("  the division is out of sight from here on: 404 and empty answers")
    end = clock.now() + timedelta(days=3)
    case = run.wait_for(
        case, watch, lambda now: clock.now() >= end and run.quiet(now),
        step=timedelta(hours=6),
    )  # fmt: skip
    there = sandbox.held_records(PERSON) & before
    wrong = [
        item for item in case.items.filter(state=ItemState.ERASED) if run.record_of(item) in there
    ]
    waiting = [item for item in case.items.all() if "Not proven" in item.reason]
    say(f"\n  the case is {case.state} and waits: {waiting[0].reason if waiting else '-'}")
    say(f"  {len(waiting)} records are not proven absent; {len(there)} are truly still there")
    if wrong or case.completed_at or not waiting:
        raise CommandError("An unproven absence was taken as erasure.")


def unverified(folder: Path) -> None:
    """Nobody may search before the identity is confirmed: not by button, task or call."""
    run.reset(talks=TALKS)
    title("A request whose sender has not proven who they are")
    case = run.request_for(PERSON)
    case = run.wait_for(case, Watch(), lambda now: now.state == CaseState.VALIDATING)
    officer = signed_in(settings.PUBLIC_URL, "officer")
    attempts: dict[str, Callable[[], str]] = {
        "button": lambda: officer.press(case, Step.CONFIRM_IDENTITY),
        "button again": lambda: officer.press(case, Step.REDISCOVER),
        "task": lambda: _nothing_done(case),
        "direct call": lambda: _refusal(case),
    }
    for name, attempt in attempts.items():
        said = attempt()
        now = ErasureCase.objects.get(pk=case.pk)
        say(f"  by {name:<12}  {said}; the case is {now.state}")
        if now.state != CaseState.VALIDATING or now.searches.exists() or now.items.exists():
            raise CommandError(f"The {name} searched for an unverified person.")
    if any("/api/" in row.get("path", "") for row in sandbox.call("requests")["requests"]):
        raise CommandError("A vendor was asked about an unverified person.")


def _nothing_done(case: ErasureCase) -> str:
    wake(str(case.pk))
    if discover(case.pk):
        raise CommandError("The task was not refused.")
    return "the task found nothing it may do"


def _refusal(case: ErasureCase) -> str:
    try:
        move(case.pk, Step.CONFIRM_IDENTITY, actor=run.staff("officer"))
    except StepError as why:
        return str(why)
    raise CommandError("The direct call was not refused.")


FAULTS: dict[str, Callable[[Path], None]] = {
    "lying-vendor": lying_vendor,
    "division-lost": division_lost,
    "unverified": unverified,
}
