"""Is the log well? The daily verification, what it left behind, and how long rows wait."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.conf import settings

from erasure import clock
from erasure.errors import ErasureError, TamperedError
from erasure.ledger import outside, sequencer
from erasure.ledger.append import append_system
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import File, Report, verify
from erasure.ledger.verify.walk import Pause
from erasure.models import LogAnchor, LogCheck
from erasure.proof import anchors
from erasure.proof.trust import Trust
from erasure.proof.verify import Finding, State

DAILY = timedelta(hours=24)
STALE = timedelta(hours=50)  # two daily verifications did not take place
KEPT = timedelta(days=90)  # findings of verifications


def verify_daily() -> Report | None:
    """Verify the log if a day has passed, and keep what was found. None: it is not time.

    Runs where the sequencer runs, and lets it go on in between.
    """
    last = LogCheck.objects.order_by("-at").first()
    if last and clock.now() - last.at < DAILY:
        return None
    return verify_now(own_trust(), pause=sequencing())


def verify_now(trust: Trust, also: Sequence[File] = (), pause: Pause | None = None) -> Report:
    """Verify the log with every anchor that is kept here, and keep what was found."""
    report = verify(trust, (*kept_anchors(), *also), pause)
    now = clock.now()
    LogCheck.objects.filter(at__lt=now - KEPT).delete()
    LogCheck.objects.create(
        at=now, size=report.size, passed=report.passed,
        findings=[[one.id, str(one.state), one.text] for one in report.findings],
    )  # fmt: skip
    if not report.passed:
        append_system("log.alarm", sum(one.state is State.FAILED for one in report.findings))
    return report


def sequencing(every: float = 1.0) -> Pause:
    """A pause in which the sequencer takes its turn, at most once in so many seconds."""
    last = monotonic()

    def pause() -> None:
        nonlocal last
        if monotonic() - last < every:
            return
        with suppress(ErasureError):  # it refuses: what is wrong is being looked for
            sequencer.sequence()
        last = monotonic()

    return pause


def kept_anchors() -> Iterator[File]:
    """Every anchor in the database and in the write-once folder, each note once."""
    seen: set[bytes] = set()
    for row in LogAnchor.objects.order_by("pk").iterator(500):
        data = anchors.wrap(row.note, bytes(row.token)) if row.token else row.note.encode()
        if data not in seen:
            seen.add(data)
            yield f"{row.way} {row.pk}", data
    for path in outside.files():
        data = path.read_bytes()
        if data not in seen:
            seen.add(data)
            yield path.name, data


@dataclass(frozen=True, slots=True)
class Health:
    """What the last verification found, for people and for machines."""

    check: LogCheck | None

    @property
    def failed(self) -> list[Finding]:
        rows = self.check.findings if self.check else []
        found = (Finding(name, State(state), text) for name, state, text in rows)
        return [one for one in found if one.state is not State.PASSED]

    @property
    def stale(self) -> bool:
        """No verification for two days: it does not run."""
        return self.check is not None and clock.now() - self.check.at > STALE

    @property
    def good(self) -> bool:
        return not self.stale and (self.check is None or self.check.passed)


def health() -> Health:
    return Health(LogCheck.objects.order_by("-at").first())


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the DPO is told, once for each ``key``. Holds no personal data."""

    key: str
    subject: str
    text: str


def verification_alarm(report: Report) -> Alarm | None:
    """If the log is not what was written."""
    failed = [one for one in report.findings if one.state is not State.PASSED]
    if not failed:
        return None
    lines = "\n".join(f"{one.id}: {one.text}" for one in failed)
    return Alarm(
        f"log-failed:{clock.now():%Y-%m-%d}",
        "The deletion log did not pass its verification",
        f"{lines}\n\nSomebody changed the log, the cases or the files beside them, or a backup was "
        "put back. Change nothing until you know why. 'manage.py verify_log' repeats the "
        f"verification; compare with the checkpoints you hold yourself.\n\n{settings.PUBLIC_URL}",
    )


def refusal_alarm(why: TamperedError) -> Alarm:
    """When the sequencer refuses to go on."""
    return Alarm(
        f"log-refused:{clock.now():%Y-%m-%d}",
        "The deletion log takes nothing in any more",
        f"The sequencer refused: {why}\n\nNo certificate is issued until this is cleared up. What "
        f"was to be logged waits; nothing of it is lost.\n\n{settings.PUBLIC_URL}",
    )


def waiting_alarm() -> Alarm | None:
    """When rows wait in the outbox for more than a minute."""
    waited = longest_wait()
    if waited <= LONGEST_WAIT:
        return None
    return Alarm(
        f"log-waits:{clock.now():%Y-%m-%d}",
        "The deletion log does not move on",
        f"Entries have waited for {int(waited.total_seconds()):,} seconds to be taken into the "
        "log. Is the sequencer running (queue 'ledger'), and what does its output say? Nothing is "
        f"lost, but no certificate is issued meanwhile.\n\n{settings.PUBLIC_URL}",
    )
