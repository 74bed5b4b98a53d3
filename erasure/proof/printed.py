"""The facts block on the certificate's pages, and whether it says what the JSON says.

The block is titled "Facts as recorded" and has one line for each fact. Lines may
break anywhere when text is taken out of a PDF, so white space is not compared.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from erasure.proof.entries import digest
from erasure.values import Outcome

TITLE = "Facts as recorded"
_LABELS = ("Digest", "Reference", "Status", "Issued", "Items")
_ROW = re.compile(rf"(?<!\S)(\S+)\s+({'|'.join(Outcome)})\s+([0-9]+)(?!\S)")


def fact_lines(certificate: Mapping[str, Any], data: bytes) -> list[str]:
    """The lines under the title, in order. ``data``: the bytes of certificate.json."""
    return [f"{label}: {value}" for label, value in _facts(certificate, data)] + [
        f"{store} {outcome} {items}" for store, outcome, items in _rows(certificate)
    ]


def before_block(text: str) -> str:
    """What stands before the block, for people to read; everything if there is none."""
    title = _TITLE.search(text)
    return text[: title.start()] if title else text


def check(text: str, certificate: Mapping[str, Any], data: bytes) -> list[str]:
    """What the printed text lacks or contradicts."""
    title = _TITLE.search(text)
    if title is None:
        return [f'The pages have no block "{TITLE}".']
    block = text[title.end() :]
    problems = [
        f"The printed line {label} is missing or not the certified one."
        for label, value in _facts(certificate, data)
        if not _stands(label, value, block)
    ]
    rows = list(_rows(certificate))
    problems += [
        f"The printed count of {outcome} in {store} is missing or another one."
        for store, outcome, items in rows
        if not _ending(f"{store} {outcome} {items}").search(block)
    ]
    known = ["".join(row) for row in rows]
    problems += [
        f"A printed count is not certified: {row[2]} {row[3]}."
        for row in _ROW.finditer(block)
        if not any(one.endswith("".join(row.groups())) for one in known)
    ]
    return problems


def _facts(certificate: Mapping[str, Any], data: bytes) -> Iterator[tuple[str, str]]:
    values = (
        digest(data),
        certificate["case"]["ref"],
        certificate["case"]["status"],
        certificate["certificate"]["issued_at"],
        str(certificate["summary"]["items"]),
    )
    return zip(_LABELS, values, strict=True)


def _rows(certificate: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for store, counts in sorted(certificate["summary"]["by_store"].items()):
        for outcome, items in sorted(counts.items()):
            yield store, outcome, str(items)


def _stands(label: str, value: str, block: str) -> bool:
    """Every line that begins with the label goes on with the value, and there is one."""
    starts = list(re.finditer(rf"(?m)^[ \t]*({label}:)", block))
    exact = _ending(f"{label}: {value}")
    return bool(starts) and all(exact.match(block, start.start(1)) for start in starts)


def flexible(text: str) -> str:
    """A pattern for the text with any white space between any two characters."""
    return r"\s*".join(re.escape(letter) for letter in text if not letter.isspace())


def _ending(text: str) -> re.Pattern[str]:
    return re.compile(flexible(text) + r"(?!\S)")


_TITLE = re.compile(flexible(TITLE))
