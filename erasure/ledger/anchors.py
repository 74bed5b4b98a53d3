"""Send the log's head out of the operator's reach, and take back what witnesses sign.

Four ways: a witness fetches the head and cosigns it, a time-stamping authority signs it,
the DPO is mailed it, a write-once folder gets it as a file. Those that need nobody are
taken here, once a day and for each certificate.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from erasure import clock
from erasure.errors import ErasureError, TamperedError
from erasure.ledger import outside
from erasure.ledger.head import last_head
from erasure.ledger.keys import known_vkeys
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.ledger.trusted import tsa_roots, witnesses
from erasure.models import Checkpoint, LogAnchor, LogEntry
from erasure.proof import canonical
from erasure.proof.encoding import parse_time
from erasure.proof.note import Cosignature, open_checkpoint
from erasure.proof.timestamps import check_token, read_roots
from erasure.values import AnchorWay

logger = logging.getLogger(__name__)
DAILY = timedelta(hours=24)
TSA_SECONDS = 20
LATE = timedelta(seconds=300)  # a cosignature that dates entries of a grown log
LOOKED_AT = 5000  # entries beyond a cosigned head


Way = Callable[[Checkpoint], LogAnchor]


def anchor_daily() -> None:
    """Anchor the last head by each way that has not had one for a day, idle log or not."""
    head, since = last_head(), clock.now() - DAILY
    if head:
        _send(head, without=_ours().filter(at__gt=since))


def anchor(point: Checkpoint) -> None:
    """Send this head out by each way that has none as large yet. Call with no transaction open.

    A way that fails is logged, and tried by the next call; ask ``covering`` what came of it.
    """
    _send(point, without=_ours().filter(size__gte=point.size))


def covering(size: int) -> LogAnchor | None:
    """The first anchor of a head that holds so many entries, whoever made it."""
    return _ours().filter(size__gte=size).order_by("size", "pk").first()


def _ours() -> QuerySet[LogAnchor]:
    """Of this log; a log that was lost has another origin."""
    return LogAnchor.objects.filter(note__startswith=f"{settings.LOG_ORIGIN}\n")


def ways() -> dict[AnchorWay, Way]:
    """What is on and needs nobody. Each returns its row, or raises OSError or ErasureError."""
    on: dict[AnchorWay, Way] = {}
    if settings.TSA_URL and settings.TSA_ROOT_FILE:
        on[AnchorWay.TIMESTAMP] = _stamp
    if settings.ANCHOR_MAIL:
        on[AnchorWay.MAIL] = _mail
    if folder := outside.folder():
        on[AnchorWay.FILE] = partial(_keep, folder)
    return on


def _send(point: Checkpoint, *, without: QuerySet[LogAnchor]) -> None:
    if longest_wait() > LONGEST_WAIT:
        logger.warning("No anchor while the sequencer stands still: it would date what waits.")
        return
    had = set(without.values_list("way", flat=True))
    for way, send in ways().items():
        if way in had:
            continue
        try:
            send(point).save()
        except (OSError, ErasureError) as why:  # the errors of smtplib and of requests are OSErrors
            logger.warning("No anchor by %s (%s).", way.value, type(why).__name__)


def _row(way: AnchorWay, point: Checkpoint, at: datetime, token: bytes = b"") -> LogAnchor:
    return LogAnchor(way=way, size=point.size, note=point.note, token=token, at=at)


def _stamp(point: Checkpoint) -> LogAnchor:
    """A token over the note, believed only once it is checked."""
    data = point.note.encode()
    server = RequestsHTTPTimeStamper(settings.TSA_URL, timeout=TSA_SECONDS)
    asked = server.async_timestamp(hashlib.sha256(data).digest(), "sha256")
    try:
        token: bytes = asyncio.run(asked).dump()
    except (ValueError, TypeError, KeyError, AttributeError):  # the library on malformed answers
        raise TamperedError("The answer of the time-stamping authority cannot be read.") from None
    at = check_token(token, data, read_roots(tsa_roots()))
    return _row(AnchorWay.TIMESTAMP, point, at, token)


def _mail(point: Checkpoint) -> LogAnchor:
    now = clock.now()
    message = EmailMessage(
        f"Checkpoint of the deletion log, {point.size:,} entries, {now:%Y-%m-%d}",
        "Keep this mail where the operator of the log cannot delete it. The checkpoint says what "
        f"the log held on {now:%Y-%m-%d}; no later log may begin otherwise. 'verify_log --anchor "
        "FILE' and 'verify_certificate --anchor FILE' compare with the attached file.\n\n"
        f"{point.note}",
        to=settings.ANCHOR_MAIL,
    )
    message.attach(f"{point.size}.checkpoint", point.note, "text/plain")
    message.send()
    return _row(AnchorWay.MAIL, point, now)


def _keep(folder: Path, point: Checkpoint) -> LogAnchor:
    """A file that is made once and never opened for writing again."""
    now = clock.now()
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    root, second = bytes(point.root).hex()[:8], now.astimezone(UTC)
    name = f"{point.size}-{root}-{second:%Y%m%dT%H%M%SZ}.checkpoint"
    with suppress(FileExistsError):  # another process wrote the same in this second
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
        with os.fdopen(handle, "w") as file:
            file.write(point.note)
            file.flush()
            os.fsync(file.fileno())
    return _row(AnchorWay.FILE, point, now)


def take_cosignature(text: str) -> LogAnchor:
    """Keep a head of this log that a witness cosigned.

    Raises:
        TamperedError: it is no head of this log, or no witness of ERASURE_WITNESSES signed it.
        StaleError: the log went on for more than five minutes before it was cosigned, so its
            time would contradict honest entries.
    """
    signed = open_checkpoint(text, known_vkeys(), witnesses())
    if not signed.witnessed:
        raise TamperedError("No witness of ERASURE_WITNESSES has cosigned this checkpoint.")
    point = Checkpoint.objects.filter(size=signed.size).first()
    if point is None or bytes(point.root) != signed.root or signed.origin != settings.LOG_ORIGIN:
        raise TamperedError("This is no checkpoint of this log.")
    first = min(signed.witnessed, key=lambda each: each.time)
    at = _moment(first)
    if at > clock.now() + LATE:
        raise TamperedError("The cosignature is dated ahead of time.")
    if longest_wait() > LATE or _went_on_before(at, signed.size):
        raise StaleError(
            "The log had gone on for more than five minutes when this was cosigned: fetch its "
            "present head and cosign that one."
        )
    row, _ = LogAnchor.objects.get_or_create(
        way=AnchorWay.WITNESS, by=first.name, size=signed.size, at=at, defaults={"note": text}
    )
    return row


class StaleError(ErasureError):
    """A cosignature came too late to be kept: cosign the present head."""


def _moment(seen: Cosignature) -> datetime:
    try:
        return datetime.fromtimestamp(seen.time, UTC)
    except (ValueError, OverflowError, OSError):
        raise TamperedError("The time of the cosignature is no date.") from None


def _went_on_before(at: datetime, size: int) -> bool:
    """Whether an entry beyond the head is dated well before it was cosigned."""
    beyond = LogEntry.objects.filter(seq__gte=size).order_by("seq")[:LOOKED_AT]
    dates = (canonical.decode(bytes(data))["at"] for data in beyond.values_list("bytes", flat=True))
    return any(parse_time(each) < at - LATE for each in dates)
