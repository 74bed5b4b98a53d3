"""Page 1 of a certificate: what an inspector wants to know first, on one page.

Lists that would not fit are cut here and stand in full on the next page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from erasure.documents.certified import (
    Facts,
    counted,
    identifiers,
    kept_lines,
    result,
    totals,
    until,
)
from erasure.documents.page import BODY, NOTE, RESULT, ROW, SMALL
from erasure.documents.sheet import Column, Sheet
from erasure.documents.words import article, count, listed, plain, role, written

STATUS = {
    "COMPLETE": "Complete: nothing remains that is known of.",
    "PARTIAL_HOLD": "Partly held: a later version follows when what is kept may go.",
}
# Points that parts take: all below what is kept; at least one line of it; the line before it.
BELOW, KEPT, REACHED = 296.0, 82.0, 34.0
SYSTEMS = (
    Column("System"),
    Column("Found", 52, right=True),
    Column("Read back gone", 74, right=True),
    Column("Anonymised", 56, right=True),
    Column("Attested", 44, right=True),
    Column("Kept", 48, right=True),
)
KEPT_COLUMNS = (
    Column("System"),
    Column("Items", 34, right=True),
    Column("Article", 190),
    Column("Until", 100),
)
MOST_NAMED = 2  # of stores that no search could reach


@dataclass(frozen=True, slots=True)
class Proof:
    """What the page prints so that it can be compared: ``checkpoint`` is the signed note."""

    digest: str
    checkpoint: str
    vkey: str
    link: str = ""


def front(
    sheet: Sheet,
    certificate: Facts,
    proof: Proof,
    systems: Mapping[str, str],
    titles: Mapping[str, str],
) -> None:
    """Everything on the first page; ``systems`` and ``titles`` are what people call them."""
    _head(sheet, certificate, proof.link)
    _asked(sheet, certificate)
    sheet.space(7)
    sheet.paragraph(result(certificate), RESULT)
    _by_system(sheet, certificate, systems)
    _reached(sheet, certificate, titles)
    _kept(sheet, certificate, systems)
    _decided(sheet, certificate)
    _compare(sheet, certificate, proof)
    _check(sheet, proof.link)
    _limits(sheet)


def _head(sheet: Sheet, certificate: Facts, link: str) -> None:
    case, this, controller = (certificate[key] for key in ("case", "certificate", "controller"))
    if link:
        sheet.qr(link, "QR code of the address under: How to check this without us")
    sheet.paragraph(controller["name"], NOTE)
    sheet.paragraph(controller["contact"], NOTE)
    sheet.title("Certificate of erasure")
    earlier = this["supersedes"]
    replaces = f", replaces version {earlier['version']}" if earlier else ""
    sheet.paragraph(
        f"{case['ref']}, version {this['version']}{replaces}, issued {written(this['issued_at'])}"
    )
    sheet.paragraph(STATUS.get(case["status"], case["status"]), NOTE)
    sheet.clear()


def _asked(sheet: Sheet, certificate: Facts) -> None:
    """What was asked, by whom it is known to be, and where was looked."""
    case, stores = certificate["case"], certificate["summary"]["by_store"]
    grounds = [article(ground) for ground in certificate["decision"]["grounds"]]
    systems = {store.partition(".")[0] for store in stores}
    known = case["identity_verified_at"]
    identity = f"Identity confirmed {written(known)}." if known else "No identity is confirmed."
    sheet.space(6)
    sheet.paragraph(
        f"Erasure was asked for on {written(case['received_at'])}. Ground: {listed(grounds)}. "
        f"{identity} Searched by {listed(identifiers(certificate))} in "
        f"{count(len(stores), 'store')} of {count(len(systems), 'system')}."
    )


def _by_system(sheet: Sheet, certificate: Facts, systems: Mapping[str, str]) -> None:
    sums: dict[str, Counter[str]] = {}
    for store, outcomes in sorted(certificate["summary"]["by_store"].items()):
        sums.setdefault(store.partition(".")[0], Counter()).update(outcomes)
    rows = [(systems.get(slug, slug), counted(sums[slug])) for slug in sorted(sums)]
    room = sheet.left - BELOW - REACHED - (KEPT if certificate["retained"] else 0)
    style = BODY if sheet.high(SYSTEMS, rows_of(rows), BODY) <= room else SMALL
    most = max(2, sheet.fitting(SYSTEMS, rows_of(rows), style, room))
    if len(rows) > most:
        rest = sum((sums[slug] for slug in sorted(sums)[most - 1 :]), Counter[str]())
        name = f"{len(rows) - most + 1} other systems, see page 2"
        rows = [*rows[: most - 1], (name, counted(rest))]
    sheet.space(7)
    total = ("All systems", *counted(totals(certificate)))
    sheet.table(SYSTEMS, rows_of(rows), style=style, total=total)


def rows_of(rows: Sequence[tuple[str, Sequence[str]]]) -> list[Sequence[str]]:
    return [(name, *numbers) for name, numbers in rows]


def _reached(sheet: Sheet, certificate: Facts, titles: Mapping[str, str]) -> None:
    lost = certificate["not_reached"]
    sheet.space(4)
    if not lost:
        sheet.paragraph("Every store was searched; none was left unanswered.", NOTE)
        return
    named = [
        f"{titles.get(line['store'], line['store'])} ({plain(line['reason'])}, "
        f"{line['decision'].lower()})"
        for line in lost[:MOST_NAMED]
    ]
    more = len(lost) - len(named)
    named += [f"{count(more, 'other')}, see page 2"] if more else []
    sheet.paragraph(f"{count(len(lost), 'store')} no search could reach: {listed(named)}.", NOTE)


def _kept(sheet: Sheet, certificate: Facts, systems: Mapping[str, str]) -> None:
    lines = kept_lines(certificate, systems)
    if not lines:
        return
    sheet.heading("What is kept, why and until when")
    rows = [
        (line["system"], f"{line['items']:,}", article(line["ground"]), until(line))
        for line in lines
    ]
    shown = max(1, sheet.fitting(KEPT_COLUMNS, rows, SMALL, sheet.left - BELOW - 3))
    sheet.table(KEPT_COLUMNS, rows[:shown], style=SMALL)
    if len(lines) > shown:
        rest = sum(int(line["items"]) for line in lines[shown:])
        sheet.space(3)
        sheet.paragraph(f"And {count(rest, 'item')} more, line by line on page 2.", NOTE)


def _decided(sheet: Sheet, certificate: Facts) -> None:
    decision, case, ran = (certificate[key] for key in ("decision", "case", "execution"))
    who = f"{role(decision['decided_role'])}, {written(case['decided_at'])}"
    eyes = "Two people" if decision["four_eyes"] else "One person alone"
    span = "nothing had to be erased"
    if ran["started_at"]:
        span = f"from {written(ran['started_at'])} to {written(ran['finished_at'])}"
    sheet.heading("Who decided, and when")
    sheet.facts(
        [
            ("Decided by", f"{who}. {eyes} prepared and decided it."),
            ("Opinion of", role(decision["opinion_role"])),
            ("Erased", span),
            ("Answer due", f"{written(case['due_at'])}"),
        ],
        style=SMALL,
        label=76,
    )


def _compare(sheet: Sheet, certificate: Facts, proof: Proof) -> None:
    origin, size, root = proof.checkpoint.splitlines()[:3]
    rows: list[tuple[str, str]] = [
        ("Digest", proof.digest),
        ("Checkpoint", f"{origin}, {int(size):,} entries, root {root}"),
        ("Log key", proof.vkey),
        ("Seal (SHA-256)", certificate["seal"]["x509_sha256"]),
    ]
    if proof.link:
        rows.append(("Latest version?", proof.link))
    sheet.heading("How to check this without us")
    sheet.facts(rows, style=ROW, label=76)


def _check(sheet: Sheet, link: str) -> None:
    sheet.space(3)
    steps = [
        "Compare log key and seal with those you were given by another way, in trust.txt.",
        "verify_certificate FILE --trust trust.txt checks seal, log, entries and counts, offline. "
        "pdfsig, pdfdetach, sha256sum and openssl check seal and digest without our program.",
    ]
    if link:
        steps.append("The address, or the code above, shows whether a later version exists.")
    sheet.broken([f"{number}. {step}" for number, step in enumerate(steps, 1)], NOTE)


def _limits(sheet: Sheet) -> None:
    sheet.heading("What this does not prove", keep=36)
    sheet.paragraph(
        "It proves what was recorded, when, in which order, and what each store answered. It does "
        "not prove that a store destroyed its bytes, nor that a store which is not listed holds "
        "nothing. What is attested rests on the word of the person or vendor who attests it.",
        NOTE,
    )
