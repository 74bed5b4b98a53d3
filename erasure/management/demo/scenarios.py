"""What the demonstration shows: a normal run, and faults it must not be fooled by."""

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
from erasure.management.demo.browser import Browser
from erasure.management.demo.screen import Watch, say, title, verdicts
from erasure.models import DataItem, ErasureCase, SystemConnection
from erasure.tasks import wake
from erasure.values import CaseState, ItemState, Step

PERSON = "maria"
TALKS = 12  # conversations
THIRTY_DAYS = timedelta(days=30)
LIMIT = "Genesys Cloud allows 300 requests a minute; the product keeps to it."


def normal(folder: Path) -> None:
    """A whole case, then a second one with a hold."""
    sandbox.reset(talks=TALKS)
    title("First case: everything goes")
    say(f"  {LIMIT}")
    watch = Watch()
    case = run.to_review(PERSON, watch)
    run.write_report(case, folder)
    run.approve(case)
    case = run.finish(case, watch)
    _expect(case, CaseState.COMPLETE)
    _end(case, folder)
    left = sandbox.holdings(PERSON)
    say(f"  the sandbox's own record of the person: {len(left)} records")
    if left:
        raise CommandError("The case is complete, but the sandbox still holds data.")
    _held(folder)


def _held(folder: Path) -> None:
    sandbox.reset(talks=TALKS)
    title("Second case, after a reset: one conversation is under a legal hold")
    conversation = run.hold_one_conversation(PERSON)
    watch = Watch()
    case = run.to_review(PERSON, watch)
    run.approve(case)
    case = run.finish(case, watch)
    _expect(case, CaseState.PARTIAL_HOLD)
    _end(case, folder)
    kept = [row for row in sandbox.holdings(PERSON) if row.get("parent_id") == conversation]
    say(f"  the sandbox's own record of the held conversation: {len(kept)} recordings, untouched")
    if not kept:
        raise CommandError("The held recordings are gone.")


def _expect(case: ErasureCase, state: CaseState) -> None:
    if case.state != state:
        raise CommandError(f"{case.reference} ended {case.state}, not {state}.")


def _end(case: ErasureCase, folder: Path) -> None:
    say(f"\n  {case.reference} is {case.state}: {verdicts(case)}")
    certificate = run.write_certificate(case, folder)
    trust = run.write_trust(folder)
    say(f"  checked offline with {trust}:")
    run.verify(certificate, trust)


def lying_vendor(folder: Path) -> None:
    """The vendor answers success and keeps everything: the case must not complete."""
    sandbox.reset(talks=TALKS)
    sandbox.fault("lying-vendor")
    title("The vendor answers success and erases nothing")
    watch = Watch()
    case = run.to_review(PERSON, watch)
    run.approve(case)
    end = clock.now() + THIRTY_DAYS
    case = run.wait_for(
        case, watch, lambda now: clock.now() >= end and run.quiet(now),
        step=timedelta(days=1),
    )  # fmt: skip
    ours = {_record(item) for item in case.items.exclude(state=ItemState.ERASED)
            if item.store != "gdpr_subjects"}  # fmt: skip
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


def _record(item: DataItem) -> tuple[str, str, str]:
    return item.connection.system, item.store, item.locator["remote_id"]


def division_lost(folder: Path) -> None:
    """The credential loses sight of a division in mid-case: silence is not absence."""
    sandbox.reset(talks=TALKS)
    title("The credential loses sight of a division in mid-case")
    watch = Watch()
    case = run.to_review(PERSON, watch)
    before = {_record(item) for item in case.items.all()}
    sandbox.fault("division-lost", SystemConnection.objects.get(slug="genesys-eu").client_id)
    say("  the division is out of sight from here on: 404 and empty answers")
    run.approve(case)
    end = clock.now() + timedelta(days=3)
    case = run.wait_for(
        case, watch, lambda now: clock.now() >= end and run.quiet(now),
        step=timedelta(hours=6),
    )  # fmt: skip
    there = sandbox.held_records(PERSON) & before
    wrong = [item for item in case.items.filter(state=ItemState.ERASED) if _record(item) in there]
    waiting = [item for item in case.items.all() if "Not proven" in item.reason]
    say(f"\n  the case is {case.state} and waits: {waiting[0].reason if waiting else '-'}")
    say(f"  {len(waiting)} records are not proven absent; {len(there)} are truly still there")
    if wrong or case.completed_at or not waiting:
        raise CommandError("An unproven absence was taken as erasure.")


def unverified(folder: Path) -> None:
    """Nobody may search before the identity is confirmed: not by button, task or call."""
    sandbox.reset(talks=TALKS)
    title("A request whose sender has not proven who they are")
    case = run.request_for(PERSON)
    case = run.wait_for(case, Watch(), lambda now: now.state == CaseState.VALIDATING)
    officer = Browser(settings.PUBLIC_URL, "officer")
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


SCENARIOS: dict[str, Callable[[Path], None]] = {
    "": normal,
    "lying-vendor": lying_vendor,
    "division-lost": division_lost,
    "unverified": unverified,
}
