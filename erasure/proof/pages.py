"""What a person reads on a certificate's pages, and whether it says what the JSON says.

The forms below are part of the certificate's format: whoever words a page anew keeps them.
Names of systems and stores are the controller's own and are not compared, nor is other text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from erasure.proof import printed
from erasure.proof.encoding import parse_time
from erasure.proof.entries import digest

Certificate = Mapping[str, Any]
Counts = tuple[int, ...]  # found, read back gone, anonymised, attested, kept

STATUS = {
    "COMPLETE": "Complete: nothing remains",
    "PARTIAL_HOLD": "Partly held: a later version",
}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_NUMBER = r"([0-9][0-9,]*)"
_FIVE = r"\s+" + r"\s+".join([_NUMBER] * 5) + r"(?!\S)"
_HEAD, _END = re.compile(r"Attested\s+Kept\s"), re.compile(r"\sAll\s+systems\s")
_KEPT = re.compile(rf"(?<!\S){_NUMBER}\s+items?\s+kept\s+under")
_GONE = r"erased\s+and\s+read\s+back:\s+gone"

Form = tuple[str, str, tuple[str, ...] | None]  # what, how it reads, its groups; None: nowhere


def check(text: str, certificate: Certificate, data: bytes) -> list[str]:
    """What the pages lack or contradict. ``data``: the bytes of certificate.json.

    A form must stand before the facts block, where people read, and nowhere say otherwise.
    """
    front = printed.before_block(text)
    problems = [
        problem
        for what, pattern, wanted in (*_forms(certificate, data), *_results(certificate))
        for problem in _problems(what, re.compile(pattern), wanted, front, text)
    ]
    kept = sum(_number(one[1]) for one in _KEPT.finditer(text))
    if kept != _sum(certificate["summary"]["by_store"].values())[-1]:
        problems.append("The pages say otherwise than certified how many items are kept.")
    if not _are_rows(_cells(front), _by_system(certificate)):
        problems.append("The counts by system on the first page are not the certified ones.")
    return problems


def _problems(
    what: str, pattern: re.Pattern[str], wanted: tuple[str, ...] | None, front: str, text: str
) -> Iterator[str]:
    said = [
        tuple(" ".join(group.split()) for group in one.groups()) for one in pattern.finditer(text)
    ]
    if any(one != wanted for one in said):
        yield f"The pages say otherwise than certified {what}."
    elif wanted is not None and not pattern.search(front):
        yield f"The pages do not say {what}."


def _forms(certificate: Certificate, data: bytes) -> Iterator[Form]:
    this, status = certificate["certificate"], certificate["case"]["status"]
    name = (certificate["case"]["ref"], str(this["version"]))
    yield "which case and version it is", r"(?<!\S)(\S+),\s+version\s+([0-9]+)", name
    moment = rf"([0-9]+\s+(?:{'|'.join(MONTHS)})\s+[0-9]+,\s+[0-9:]+\s+UTC)"
    yield "when it was issued", rf"issued\s+{moment}", (_written(this["issued_at"]),)
    yield "the digest", r"(?<!\S)Digest:?\s+([0-9a-f]{64})(?!\S)", (digest(data),)
    for one, sentence in STATUS.items():
        yield "the status", r"\s+".join(sentence.split()), () if one == status else None
    lost = len(certificate["not_reached"])
    every = None if lost else ()
    yield "that every store was searched", r"Every\s+store\s+was\s+searched", every
    unreached = rf"(?<!\S){_NUMBER}\s+stores?\s+no\s+search\s+could\s+reach"
    yield "how many stores no search could reach", unreached, (f"{lost:,}",) if lost else None


def _results(certificate: Certificate) -> Iterator[Form]:
    """What became of the items: in sentences, in sums, store by store."""
    stores = certificate["summary"]["by_store"]
    counts = _sum(stores.values())
    found, gone, anonymised, attested, _ = counts
    some = (f"{gone:,}", f"{found:,}") if 0 < gone < found else None
    yield "how much is gone", rf"(?<!\S){_NUMBER}\s+of\s+{_NUMBER}\s+items\s+{_GONE}", some
    all_of = (f"{found:,}",) if gone == found > 1 else None
    yield "whether all is gone", rf"All\s+{_NUMBER}\s+items\s+{_GONE}", all_of
    alone = () if gone == found == 1 else None
    yield "whether the one item is gone", rf"The\s+one\s+item\s+found\s+was\s+{_GONE}", alone
    none = None if found else ()
    yield "whether anything was found", r"No\s+item\s+was\s+found\s+in\s+any", none
    for what, number in (("anonymised", anonymised), ("attested", attested)):
        one = (f"{number:,}",) if number else None
        yield f"how much is {what}", rf"(?<!\S){_NUMBER}\s+items?\s+{what},", one
    for name in ("systems", "stores"):
        yield f"the sum of all {name}", rf"All\s+{name}{_FIVE}", _shown(counts)
    for store, outcomes in stores.items():
        pattern = rf"(?<!\S){printed.flexible(store)}{_FIVE}"
        yield f"the counts of {store}", pattern, _shown(_sum([outcomes]))


def _cells(front: str) -> list[str]:
    """What stands between head and sum of the table of systems."""
    head = _HEAD.search(front)
    end = _END.search(front, head.end() - 1) if head else None
    rows = front[head.end() : end.start()] if head and end else ""
    return [cell.strip() for cell in rows.splitlines() if cell.strip()]


def _are_rows(cells: Sequence[str], wanted: Sequence[Counts]) -> bool:
    """Whether each row is a name and these counts; the last one may sum up the rest."""
    rests = [[_added(wanted[start:])] for start in range(len(wanted))]
    return any(_fit(cells, [*wanted[:cut], *rest]) for cut, rest in enumerate([*rests, []]))


def _fit(cells: Sequence[str], rows: Sequence[Counts]) -> bool:
    at = 0
    for row in rows:
        numbers, start = (
            list(_shown(row)),
            at + 1,
        )  # a name has one cell at least, and may be a number
        while cells[start : start + 5] != numbers:
            start += 1
            if start + 5 > len(cells) or _is_row(cells[at:start]):
                return False
        at = start + 5
    return at == len(cells)


def _is_row(cells: Sequence[str]) -> bool:
    """Whether a row of other counts lies in what should be one name."""
    return len(cells) > 5 and all(re.fullmatch(_NUMBER, cell) for cell in cells[-5:])


def _by_system(certificate: Certificate) -> list[Counts]:
    stores = certificate["summary"]["by_store"]
    slugs = sorted({store.partition(".")[0] for store in stores})
    return [
        _sum([counts for store, counts in stores.items() if store.partition(".")[0] == slug])
        for slug in slugs
    ]


def _sum(every: Iterable[Mapping[str, int]]) -> Counts:
    counts = [
        (
            sum(one.values()), one.get("VERIFIED", 0), one.get("ANONYMISED", 0),
            one.get("ATTESTED", 0), one.get("HELD", 0) + one.get("EXEMPT", 0),
        )
        for one in every
    ]  # fmt: skip
    return _added(counts)


def _added(counts: Sequence[Counts]) -> Counts:
    return tuple(map(sum, zip(*counts, strict=True))) or (0,) * 5


def _shown(counts: Counts) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in counts)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _written(text: str) -> str:
    """``2 Mar 2027, 14:05 UTC``"""
    at = parse_time(text)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"
