"""The evidence stage: build, append, render. A row with resumable steps waits, no worker does."""

import base64
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError

from erasure import clock
from erasure.cases import locked
from erasure.documents.certificate import render_certificate
from erasure.documents.facts import AnnexRow
from erasure.errors import RefusedError
from erasure.ledger.append import append
from erasure.ledger.keys import known_vkeys, vkey_of
from erasure.ledger.tree import Tree
from erasure.models import (
    KEPT,
    Certificate,
    Checkpoint,
    DataItem,
    DeletionLogEntry,
    ErasureCase,
    LogEntry,
    SystemConnection,
    case_key,
)
from erasure.proof import canonical, certificate, entries, files, merkle, note
from erasure.proof.certificate import CaseDates, LogPoint, Retained, Ruling, Statement, Superseded
from erasure.proof.entries import Line
from erasure.proof.scopes import CaseKeys, subject_scope
from erasure.systems import all_stores
from erasure.values import CaseState, ItemState

REVIEW_EXEMPTIONS_AFTER = timedelta(days=184)
VERDICTS = {
    "VERIFIED": "Read back: gone",
    "ANONYMISED": "Read back: anonymised by the vendor",
    "ATTESTED": "Attested, not readable",
    "HELD": "Kept: legal hold",
    "EXEMPT": "Kept: exemption",
}


def issue(case_id: UUID) -> Certificate | None:
    """Take the certificate of a finished case one step further; None while it must wait.

    Safe to call at any time and twice: every step is a row.
    """
    case = ErasureCase.objects.get(pk=case_id)
    if case.state not in (CaseState.COMPLETE, CaseState.PARTIAL_HOLD) or not case.certificate_due:
        return None
    last = case.certificates.order_by("-version").first()
    if last is None or last.stage == Certificate.ISSUED:
        last = _build(case, last)
    if last and _sequenced(last):
        return _render(case, last)
    return None


def _lines(case: ErasureCase, below: int) -> list[Line]:
    """The case's entries in the log below an index, by rising index."""
    rows = case.log.select_related("item").filter(log_index__lt=below)
    places = {row.log_index: row.scope for row in rows if row.log_index is not None}
    data = LogEntry.objects.filter(seq__in=places).values_list("seq", "bytes").order_by("seq")
    return [Line.of(seq, places[seq], bytes(raw)) for seq, raw in data]


def _build(case: ErasureCase, before: Certificate | None) -> Certificate | None:
    """certificate.json and its log entry, both or neither; if the case gained an entry, again."""
    head = Checkpoint.objects.order_by("-size").first()
    if head is None or case.log.filter(log_index__isnull=True).exists():
        return None
    lines = _lines(case, head.size)
    now = clock.now().replace(microsecond=0)
    version = before.version + 1 if before else 1
    public_id = before.public_id if before else _public_id()
    statement = _statement(case, public_id, version, now, head, before)
    document = certificate.build(statement, lines)
    value, digest = canonical.decode(document), entries.digest(document)
    with locked(case.pk) as case:
        if case.log.count() != len(lines):
            return None
        row = append(
            case, "certificate", {"actor": "system"}, moment=now,
            sha256=digest, version=version, status=value["case"]["status"],
        )  # fmt: skip
        try:
            return Certificate.objects.create(
                case=case, public_id=public_id, version=version, stage=Certificate.APPENDED,
                status=value["case"]["status"], document=document, sha256=digest,
                log_size=head.size, entry=row,
            )  # fmt: skip
        except IntegrityError:
            raise RefusedError("Another process builds this certificate.") from None


def _public_id() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()


def _statement(
    case: ErasureCase,
    public_id: str,
    version: int,
    now: datetime,
    head: Checkpoint,
    before: Certificate | None,
) -> Statement:
    searched = SystemConnection.objects.filter(pk__in=case.searches.values("connection"))
    return Statement(
        certificate_id=public_id,
        version=version,
        issued_at=now,
        case=CaseDates(
            ref=case.reference,
            received_at=case.received_at,
            due_at=end_of_day(case.statutory_due),
            identity_verified_at=case.identity_verified_at,
            decided_at=case.approved_at,
        ),
        ruling=Ruling(
            decided_role=case.decided_role,
            opinion_role=case.opinion_role,
            four_eyes=not case.preparers.filter(pk=case.approved_by_id).exists(),
            grounds=tuple(case.grounds),
        ),  # fmt: skip
        controller_name=settings.CONTROLLER_NAME,
        controller_contact=settings.CONTROLLER_CONTACT,
        log=LogPoint(settings.LOG_ORIGIN, head.size, bytes(head.root)),
        identifiers=_identifiers(case),
        backups={connection.slug: None for connection in searched},
        jobs=dict(Counter(case.jobs.values_list("connection__slug", flat=True))),
        recipients_told=0,
        recipients_not_told=0,
        retained=_retained(case),
        supersedes=_superseded(before),
    )


def end_of_day(day) -> datetime:  # type: ignore[no-untyped-def]
    """24:00 of a local date at the establishment."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE))


def _identifiers(case: ErasureCase) -> tuple[tuple[str, str], ...]:
    """Kind and commitment of each confirmed identifier; never a value."""
    keys = CaseKeys(case_key(case, "log"))
    rows = case.identifiers.confirmed()
    return tuple(
        (str(r.kind), keys.commitment(subject_scope(n), {"kind": str(r.kind), "value": r.value}))
        for n, r in enumerate(rows)
    )


def _retained(case: ErasureCase) -> tuple[Retained, ...]:
    groups: Counter[tuple[object, ...]] = Counter()
    for item in case.items.filter(state__in=KEPT).select_related("connection", "hold"):
        until, review_by = _kept_until(item)
        groups[(item.line, item.article, until, review_by)] += 1
    return tuple(
        Retained(store=key[0], ground=key[1], items=count, until=key[2], review_by=key[3])  # type: ignore[arg-type]
        for key, count in sorted(groups.items(), key=lambda row: str(row[0]))
    )


def _kept_until(item: DataItem) -> tuple[object, object]:
    if item.state == ItemState.HELD and item.hold:
        if item.hold.expires_on:
            return item.hold.expires_on, None
        return None, item.hold.review_on
    since = item.ended_at or clock.now()
    return None, (since + REVIEW_EXEMPTIONS_AFTER).date()


def _superseded(before: Certificate | None) -> Superseded | None:
    if before is None:
        return None
    stated = canonical.decode(bytes(before.document))["entries"]
    return Superseded(
        version=before.version, sha256=before.sha256,
        entries_bytes=stated["bytes"], entries_sha256=stated["sha256"],
    )  # fmt: skip


def _sequenced(row: Certificate) -> bool:
    if row.stage != Certificate.APPENDED or row.entry_id is None:
        return False
    return DeletionLogEntry.objects.filter(pk=row.entry_id, log_index__isnull=False).exists()


def _render(case: ErasureCase, row: Certificate) -> Certificate:
    """Proofs at the present head, the bundle and the PDF."""
    head = Checkpoint.objects.order_by("-size").first()
    document = bytes(row.document)
    value = canonical.decode(document)
    entry = row.entry
    if head is None or entry is None or entry.log_index is None:
        raise RefusedError("The certificate's entry is not in the log.")
    mine = _lines(case, row.log_size)
    attached = _files(document, mine, entry, head)
    vkey = str(vkey_of(head.note, known_vkeys()))
    row.pdf = render_certificate(
        value, digest=row.sha256, checkpoint=head.note, vkey=vkey,
        titles=all_stores(SystemConnection.objects.all()), rows=_rows(mine), files=attached,
        development=settings.DEVELOPMENT_KEYS,
    )  # fmt: skip
    row.bundle = files.bundle(attached)
    row.stage, row.issued_at = Certificate.ISSUED, clock.now()
    with locked(case.pk) as case:
        row.save()
        # Released and finished again since: the next version is due.
        newer = case.log.filter(type="step").exclude(log_index__lt=entry.log_index)
        case.certificate_due = newer.exists()
        case.save(update_fields=["certificate_due"])
    return row


def _files(
    document: bytes, mine: Sequence[Line], entry: DeletionLogEntry, head: Checkpoint
) -> dict[str, bytes]:
    index = entry.log_index or 0
    raw = bytes(LogEntry.objects.get(seq=index).bytes)
    tree, places = Tree(head.size), [line.index for line in mine]
    tree.load(places)
    proof = merkle.inclusion_proof(index, head.size, tree)
    listed = merkle.entries_proof(places, head.size, tree)
    tlog = note.TlogProof(
        index, tuple(proof), head.note, extra=Line.of(index, entry.scope, raw).encode()
    )
    return {
        "certificate.json": document,
        "entries.jsonl": entries.render_lines(mine),
        "entries.proof": note.render_entries_proof(head.size, listed).encode(),
        "certificate.tlog-proof": tlog.render().encode(),
    }


def _rows(lines: Sequence[Line]) -> list[AnnexRow]:
    """The last outcome of each item, by its number."""
    last: dict[int, AnnexRow] = {}
    for line in lines:
        if line.entry["type"] == "outcome":
            number = int(line.scope.split("/")[1])
            outcome = line.entry["outcome"]
            text = VERDICTS.get(outcome, outcome)
            last[number] = AnnexRow(number, line.entry["store"], outcome, text, line.entry["at"])
    return [last[number] for number in sorted(last)]
