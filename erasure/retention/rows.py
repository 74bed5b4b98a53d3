"""What becomes of the rows of a case at each stage: deleted, or stripped to statistics.

A table that leads to a case is deleted with the secret it is sealed under, else with the
file. The tables of STATISTICS keep their rows, so that a report of long ago still counts
them: their dates, numbers and words of the domain stay; text, bytes and names of people go.
"""

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
    UUIDField,
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
    Concern,
    DataItem,
    DeletionLogEntry,
    ErasureCase,
    IdentityDocument,
    IdentityEvidence,
    KeyDestruction,
    Letter,
    RecipientNotice,
    StoreSearch,
    Subject,
    SystemConnection,
    VendorJob,
    Verification,
    line_index,
)
from erasure.models.sealed import SealedText

Table = type[Model]
TEXT = (CharField, TextField, JSONField, BinaryField, UUIDField)

WITH: dict[Table, Stage] = {  # deleted with a stage that no sealed column tells of
    IdentityDocument: Stage.DOCUMENTS,
    IdentityEvidence: Stage.INVENTORY,
    DeletionLogEntry: Stage.LOG,
}
STATISTICS: dict[Table, frozenset[str]] = {  # and text that says nothing of anybody
    ErasureCase: frozenset({
        "reference", "language", "country", "subdivision", "zone", "regime", "grounds",
        "decided_role", "opinion_role", "refusal_article",
    }),
    Subject: frozenset(),  # nameless, for whoever asks a case for its person
    StoreSearch: frozenset({"store"}),
    DataItem: frozenset({"store", "article"}),
    Attempt: frozenset(),
    VendorJob: frozenset({"kind", "vendor_state"}),
    Verification: frozenset(),
    Letter: frozenset({"version", "language", "article", "channel"}),
    Certificate: frozenset({"public_id", "status", "sha256"}),
    RecipientNotice: frozenset(),
    Concern: frozenset({"article"}),
    KeyDestruction: frozenset(),
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
            rows.update(**{each.name: _instead(case, each) for each in fields})


def _of(case: ErasureCase, table: Table, path: str) -> "QuerySet[Any]":
    return table._default_manager.filter(**{path: case.pk}).order_by()


def _goes(table: Table, field: "Field[Any, Any]", stage: Stage) -> bool:
    """Whether a column goes with a stage; what ties a row to its case stays."""
    leads = tables().get(table, "").split("__")[0]
    if field.primary_key or field.name == leads or field.name in STATISTICS[table]:
        return False
    at, indexes = INDEXES.get(table, (Stage.FILE, frozenset()))
    if field.name in indexes:
        return at is stage
    return sealed_columns(table).get(field.name, Stage.FILE) is stage and _tells(field)


def _tells(field: "Field[Any, Any]") -> bool:
    """Whether a column may tell of somebody. One of a few choices is a word of the domain."""
    if field.is_relation:
        return field.null and field.related_model is not SystemConnection
    return not field.choices and isinstance(field, TEXT)


def _instead(case: ErasureCase, field: "Field[Any, Any]") -> Any:
    """What stands there afterwards.

    An index by which rows are told apart becomes the row's own key; the line of a whole
    store has none of a record.
    """
    if field.name == "remote_index":
        lines = [
            line_index(case.pk, name) for name in case.searches.values_list("store", flat=True)
        ]
        own = Concat(Value("purged-"), Cast(F("pk"), CharField()))
        return Case(When(remote_index__in=lines, then=F("remote_index")), default=own)
    if field.null:
        return None
    if isinstance(field, JSONField):
        return field.get_default()
    return b"" if isinstance(field, BinaryField) else ""
