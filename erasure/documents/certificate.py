"""The certificate of erasure, as a person reads it (evidence of Art. 5(2), 17, 19 GDPR).

What it says comes from certificate.json; the page adds words, never facts.
It holds no personal data of the person whose data were erased.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice

from erasure.documents.archive import About, archive
from erasure.documents.certified import (
    OUTCOMES,
    STATUS,
    Facts,
    as_recorded,
    counted,
    identifiers,
    overwritten,
    refuse_personal,
    refuse_personal_facts,
    titled,
    told_of,
    totals,
    until,
)
from erasure.documents.facts import AnnexRow
from erasure.documents.front import Proof, front
from erasure.documents.page import BODY, NOTE, ROW, SMALL, Frame
from erasure.documents.sheet import Column, Sheet, room_for
from erasure.documents.words import article, cited, count, listed, plain, role, written

DEVELOPMENT = "DEVELOPMENT ONLY"
CONFIDENTIAL = "CONFIDENTIAL: AUTHORITY EDITION"
PRINTED_ROWS = 2000
MANY_STORES = 16  # past it, their table is set smaller


class Edition(StrEnum):
    """SUBJECT goes to anybody; AUTHORITY holds the vendors' ids and what opens each entry."""

    SUBJECT = "SUBJECT"
    AUTHORITY = "AUTHORITY"


def render_certificate(
    certificate: Facts,
    *,
    digest: str,
    checkpoint: str,
    vkey: str,
    titles: Mapping[str, str],
    systems: Mapping[str, str],
    rows: Iterable[AnnexRow],
    files: Mapping[str, bytes],
    development: bool,
    row_limit: int = PRINTED_ROWS,
    link: str = "",
    edition: Edition = Edition.SUBJECT,
) -> bytes:
    """Render one certificate as PDF/A-3b with its evidence attached.

    ``certificate`` is certificate.json parsed, ``digest`` its SHA-256 in hex,
    ``checkpoint`` the signed note, ``titles`` what people call a store and
    ``systems`` what they call its system. At most ``row_limit`` rows are printed;
    ``link`` looks this certificate up and is printed with a QR code. The same
    input gives the same bytes.

    Raises:
        RefusedError: a fact, row or title holds an e-mail address or phone
            number (the controller's own contact may).
    """
    refuse_personal_facts(certificate)
    refuse_personal((*titles.values(), *systems.values()))
    reference = certificate["case"]["ref"]
    version = certificate["certificate"]["version"]
    title = f"Certificate of erasure {reference}, version {version}"
    marks = [CONFIDENTIAL] * (edition is Edition.AUTHORITY) + [DEVELOPMENT] * development
    sheet = Sheet(
        Frame("Certificate of erasure", f"{reference}, version {version}", ", ".join(marks))
    )
    front(sheet, certificate, Proof(digest, checkpoint, vkey, link), systems, titles)
    sheet.turn()
    _by_store(sheet, certificate, titles)
    _kept(sheet, certificate, titles)
    _not_reached(sheet, certificate, titles)
    _decided(sheet, certificate)
    _evidence(sheet, certificate, checkpoint, vkey)
    _how_to_check(sheet, development)
    _around(sheet, certificate)
    _as_recorded(sheet, certificate, digest)
    _annex(sheet, rows, titles, certificate["summary"]["items"], row_limit, edition)
    about = About(
        title=title,
        author=certificate["controller"]["name"],
        subject="Record of an erasure under Art. 17 GDPR",
        at=datetime.fromisoformat(certificate["certificate"]["issued_at"]),
    )
    return archive(sheet.finish(), about, sheet.root, files)


# -- the parts, from top to bottom


def _by_store(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    sheet.heading("Store by store", keep=60)
    stores = sorted(certificate["summary"]["by_store"].items())
    sheet.table(
        [
            Column("Store"),
            Column("Found", 48, right=True),
            Column("Read back gone", 48, right=True),
            Column("Anonymised", 53, right=True),
            Column("Attested", 40, right=True),
            Column("Kept", 44, right=True),
        ],
        ((titled(name, titles), *counted(outcomes)) for name, outcomes in stores),
        style=BODY if len(stores) <= MANY_STORES else ROW,
        total=("All stores", *counted(totals(certificate))),
    )


def _kept(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    if not certificate["retained"]:
        return
    sheet.heading("What is kept, and until when", keep=room_for(certificate["retained"]))
    columns = [
        Column("Store"),
        Column("Items", 34, right=True),
        Column("Article", 110),
        Column("Until", 126),
    ]
    rows = (
        (titled(line["store"], titles), f"{line['items']:,}", cited(line["ground"]), until(line))
        for line in certificate["retained"]
    )
    sheet.table(columns, rows)


def _not_reached(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    if not certificate["not_reached"]:
        sheet.space(6)
        sheet.paragraph("Every store was searched; none was left unanswered.", NOTE)
        return
    sheet.heading("Stores no search could reach", keep=room_for(certificate["not_reached"]))
    columns = [Column("Store"), Column("Why", 130), Column("Decision", 170)]
    words = {"ATTESTED": "Attested by a person or vendor", "MANUAL": "Handled by a person"}
    rows = (
        (
            titled(line["store"], titles),
            plain(line["reason"]),
            words.get(line["decision"], line["decision"]),
        )
        for line in certificate["not_reached"]
    )
    sheet.table(columns, rows)


def _decided(sheet: Sheet, certificate: Facts) -> None:
    decision, case, ran = (certificate[key] for key in ("decision", "case", "execution"))
    sheet.heading("Who decided, and when")
    what = [
        ("Status", STATUS.get(case["status"], case["status"])),
        ("Decided by", role(decision["decided_role"])),
        ("Opinion of", role(decision["opinion_role"])),
        ("Four eyes", "Yes: two people" if decision["four_eyes"] else "No"),
        ("Ground", listed([article(ground) for ground in decision["grounds"]])),
    ]
    when = [
        ("Received", written(case["received_at"])),
        ("Identity verified", written(case["identity_verified_at"])),
        ("Decided", written(case["decided_at"])),
        ("First call", written(ran["started_at"], "none")),
        ("Last answer", written(ran["finished_at"], "none")),
        ("Completed", written(case["completed_at"])),
        ("Answer due", written(case["due_at"])),
    ]
    sheet.facts_beside(what, when)


def _evidence(sheet: Sheet, certificate: Facts, checkpoint: str, vkey: str) -> None:
    entries = count(certificate["log"]["size"], "entry", "entries")
    sheet.heading("Evidence", keep=120)
    sheet.paragraph(
        f"The log's signed checkpoint. The log holds the digest above; the facts were taken "
        f"from its first {entries}.",
        NOTE,
    )
    sheet.broken(checkpoint.strip().splitlines(), SMALL)
    sheet.space(3)
    sheet.paragraph("The log's key: compare it with the one you were given, not with this.", NOTE)
    sheet.paragraph(vkey, SMALL)


def _how_to_check(sheet: Sheet, development: bool) -> None:
    sheet.heading("How to check this without us, step by step", keep=100)
    for step in (
        "1. pdfsig must say both: Signature is Valid, and Total document signed.",
        "2. pdfdetach -saveall saves the attached files; sha256sum certificate.json is the digest.",
        "3. openssl cms -verify -binary -inform DER -in certificate.p7s -content certificate.json "
        "-CAfile root.pem checks the same seal on the facts.",
        "4. verify_certificate FILE --trust trust.txt works offline, with the trust file you were "
        "given by another way. It checks the above, the checkpoint's signature, that the log holds "
        "this digest and every attached entry, that no event of this case is missing between them, "
        "that each item has a final outcome, and the counts.",
        "5. --log with a copy of the log shows whether a later event or version was left out; "
        "--anchor with a head of the log kept elsewhere, whether entries were back-dated.",
    ):
        sheet.paragraph(step, SMALL)
    if development:
        sheet.paragraph(f"{DEVELOPMENT}: made with throw-away keys. It is evidence of nothing.")


def _around(sheet: Sheet, certificate: Facts) -> None:
    jobs = [f"{name} {number:,}" for name, number in sorted(certificate["jobs"].items())]
    sheet.heading("Also recorded")
    sheet.facts(
        [
            ("Searched by", listed(identifiers(certificate))),
            ("Vendor jobs", listed(jobs)),
            ("Recipients (Art. 19)", told_of(certificate["recipients"])),
            *(
                ("Backups", f"{line['connection']}: {overwritten(line['overwritten_by'])}")
                for line in certificate["backups"]
            ),
            ("Log entries", f"{certificate['entries']['count']:,} of this case, in entries.jsonl"),
            ("Certificate", certificate["certificate"]["id"]),
        ]
    )


def _as_recorded(sheet: Sheet, certificate: Facts, digest: str) -> None:
    sheet.heading("Facts as recorded")
    for line in as_recorded(certificate, digest):
        sheet.paragraph(line, SMALL)


def _annex(
    sheet: Sheet,
    rows: Iterable[AnnexRow],
    titles: Mapping[str, str],
    items: int,
    limit: int,
    edition: Edition,
) -> None:
    sheet.heading("Annex: the items, one by one", keep=60 if items else 14)
    if not items:
        sheet.paragraph("There is none.")
        return
    if items > limit:
        sheet.paragraph(
            f"The first {limit:,} of {count(items, 'item')} are printed here. "
            "All are in the attached entries.jsonl."
        )
    columns = [
        Column("No.", 32, right=True),
        Column("Store"),
        Column("Outcome", 90),
        Column("Vendor's id", 150)
        if edition is Edition.AUTHORITY
        else Column("How it is known", 98),
        Column("When (UTC)", 72, muted=True),
    ]
    sheet.table(columns, _printed(islice(rows, limit), titles, edition), style=ROW)


def _printed(
    rows: Iterable[AnnexRow], titles: Mapping[str, str], edition: Edition
) -> Iterator[Sequence[str]]:
    for row in rows:
        refuse_personal((row.store, row.outcome, row.verdict_text))
        yield (
            f"{row.number:,}",
            titles.get(row.store, row.store),
            OUTCOMES.get(row.outcome, row.outcome),
            row.vendor_id if edition is Edition.AUTHORITY else row.verdict_text,
            written(row.at).removesuffix(" UTC"),
        )
