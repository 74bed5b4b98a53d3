"""One system fails in mid-case: the others finish, the case waits and says for what."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.core.management.base import CommandError

from erasure import clock
from erasure.management.demo import run, sandbox
from erasure.management.demo.run import PERSON, TALKS
from erasure.management.demo.screen import DONE, Watch, say, title
from erasure.models import DataItem, ErasureCase, SystemConnection

LONG = timedelta(days=20)  # past every rollback window and a processor's own deadline


@dataclass(frozen=True, slots=True)
class Outage:
    """What goes wrong, and where."""

    slug: str  # the connection
    fault: str  # the sandbox's name of it
    heading: str


OUTAGES = {
    "salesforce-down": Outage(
        "crm", "salesforce.salesforce-down", "Salesforce is down from the approval on"
    ),
    "servicenow-403": Outage(
        "service-desk", "servicenow.servicenow-403", "ServiceNow takes back the rights on a table"
    ),
    "callback-forged": Outage(
        "surveys", "opendsr.callback-forged", "Somebody forges the processor's word of completion"
    ),
}


def play(outage: Outage, folder: Path) -> None:
    """
    Raises:
        CommandError: another system did not finish, or the case does not say what is missing.
    """
    run.without_rate_limit(everywhere=True, talks=TALKS)
    title(outage.heading)
    watch = Watch()
    case = run.settle_questions(run.to_review(PERSON, watch), PERSON, watch)
    sandbox.fault(outage.fault)
    run.approve(case)
    case = run.ended_but(case, outage.slug, watch, clock.now() + LONG)
    _judge(case, SystemConnection.objects.get(slug=outage.slug))


def _judge(case: ErasureCase, broken: SystemConnection) -> None:
    left = case.items.exclude(state__in=DONE).select_related("connection")
    others = left.exclude(connection=broken)
    held = sandbox.holdings(PERSON)
    theirs = [row for row in held if row["system"] == broken.system]
    say(f"\n  after {LONG.days} days the case is {case.state}")
    say(f"  it waits: {case.waiting_for}")
    for (line, state, reason), number in sorted(_alike(left).items()):
        say(f"      {line:<28} {number:>3} {state.lower():<10} {reason}")
    say(f"  the sandbox's own record: {len(theirs)} records in {broken.name}, "
        f"{len(held) - len(theirs)} anywhere else")  # fmt: skip
    if case.completed_at or case.certificates.exists() or not left.exists():
        raise CommandError("The case claims to be complete.")
    if others.exists() or len(theirs) != len(held) or not theirs:
        raise CommandError("Another system did not finish, or this one is not as it says.")
    if f"{broken.slug}." not in case.waiting_for and broken.name not in case.waiting_for:
        raise CommandError("The case does not say what it waits for.")


def _alike(items: Iterable[DataItem]) -> Counter[tuple[str, str, str]]:
    return Counter((item.line, item.state, item.reason) for item in items)


FAULTS: dict[str, Callable[[Path], None]] = {
    name: partial(play, outage) for name, outage in OUTAGES.items()
}
