"""What becomes of the rows of a case at each stage: deleted, or stripped to statistics.

A table that leads to a case is deleted with the secret it is sealed under, else with the
file. The tables of STATISTICS keep their rows, so that a report of long ago still counts
them; of these every column goes that is not named here.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db.models import (
    BinaryField,
    Case,
    CharField,
    F,
    Field,
    JSONField,
    Model,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.deletion import CASCADE
from django.db.models.functions import Cast, Concat

from erasure.deadlines.retention import Stage
from erasure.models import (
    Attempt,
    CaseSecret,
    Certificate,
    DataItem,
    DeletionLogEntry,
    ErasureCase,
    IdentityDocument,
    IdentityEvidence,
    KeyDestruction,
    Letter,
    StoreSearch,
    VendorJob,
    Verification,
    line_index,
)
from erasure.models.sealed import SealedText

Table = type[Model]

WITH: dict[Table, Stage] = {  # deleted with a stage that no sealed column tells of
    IdentityDocument: Stage.DOCUMENTS,
    IdentityEvidence: Stage.INVENTORY,
    DeletionLogEntry: Stage.LOG,
}
STATISTICS: dict[Table, frozenset[str]] = {
    ErasureCase: frozenset({
        "reference", "state", "channel", "language", "on_behalf", "received_at", "logged_at",
        "requester_confirmed_at", "statutory_base", "statutory_due", "internal_target", "country",
        "subdivision", "zone", "regime", "suspended_days", "restarted_on", "extended_at", "grounds",
        "identity_verified_at", "approved_at", "decided_role", "opinion_role", "answered_at",
        "completed_at", "closed_at", "close_reason", "refusal_article", "seconds_to_complete",
        "purged_at",
    }),
    StoreSearch: frozenset({"connection", "store", "status", "searched_at", "decision"}),
    DataItem: frozenset({
        "connection", "store", "log_number", "state", "verdict", "article", "seen_at",
        "requested_at", "recoverable_until", "ended_at",
    }),
    Attempt: frozenset({"started_at", "ended_at", "outcome"}),
    VendorJob: frozenset({
        "connection", "kind", "state", "vendor_state", "submitted_at", "ended_at", "escalated_at",
    }),
    Verification: frozenset({
        "state", "method", "opened_at", "asked_at", "answered_at", "decided_at",
    }),
    Letter: frozenset({
        "kind", "state", "version", "language", "article", "channel", "written_at",
        "dispatched_at",
    }),
    Certificate: frozenset({
        "public_id", "version", "stage", "status", "sha256", "built_at", "issued_at",
    }),
    KeyDestruction: frozenset({"purpose", "at"}),
}  # fmt: skip
INDEXES: dict[Table, tuple[Stage, frozenset[str]]] = {  # what a key could still be asked about
    DataItem: (
        Stage.INVENTORY, frozenset({"remote_index", "parent_index", "division", "occurred_at"}),
    ),
    VendorJob: (Stage.LOG, frozenset({"remote_index"})),
}  # fmt: skip


@lru_cache(maxsize=1)
def tables() -> dict[Table, str]:
    """Every table whose rows go with their case, and how it leads there."""
    found: dict[Table, str] = {}
    edge: list[tuple[Table, str]] = [(ErasureCase, "")]
    while edge:
        parent, path = edge.pop(0)
        for relation in parent._meta.related_objects:
            table: Any = relation.related_model
            new = table not in found and table not in (ErasureCase, CaseSecret)
            if new and relation.on_delete is CASCADE:
                found[table] = "__".join(filter(None, (relation.field.name, path)))
                edge.append((table, found[table]))
    return found


def sealed_columns(table: Table) -> dict[str, Stage]:
    """The encrypted columns of a table, and the stage whose secret opens them."""
    own = [each for each in vars(table).values() if isinstance(each, SealedText)]
    stages = set(Stage)
    return {each.column: Stage(each.purpose) for each in own if each.purpose in stages}


def stage_of(table: Table) -> Stage:
    """With which stage the rows of a table are deleted."""
    if table in WITH:
        return WITH[table]
    under = set(sealed_columns(table).values())
    return under.pop() if len(under) == 1 else Stage.FILE


def delete_rows(case: ErasureCase, stage: Stage) -> None:
    """Every row of a case that goes with a stage."""
    for table, path in tables().items():
        if table not in STATISTICS and stage_of(table) is stage:
            _of(case, table, path).delete()


def strip_rows(case: ErasureCase, stage: Stage) -> None:
    """Take from the rows that stay what goes with a stage."""
    for table in STATISTICS:
        if fields := [each for each in table._meta.concrete_fields if _goes(table, each, stage)]:
            rows = _of(case, table, tables().get(table, "pk"))
            rows.update(**{each.name: value for each in fields for value in _instead(case, each)})


def _of(case: ErasureCase, table: Table, path: str) -> "QuerySet[Any]":
    return table._default_manager.filter(**{path: case.pk}).order_by()


def _goes(table: Table, field: "Field[Any, Any]", stage: Stage) -> bool:
    """Whether a column goes with a stage; what ties a row to its case stays."""
    leads = tables().get(table, "").split("__")[0]
    if field.primary_key or field.name == leads or field.name in STATISTICS[table]:
        return False
    at, indexes = INDEXES.get(table, (Stage.FILE, frozenset()))
    with_ = at if field.name in indexes else sealed_columns(table).get(field.name, Stage.FILE)
    return with_ is stage


def _instead(case: ErasureCase, field: "Field[Any, Any]") -> Iterator[Any]:
    """What stands there afterwards. A number or date that must be there tells nothing, and stays.

    An index by which rows are told apart becomes the row's own key; the line of a whole
    store has none of a record.
    """
    if field.name == "remote_index":
        lines = [
            line_index(case.pk, name) for name in case.searches.values_list("store", flat=True)
        ]
        own = Concat(Value("purged-"), Cast(F("pk"), CharField()))
        yield Case(When(remote_index__in=lines, then=F("remote_index")), default=own)
    elif field.null:
        yield None
    elif isinstance(field, BinaryField):
        yield b""
    elif isinstance(field, CharField | TextField):
        yield ""
    elif isinstance(field, JSONField):
        yield field.get_default()
