"""What certificate.json says, in words. The page adds words, never facts."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from erasure.documents.words import KINDS, count, plain, written
from erasure.errors import RefusedError
from erasure.values import Outcome

Facts = Mapping[str, Any]  # a part of the parsed certificate.json

ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
NUMBER = re.compile(r"\+\d[\d ()/.-]{5,}\d")
KEPT = (Outcome.HELD, Outcome.EXEMPT)
STATUS = {
    "COMPLETE": "Complete",
    "PARTIAL_HOLD": "Partly held",
}
OUTCOMES = {
    "VERIFIED": "Read back: gone",
    "ANONYMISED": "Read back: anonymised",
    "ATTESTED": "Attested",
    "HELD": "Held",
    "EXEMPT": "Exempt",
}


def result(certificate: Facts) -> str:
    """What became of the items, in a sentence or a few."""
    counts, items = totals(certificate), certificate["summary"]["items"]
    if not items:
        return "No item was found in any of the stores searched."
    said = [_erased(counts["VERIFIED"], items)] if counts["VERIFIED"] else []
    if counts["ANONYMISED"]:
        said.append(f"{count(counts['ANONYMISED'], 'item')} anonymised, and read back as such.")
    if counts["ATTESTED"]:
        said.append(f"{count(counts['ATTESTED'], 'item')} attested, which cannot be read back.")
    said += [f"{count(number, 'item')} kept under {why}." for why, number in _kept_by(certificate)]
    return " ".join(said)


def _erased(gone: int, items: int) -> str:
    if gone < items:
        return f"{gone:,} of {count(items, 'item')} erased and read back: gone."
    all_of = f"All {items:,} items" if items > 1 else "The one item found was"
    return f"{all_of} erased and read back: gone."


def kept_lines(certificate: Facts, systems: Mapping[str, str]) -> list[dict[str, Any]]:
    """The kept items by system, article and date."""
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for line in certificate["retained"]:
        slug = line["store"].partition(".")[0]
        key = (slug, line["ground"], line["until"] or "", line["review_by"] or "")
        one = sums.setdefault(key, line | {"system": systems.get(slug, slug), "items": 0})
        one["items"] += line["items"]
    return [sums[key] for key in sorted(sums)]


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


def refuse_personal_facts(certificate: Facts) -> None:
    """Refuse facts that name a person; the controller's own contact is none of them.

    Raises:
        RefusedError: an e-mail address or phone number stands in them.
    """
    skipped = ("controller", "log")  # the log's base64 root may look like a number
    rest = {key: value for key, value in certificate.items() if key not in skipped}
    refuse_personal([json.dumps(rest, ensure_ascii=False)])


def refuse_personal(texts: Iterable[str]) -> None:
    """Refuse texts that name a person.

    Raises:
        RefusedError: an e-mail address or phone number stands in one. It is not repeated.
    """
    for text in texts:
        if ADDRESS.search(text) or NUMBER.search(text):
            raise RefusedError("A certificate may not hold an e-mail address or phone number.")


def titled(name: str, titles: Mapping[str, str]) -> str | tuple[str, str]:
    """What people call a store, with the log's name below it."""
    return (titles[name], name) if titles.get(name, name) != name else name


def totals(certificate: Facts) -> dict[str, int]:
    """How many items ended with each final outcome."""
    sums = dict.fromkeys(OUTCOMES, 0)
    for outcomes in certificate["summary"]["by_store"].values():
        for outcome, number in outcomes.items():
            sums[outcome] += number
    return sums


def counted(outcomes: Mapping[str, int]) -> list[str]:
    """Found, read back gone, anonymised, attested, kept."""
    kept = sum(outcomes.get(outcome, 0) for outcome in KEPT)
    shown = [outcomes.get(name, 0) for name in ("VERIFIED", "ANONYMISED", "ATTESTED")]
    return [f"{number:,}" for number in (sum(outcomes.values()), *shown, kept)]


def _kept_by(certificate: Facts) -> list[tuple[str, int]]:
    """The kept items by article and date; past three such lines, all in one."""
    groups: dict[str, int] = {}
    for line in certificate["retained"]:
        why = f"Art. {line['ground']} {until(line)}"
        groups[why] = groups.get(why, 0) + line["items"]
    if len(groups) > 3:
        return [("several articles and dates, listed below", sum(groups.values()))]
    return list(groups.items())


def until(line: Facts) -> str:
    """Until when something is kept, or by when that is looked at again."""
    if line["until"]:
        return f"until {written(line['until'])}"
    return f"reviewed by {written(line['review_by'])}"


def overwritten(when: str | None) -> str:
    """When backups stop holding what was erased."""
    return f"overwritten by {written(when)}" if when else "no date of overwriting is known"


def told_of(recipients: Facts) -> str:
    """How many recipients were told of the erasure (Art. 19)."""
    if not recipients["told"] + recipients["not_told"]:
        return "none on record here"
    return f"{recipients['told']:,} told, {recipients['not_told']:,} not told"


def identifiers(certificate: Facts) -> list[str]:
    """How many identifiers of each kind: counts, never values."""
    kinds = [line["kind"] for line in certificate["subject"]["identifiers"]]
    return [count(kinds.count(kind), *KINDS.get(kind, (plain(kind),))) for kind in sorted({*kinds})]
