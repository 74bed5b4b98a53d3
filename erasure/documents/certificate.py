"""The certificate of erasure, as a person reads it (evidence of Art. 5(2), 17, 19 GDPR).

What it says comes from certificate.json; the page adds words, never facts.
It holds no personal data of the person whose data were erased.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from erasure.documents.archive import About, archive
from erasure.documents.facts import AnnexRow
from erasure.documents.sheet import (
    BODY,
    MUTED,
    NOTE,
    RESULT,
    ROOM,
    SMALL,
    Column,
    Frame,
    Sheet,
)
from erasure.documents.text import wrap
from erasure.documents.words import KINDS, article, count, listed, plain, role, written
from erasure.errors import RefusedError
from erasure.values import Outcome

Facts = Mapping[str, Any]  # a part of the parsed certificate.json

ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
NUMBER = re.compile(r"\+\d[\d ()/.-]{5,}\d")
KEPT = (Outcome.HELD, Outcome.EXEMPT)
DEVELOPMENT = "DEVELOPMENT ONLY"
STATUS = {
    "COMPLETE": "Complete: nothing remains",
    "PARTIAL_HOLD": "Partly held: what may be erased is erased",
}
OUTCOMES = {
    "VERIFIED": "Read back: gone",
    "ANONYMISED": "Read back: anonymised",
    "ATTESTED": "Attested",
    "HELD": "Held",
    "EXEMPT": "Exempt",
}


def render_certificate(
    certificate: Facts,
    *,
    digest: str,
    checkpoint: str,
    vkey: str,
    titles: Mapping[str, str],
    rows: Iterable[AnnexRow],
    files: Mapping[str, bytes],
    development: bool,
    row_limit: int = 2000,
) -> bytes:
    """Render one certificate as PDF/A-3b with its evidence attached.

    ``certificate`` is certificate.json parsed, ``digest`` its SHA-256 in hex,
    ``checkpoint`` the signed note, ``titles`` what people call a store. At
    most ``row_limit`` rows are printed. The same input gives the same bytes.

    Raises:
        RefusedError: a row or title holds an e-mail address or phone number.
    """
    _refuse_personal(titles.values())
    reference = certificate["case"]["ref"]
    version = certificate["certificate"]["version"]
    title = f"Certificate of erasure {reference}, version {version}"
    sheet = Sheet(Frame(title, f"{reference}, version {version}", DEVELOPMENT * development))
    _head(sheet, certificate, titles)
    _kept(sheet, certificate, titles)
    _not_reached(sheet, certificate, titles)
    _decided(sheet, certificate)
    _evidence(sheet, certificate, digest, checkpoint, vkey)
    _how_to_check(sheet, development)
    _limits(sheet)
    _around(sheet, certificate)
    _as_recorded(sheet, certificate, digest)
    _annex(sheet, rows, titles, certificate["summary"]["items"], row_limit)
    about = About(
        title=title,
        author=certificate["controller"]["name"],
        subject="Record of an erasure under Art. 17 GDPR",
        at=datetime.fromisoformat(certificate["certificate"]["issued_at"]),
    )
    return archive(sheet.finish(), about, sheet.root, files)


def result(certificate: Facts) -> str:
    """What became of the items, in a sentence or a few."""
    counts, items = _totals(certificate), certificate["summary"]["items"]
    if not items:
        return "No item was found in any of the stores searched."
    of = f"of {count(items, 'item')}"
    said = [f"{counts['VERIFIED']:,} {of} erased and read back: gone."]
    if counts["ANONYMISED"]:
        said.append(f"{counts['ANONYMISED']:,} {of} anonymised, and read back as such.")
    if counts["ATTESTED"]:
        said.append(f"{counts['ATTESTED']:,} {of} attested, which cannot be read back.")
    said += [f"{count(number, 'item')} kept under {why}." for why, number in _kept_by(certificate)]
    return " ".join(said)


def as_recorded(certificate: Facts, digest: str) -> list[str]:
    """The lines a verifier compares with certificate.json."""
    lines = [
        f"Digest: {digest}",
        f"Reference: {certificate['case']['ref']}",
        f"Status: {certificate['case']['status']}",
        f"Issued: {certificate['certificate']['issued_at']}",
        f"Items: {certificate['summary']['items']}",
    ]
    for store, outcomes in sorted(certificate["summary"]["by_store"].items()):
        lines += [f"{store} {outcome} {number}" for outcome, number in sorted(outcomes.items())]
    return lines


# -- the parts, from top to bottom


def _head(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    case, this, controller = (certificate[key] for key in ("case", "certificate", "controller"))
    sheet.title("Certificate of erasure")
    sheet.paragraph(
        f"{case['ref']}, version {this['version']}, issued {written(this['issued_at'])}", BODY
    )
    sheet.paragraph(f"{controller['name']} ({controller['contact']})", NOTE)
    if this["supersedes"]:
        sheet.paragraph(f"Replaces version {this['supersedes']['version']}.", NOTE)
    sheet.space(10)
    sheet.paragraph(result(certificate), RESULT)
    sheet.space(6)
    columns = [Column("Store"), *(Column(name, 52, right=True) for name in (
        "Found", "Read back gone", "Anony- mised", "Attested", "Kept"))]
    by_store = sorted(certificate["summary"]["by_store"].items())
    total = ("All stores", *_counted(_totals(certificate)))
    sheet.table(
        columns,
        ((_store(name, titles), *_counted(outcomes)) for name, outcomes in by_store),
        total=total,
    )


def _kept(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    if not certificate["retained"]:
        return
    sheet.heading("What is kept, and until when")
    columns = [Column("Store"), Column("Items", 40, right=True), Column("Article", 150),
               Column("Until", 110)]
    rows = (
        (_store(line["store"], titles), f"{line['items']:,}", article(line["ground"]), _until(line))
        for line in certificate["retained"]
    )
    sheet.table(columns, rows)


def _not_reached(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    if not certificate["not_reached"]:
        sheet.space(6)
        sheet.paragraph("Every store was searched; none was left unanswered.", NOTE)
        return
    sheet.heading("Stores no search could reach")
    columns = [Column("Store"), Column("Why", 130), Column("Decision", 170)]
    words = {"ATTESTED": "Attested by a person or vendor", "MANUAL": "Handled by a person"}
    rows = (
        (_store(line["store"], titles), plain(line["reason"]),
         words.get(line["decision"], line["decision"]))
        for line in certificate["not_reached"]
    )
    sheet.table(columns, rows)


def _decided(sheet: Sheet, certificate: Facts) -> None:
    decision, case, ran = (certificate[key] for key in ("decision", "case", "execution"))
    four_eyes = "Yes: who prepared did not decide" if decision["four_eyes"] else "No"
    sheet.heading("Who decided, and when")
    sheet.facts([
        ("Status", STATUS.get(case["status"], case["status"])),
        ("Decided by", role(decision["decided_role"])),
        ("Opinion of", role(decision["opinion_role"])),
        ("Four eyes", four_eyes),
        ("Ground", listed([article(ground) for ground in decision["grounds"]])),
        ("Received", written(case["received_at"])),
        ("Identity verified", written(case["identity_verified_at"])),
        ("Decided", written(case["decided_at"])),
        ("Carried out", f"{written(ran['started_at'])} to {written(ran['finished_at'])}"),
        ("Completed", written(case["completed_at"])),
        ("Answer due", written(case["due_at"])),
    ])


def _evidence(
    sheet: Sheet, certificate: Facts, digest: str, checkpoint: str, vkey: str
) -> None:
    log = certificate["log"]
    sheet.heading("Evidence")
    sheet.paragraph("Digest (SHA-256 of the attached certificate.json)", NOTE)
    sheet.paragraph(digest, SMALL)
    sheet.space(3)
    sheet.paragraph(
        f"Signed checkpoint of the log that holds this digest. The facts were taken from "
        f"the log at {count(log['size'], 'entry', 'entries')}.", NOTE
    )
    lines = [line for text in checkpoint.strip().splitlines() for line in wrap(text, SMALL, ROOM)]
    sheet.lines("P", lines, SMALL)
    sheet.space(3)
    sheet.paragraph("Key of the log. Compare it with the one you were given; do not trust this "
                    "page for it.", NOTE)
    sheet.paragraph(vkey, SMALL)


def _how_to_check(sheet: Sheet, development: bool) -> None:
    sheet.heading("How to check this without us")
    for step in (
        "1. Save the files attached to this PDF, for example with pdfdetach -saveall.",
        "2. sha256sum certificate.json must give the digest above.",
        "3. verify_certificate FILE --trust trust.txt, offline, with the trust file you were "
        "given by another way. It checks the signature of the checkpoint, that the log holds "
        "this digest and every attached entry, that no event of this case is missing between "
        "them, that each item ended with a final outcome, and that the counts are right.",
        "4. Ask the controller for a copy of the log, or an earlier checkpoint from its witness, "
        "to see that nothing was taken out since.",
    ):
        sheet.paragraph(step)
    if development:
        sheet.paragraph(f"{DEVELOPMENT}: made with keys anyone may hold. It is evidence of nothing.")


def _limits(sheet: Sheet) -> None:
    sheet.heading("What this does not prove")
    sheet.paragraph(
        "It proves what was recorded, when, in which order, and what each store answered. It "
        "does not prove that a store destroyed its bytes, nor that a store which is not listed "
        "holds nothing. An attested item rests on the word of the person or vendor."
    )


def _around(sheet: Sheet, certificate: Facts) -> None:
    told = certificate["recipients"]
    jobs = [f"{name} {number:,}" for name, number in sorted(certificate["jobs"].items())]
    sheet.heading("Also recorded")
    sheet.facts([
        ("Searched by", listed(_identifiers(certificate))),
        ("Vendor jobs", listed(jobs)),
        ("Recipients (Art. 19)", f"{told['told']:,} told, {told['not_told']:,} not told"),
        *(("Backups", f"{line['connection']}: {_overwritten(line['overwritten_by'])}")
          for line in certificate["backups"]),
        ("Log entries", f"{certificate['entries']['count']:,} of this case, in entries.jsonl"),
        ("Certificate", certificate["certificate"]["id"]),
    ])


def _as_recorded(sheet: Sheet, certificate: Facts, digest: str) -> None:
    sheet.heading("Facts as recorded")
    for line in as_recorded(certificate, digest):
        sheet.paragraph(line, SMALL)


def _annex(
    sheet: Sheet, rows: Iterable[AnnexRow], titles: Mapping[str, str], items: int, limit: int
) -> None:
    sheet.heading("Annex: the items, one by one")
    if not items:
        sheet.paragraph("There is none.")
        return
    if items > limit:
        sheet.paragraph(f"The first {limit:,} of {count(items, 'item')} are printed here. "
                        "All are in the attached entries.jsonl.")
    columns = [Column("No.", 36, right=True), Column("Store"), Column("Outcome", 110),
               Column("How it is known", 118), Column("When", 104, muted=True)]
    sheet.table(columns, _printed(islice(rows, limit), titles), style=SMALL)


def _printed(rows: Iterable[AnnexRow], titles: Mapping[str, str]) -> Iterator[Sequence[str]]:
    for row in rows:
        _refuse_personal((row.store, row.outcome, row.verdict_text))
        yield (
            f"{row.number:,}", titles.get(row.store, row.store),
            OUTCOMES.get(row.outcome, row.outcome), row.verdict_text, written(row.at),
        )


# -- words for facts


def _refuse_personal(texts: Iterable[str]) -> None:
    for text in texts:
        if ADDRESS.search(text) or NUMBER.search(text):
            raise RefusedError("A certificate may not hold an e-mail address or phone number.")


def _store(name: str, titles: Mapping[str, str]) -> str | tuple[str, str]:
    return (titles[name], name) if titles.get(name, name) != name else name


def _totals(certificate: Facts) -> dict[str, int]:
    totals = dict.fromkeys((str(outcome) for outcome in OUTCOMES), 0)
    for outcomes in certificate["summary"]["by_store"].values():
        for outcome, number in outcomes.items():
            totals[outcome] += number
    return totals


def _counted(outcomes: Mapping[str, int]) -> list[str]:
    kept = sum(outcomes.get(outcome, 0) for outcome in KEPT)
    shown = [outcomes.get(name, 0) for name in ("VERIFIED", "ANONYMISED", "ATTESTED")]
    return [f"{number:,}" for number in (sum(outcomes.values()), *shown, kept)]


def _kept_by(certificate: Facts) -> list[tuple[str, int]]:
    """The kept items by article and date; past three such lines, all in one."""
    groups: dict[str, int] = {}
    for line in certificate["retained"]:
        why = f"Art. {line['ground']} {_until(line)}"
        groups[why] = groups.get(why, 0) + line["items"]
    if len(groups) > 3:
        return [("several articles, listed below", sum(groups.values()))]
    return list(groups.items())


def _until(line: Facts) -> str:
    if line["until"]:
        return f"until {written(line['until'])}"
    return f"reviewed by {written(line['review_by'])}"


def _overwritten(when: str | None) -> str:
    return f"overwritten by {written(when)}" if when else "no date of overwriting is known"


def _identifiers(certificate: Facts) -> list[str]:
    kinds = [line["kind"] for line in certificate["subject"]["identifiers"]]
    return [count(kinds.count(kind), *KINDS.get(kind, (plain(kind),))) for kind in sorted({*kinds})]
