"""Who the person was found to be: the graph's rows and the table that says the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from erasure.admin import words
from erasure.admin.access import revealed_until, shown
from erasure.admin.base import may
from erasure.admin.relations import relations
from erasure.admin.words import Badge
from erasure.identity.graph import Card, Graph, Label, lay_out
from erasure.identity.svg import svg
from erasure.models import ErasureCase, IdentityEvidence, SubjectIdentifier
from erasure.systems import store_of
from erasure.values import CaseState, IdentifierKind, IdentifierState

DECIDABLE = (IdentifierState.IN_QUESTION, IdentifierState.LEAD)
MANY = 2  # records linked beside an identifier; the others are counted
READABLE = 60  # nodes; a larger drawing is folded away at first
MOST_DRAWN = 300  # nodes; beyond that the table alone can be read
Place = tuple[UUID, str, str]  # connection, store, keyed index of the record


@dataclass(frozen=True, slots=True)
class Carrier:
    """A record on which an identifier was seen; without a link where none is in the inventory."""

    said: str  # "record 4"
    url: str
    field: str


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    pk: UUID
    kind: str
    value: str
    how: str
    carriers: tuple[Carrier, ...]
    more: int
    badge: Badge
    question: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    searched_at: datetime | None
    to_decide: bool


def identity(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """The section of the case page: graph, table, and other cases of the same person."""
    clear = revealed_until(request, case) is not None
    rows = list(case.identifiers.all())
    for row in rows:
        row.case = case  # its keys are loaded
    values = {row.pk: shown(row, clear=clear) for row in rows}
    seen = list(case.evidence.select_related("connection"))
    links = _links(case, seen)
    drawn = lay_out(_labels(rows, values), _cards(seen, links, {row.pk: row for row in rows}))
    deciding = case.state == CaseState.DPO_REVIEW and may(request, "decide_item")
    by_row: dict[UUID, list[IdentityEvidence]] = {}
    for each in seen:
        by_row.setdefault(each.identifier_id, []).append(each)
    return {
        "identifiers": [
            _row(row, values[row.pk], by_row.get(row.pk, []), links, deciding=deciding)
            for row in sorted(rows, key=_open_first)
        ],
        "graph": _picture(drawn),
        "graph_open": len(drawn.nodes) <= READABLE,
        "in_question": sum(row.state == IdentifierState.IN_QUESTION for row in rows),
        **relations(case),
    }


def _labels(rows: Iterable[SubjectIdentifier], values: Mapping[UUID, str]) -> list[Label]:
    return [
        Label(_id(row), words.KIND[IdentifierKind(row.kind)], values[row.pk],
              IdentifierState(row.state), row.given)
        for row in rows
    ]  # fmt: skip


def _cards(
    seen: Iterable[IdentityEvidence],
    links: Mapping[Place, tuple[str, str]],
    rows: Mapping[UUID, SubjectIdentifier],
) -> list[Card]:
    """Every record with evidence on it; what is not in the inventory has no number."""
    by_record: dict[Place, list[IdentityEvidence]] = {}
    for each in seen:
        by_record.setdefault(_place(each), []).append(each)
    return [
        Card(
            f"r{number:05}", store_of(some[0].connection, some[0].store).title,
            links[place][0].rpartition(", ")[2] if place in links else some[0].connection.name,
            IdentifierState(some[0].state),
            {_id(rows[each.identifier_id]): each.field for each in some},
            frozenset(_id(rows[each.identifier_id]) for each in some if each.looked_up),
        )
        for number, (place, some) in enumerate(by_record.items())
    ]  # fmt: skip


def _id(row: SubjectIdentifier) -> str:
    return f"i{row.number:05}"


def _picture(drawn: Graph) -> SafeString | None:
    """The drawing; none before a search, and none that nobody could read."""
    if not drawn.edges or len(drawn.nodes) > MOST_DRAWN:
        return None
    drawing = svg(drawn, "Who the person was found to be")  # escapes all it is given
    return mark_safe(drawing)  # noqa: S308  # nosec B308 B703


def _open_first(row: SubjectIdentifier) -> tuple[bool, int]:
    return row.state != IdentifierState.IN_QUESTION, row.number


def _row(
    row: SubjectIdentifier,
    value: str,
    seen: list[IdentityEvidence],
    links: Mapping[Place, tuple[str, str]],
    *,
    deciding: bool,
) -> IdentifierRow:
    carriers = [
        Carrier(*links[_place(each)], _field(each)) for each in seen if _place(each) in links
    ]
    return IdentifierRow(
        row.pk, words.KIND[IdentifierKind(row.kind)], value, row.provenance,
        tuple(carriers[:MANY]), len(carriers[MANY:]),
        words.IDENTIFIER[IdentifierState(row.state)], row.question,
        tuple(row.speaks_for), tuple(row.speaks_against), row.searched_at,
        deciding and row.state in DECIDABLE and row.kind != IdentifierKind.NAME,
    )  # fmt: skip


def _field(each: IdentityEvidence) -> str:
    return each.field or ("found by it" if each.looked_up else "")


def _place(each: IdentityEvidence) -> Place:
    return each.connection_id, each.store, each.record_index


def _links(case: ErasureCase, seen: Iterable[IdentityEvidence]) -> dict[Place, tuple[str, str]]:
    """Each record with evidence on it: how it is called, and its page; one query."""
    indexes = {each.record_index for each in seen}
    items = case.items.filter(remote_index__in=indexes).select_related("connection")
    found = {}
    for item in items.defer("locator_sealed"):
        title = store_of(item.connection, item.store).title
        url = reverse("admin:case_record", args=[case.pk, item.pk])
        found[item.connection_id, item.store, item.remote_index] = (
            f"{title}, record {item.place}", url,
        )  # fmt: skip
    return found
