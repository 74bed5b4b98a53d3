"""The person, and the identifiers the person is found by."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from erasure.models.sealed import OfCase, SealedText, blind
from erasure.values import Identifier, IdentifierKind, IdentifierState


class Subject(OfCase, models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField("ErasureCase", models.CASCADE, related_name="subject")
    name_sealed = models.BinaryField(default=b"", blank=True)

    name = SealedText("name", "file")

    def __str__(self) -> str:
        return f"Person of {self.case.reference}"

    def initials(self) -> str:
        """What lists show instead of the name."""
        return "".join(f"{part[0]}." for part in self.name.split()[:3]) or "—"


SECOND_REQUEST = "It came with a second request, after this person was verified."
LOST = "The search no longer leads to it."  # of what records were erased by before


class IdentifierQuerySet(models.QuerySet["SubjectIdentifier"]):
    def confirmed(self) -> "IdentifierQuerySet":
        return self.filter(state=IdentifierState.CONFIRMED)

    def once_confirmed(self) -> "IdentifierQuerySet":
        """Those as well to which a later search no longer leads: a record erased since may
        still be seen under one, and a hold may name it."""
        return self.filter(Q(state=IdentifierState.CONFIRMED) | Q(question=LOST))

    def first_address(self) -> "SubjectIdentifier | None":
        """The e-mail address the person gave to be written to: the first."""
        given = self.filter(kind=IdentifierKind.EMAIL, given=True)
        return given.exclude(state=IdentifierState.REJECTED).order_by("number").first()

    def matching(self, kind: str, value: str) -> "IdentifierQuerySet":
        """Look-up by the keyed blind index, over all cases."""
        return self.filter(blind_index=blind(kind, value))


class SubjectIdentifier(OfCase, models.Model):
    """One address, number, name or id, and how it came to be known."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="identifiers")
    number = models.PositiveIntegerField()  # s/<number> in the certificate
    kind = models.CharField(max_length=20, choices=[(k, k) for k in IdentifierKind])
    value_sealed = models.BinaryField()
    blind_index = models.CharField(max_length=64, db_index=True)
    state = models.CharField(
        max_length=12,
        choices=[(s, s) for s in IdentifierState],
        default=IdentifierState.CONFIRMED,
    )
    given = models.BooleanField(default=False)  # in the request, or confirmed by an officer
    provenance = models.CharField(max_length=200)  # "given in the request"; no value in it
    question = models.CharField(max_length=200, blank=True)  # why it is in question
    speaks_for = models.JSONField(default=list, blank=True)  # sentences without a value in them
    speaks_against = models.JSONField(default=list, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)  # by an officer: never asked again
    searched_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)  # a link or code sent there came back

    value = SealedText("value", "inventory")

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "blind_index"], name="identifier_once_a_case"),
            models.UniqueConstraint(fields=["case", "number"], name="identifier_number"),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in IdentifierState]),
                name="identifier_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def as_value(self) -> Identifier:
        return Identifier(IdentifierKind(self.kind), self.value)


class IdentityEvidence(OfCase, models.Model):
    """One identifier seen on one record: the record joins all identifiers seen on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="evidence")
    identifier = models.ForeignKey(SubjectIdentifier, models.CASCADE, related_name="evidence")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    record_index = models.CharField(max_length=64)  # keyed, as DataItem.remote_index
    state = models.CharField(max_length=12, choices=[(s, s) for s in IdentifierState])
    looked_up = models.BooleanField(default=False)  # this identifier led to the record
    field = models.CharField(max_length=60, blank=True)  # "other e-mail"
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["store", "record_index", "identifier__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "identifier", "connection", "store", "record_index"],
                name="evidence_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection.slug}.{self.store}"


def add_identifier(
    case: Any, who: Identifier, *, provenance: str, state: str = IdentifierState.CONFIRMED,
    question: str = "", given: bool = False,
) -> tuple[SubjectIdentifier, bool]:  # fmt: skip
    """Record an identifier once per case; says whether it is new. Call under the case's lock."""
    index = blind(who.kind, who.value)
    known = case.identifiers.filter(blind_index=index).first()
    if known:
        return known, False
    row = SubjectIdentifier(
        case=case,
        number=case.identifiers.count(),
        kind=who.kind,
        blind_index=index,
        state=state,
        provenance=provenance[:200],
        question=question[:200],
        given=given,
    )
    row.value = who.value
    row.save(force_insert=True)
    return row, True
