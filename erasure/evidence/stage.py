"""Issue certificates: build, append, anchor, render, seal. A row with resumable steps waits,
no worker does.
"""

import base64
import secrets
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from erasure import clock
from erasure.cases import locked
from erasure.documents.certificate import Edition
from erasure.errors import BusyError, KeyMissingError, RefusedError, TamperedError
from erasure.evidence.editions import attachments, draw, sealed
from erasure.evidence.entries import lines
from erasure.evidence.seal import own_seal
from erasure.evidence.statement import statement
from erasure.ledger import anchors
from erasure.ledger.append import append
from erasure.models import Certificate, Checkpoint, ErasureCase
from erasure.proof import canonical, certificate, entries
from erasure.proof.dossier import gather
from erasure.values import CaseState

ENDED = (CaseState.COMPLETE, CaseState.PARTIAL_HOLD)
WAITS = "The certificate waits:"
NOT_ANCHORED = "no witness, time-stamp, mail or file holds the log's head outside yet."


def issue(case_id: UUID) -> Certificate | None:
    """Take the certificate of an ended case as far as it goes; None while it must wait.

    Safe to call at any time and twice: every step is a row, and what it waits for is
    said on the case.
    """
    case = ErasureCase.objects.get(pk=case_id)
    if case.state not in ENDED or not case.certificate_due:
        return None
    try:
        row, waits = _take(case), ""
    except (BusyError, KeyMissingError, RefusedError, TamperedError) as why:
        row, waits = None, f"{WAITS} {why}"
    mine = ErasureCase.objects.filter(pk=case_id, state__in=ENDED)
    if waits:  # not if another process has issued it meanwhile
        mine.filter(certificate_due=True).update(waiting_for=waits[:300])
    else:
        mine.filter(waiting_for__startswith=WAITS).update(waiting_for="")
    return row


def _take(case: ErasureCase) -> Certificate | None:
    last = case.certificates.order_by("-version").first()
    if last is None or last.stage == Certificate.ISSUED or _of_another_log(last):
        last = _build(case, last)
    while last and last.stage != Certificate.ISSUED:
        last = STEPS[last.stage](last)
    return last


def _of_another_log(row: Certificate) -> bool:
    """Begun on a log that was lost since: it cannot be finished, the next version can."""
    stated = canonical.decode(bytes(row.document))["log"]
    return bool(stated["origin"] != settings.LOG_ORIGIN)


def _build(case: ErasureCase, before: Certificate | None) -> Certificate | None:
    """certificate.json and its log entry, both or neither; if the case gained an entry, again."""
    head = Checkpoint.objects.order_by("-size").first()
    if head is None or case.log.filter(log_index__isnull=True).exists():
        return None
    dossier = gather(lines(case, head.size))
    now = clock.now().replace(microsecond=0)
    stated = statement(
        case, head, before, now=now, seal_sha256=own_seal().sha256,
        public_id=before.public_id if before else _public_id(),
    )  # fmt: skip
    document = certificate.build(stated, dossier)
    status, digest = canonical.decode(document)["case"]["status"], entries.digest(document)
    with locked(case.pk) as case:
        if case.log.count() != len(dossier.indices):
            return None
        entry = append(
            case, "certificate", {"actor": "system"}, moment=now,
            sha256=digest, version=stated.version, status=status,
        )  # fmt: skip
        try:
            return Certificate.objects.create(
                case=case, public_id=stated.certificate_id, version=stated.version,
                stage=Certificate.APPENDED, status=status, document=document, sha256=digest,
                log_size=head.size, entry=entry,
            )  # fmt: skip
        except IntegrityError:
            raise RefusedError("Another process builds this certificate.") from None


def _anchor(row: Certificate) -> Certificate | None:
    """Once its entry is in the log: send the head at which everything is proven outside.

    Raises:
        BusyError: no way out took a head that holds the entry.
    """
    head = Checkpoint.objects.order_by("-size").first()
    index = row.entry.log_index if row.entry else None
    if head is None or index is None or index >= head.size:
        return None
    anchors.anchor(head)
    if anchors.covering(index + 1) is None:
        raise BusyError(NOT_ANCHORED)
    return _went_on(row, Certificate.ANCHORED, proof_size=head.size)


def _render(row: Certificate) -> Certificate | None:
    pdf = draw(row, attachments(row), Edition.SUBJECT)
    return _went_on(row, Certificate.RENDERED, pdf=pdf)


def _seal(row: Certificate) -> Certificate | None:
    pdf = sealed(row, bytes(row.pdf))
    with locked(row.case_id) as case:
        issued = _went_on(row, Certificate.ISSUED, pdf=pdf, issued_at=clock.now())
        if issued and issued.entry:
            # Released and finished again since: the next version is due.
            newer = case.log.filter(type="step").exclude(log_index__lt=issued.entry.log_index)
            case.certificate_due = newer.exists()
            case.save(update_fields=["certificate_due"])
    return issued


STEPS: dict[str, Callable[[Certificate], Certificate | None]] = {
    Certificate.APPENDED: _anchor,
    Certificate.ANCHORED: _render,
    Certificate.RENDERED: _seal,
}


def _went_on(row: Certificate, stage: str, **given: object) -> Certificate | None:
    """The row one step further; None if another process was faster."""
    mine = Certificate.objects.filter(pk=row.pk, stage=row.stage)
    if not mine.update(stage=stage, **given):
        return None
    return Certificate.objects.select_related("case", "entry").get(pk=row.pk)


def _public_id() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
