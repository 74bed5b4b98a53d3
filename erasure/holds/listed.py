"""Conversation ids from a CSV file: read, counted and shown before anything is placed."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from erasure.errors import InputError
from erasure.holds.index import UUID_FORM, conversation_index
from erasure.models import OPEN_STATES, DataItem, SystemConnection
from erasure.values import CaseState, System

MOST_IDS = 5_000
MOST_BYTES = 2 * 2**20
LONGEST = 100  # characters of an id
HEADING = re.compile(r"conversation[ _-]?ids?|conversations?|ids?", re.IGNORECASE)
AN_ID = re.compile(r"[!-~]+")  # printable, without blanks


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file holds. Lines are counted as an editor does, from 1."""

    ids: tuple[str, ...]
    repeated: int
    unreadable: tuple[int, ...]  # lines that hold no id


@dataclass(frozen=True, slots=True)
class Touched:
    """What is known here of the conversations."""

    conversations: int
    records: int
    cases: int  # open or partly held


def read_ids(data: bytes, connection: SystemConnection | None) -> Listed:
    """The ids in the column headed ``conversation id``, or in the first one.

    Raises:
        InputError: too large, not UTF-8, or without any id.
    """
    if len(data) > MOST_BYTES:
        raise InputError("file", "The file is larger than 2 MB: split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("file", "The file is not UTF-8 text: save it as CSV UTF-8.") from None
    rows = list(csv.reader(text.splitlines(), delimiter=_delimiter(text)))
    column, start = _column(rows)
    strict = connection is not None and connection.system == System.GENESYS
    ids, unreadable = [], []
    for number, row in enumerate(rows[start:], start=start + 1):
        value = row[column].strip() if len(row) > column else ""
        if _is_id(value, strict=strict):
            ids.append(value)
        elif any(cell.strip() for cell in row):
            unreadable.append(number)
    return _listed(ids, unreadable)


def _listed(ids: Sequence[str], unreadable: Iterable[int]) -> Listed:
    unique = tuple(dict.fromkeys(ids))
    if not unique:
        raise InputError("file", "No conversation id was found in the file.")
    if len(unique) > MOST_IDS:
        raise InputError("file", f"The file names more than {MOST_IDS} conversations: split it.")
    return Listed(unique, len(ids) - len(unique), tuple(unreadable))


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The column with the ids, and the first row that may hold one."""
    for place, cell in enumerate(rows[0] if rows else ()):
        if HEADING.fullmatch(cell.strip()):
            return place, 1
    return 0, 0


def _is_id(value: str, *, strict: bool) -> bool:
    """Genesys Cloud names a conversation by a UUID; other systems as they like."""
    if strict:
        return bool(UUID_FORM.fullmatch(value))
    return len(value) <= LONGEST and bool(AN_ID.fullmatch(value))


def touched(connection: SystemConnection, ids: Iterable[str]) -> Touched:
    """Records of these conversations in cases that a hold on them would reach."""
    indexes = {conversation_index(connection.slug, each) for each in ids}
    reached = Q(case__state__in=[*OPEN_STATES, CaseState.PARTIAL_HOLD])
    known: dict[str, set[UUID]] = {}
    records = 0
    rows = DataItem.objects.filter(reached, connection=connection).exclude(parent_index="")
    for chunk in _chunks(sorted(indexes)):
        for index, case_id in rows.filter(parent_index__in=chunk).values_list(
            "parent_index", "case"
        ):
            known.setdefault(index, set()).add(case_id)
            records += 1
    return Touched(len(known), records, len(set().union(*known.values()) if known else ()))


def _chunks(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (values[n : n + size] for n in range(0, len(values), size))
