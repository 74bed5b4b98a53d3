"""Other cases of the same person, as the page of a case tells of them."""

from dataclasses import dataclass
from typing import Any

from erasure.admin import words
from erasure.admin.words import Badge
from erasure.documents.words import kind, listed
from erasure.intake import likely_duplicates, relations_of
from erasure.models import CaseRelation, ErasureCase
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import IdentifierKind, Relation, VerificationState

SAID = {Relation.LINKED: "Linked with", Relation.MERGED: "Merged with"}
DUPLICATE_OF = "Closed as a duplicate of"


@dataclass(frozen=True, slots=True)
class Related:
    """Another case, and what was decided on the two."""

    said: str
    other: ErasureCase


def relations(case: ErasureCase) -> dict[str, Any]:
    """What was decided on it and others, and those nobody has decided on yet."""
    undecided = likely_duplicates(case) if case.state in BEFORE_EXECUTION else []
    decided = [_related(case, row) for row in relations_of(case)]
    return {"duplicates": undecided, "related": decided}


def _related(case: ErasureCase, row: CaseRelation) -> Related:
    is_kept = row.case_id == case.pk
    said = SAID[Relation(row.relation)]
    if row.relation == Relation.MERGED and not is_kept:
        said = DUPLICATE_OF
    return Related(said, row.other if is_kept else row.case)


def shared_kinds(case: ErasureCase, other: ErasureCase) -> str:
    """“e-mail address and phone number”: kinds only, the values stay masked."""
    indexes = case.identifiers.exclude(kind=IdentifierKind.NAME).values("blind_index")
    both = other.identifiers.filter(blind_index__in=indexes).values_list("kind", flat=True)
    return listed(sorted({kind(IdentifierKind(each)) for each in both}))


def proof_badge(case: ErasureCase) -> Badge:
    """How far the identity of a case is proven: a merge brings nothing of it over."""
    last = case.verifications.order_by("-opened_at").first()
    return words.VERIFICATION[VerificationState(last.state)] if last else Badge("None")
