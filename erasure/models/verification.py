"""How the person proved who they are. Never the document, its number or a hash of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.errors import InputError
from erasure.models.proofs import lacking
from erasure.models.sealed import OfCase
from erasure.values import Channel, DocumentType, VerificationMethod, VerificationState

V = VerificationState
LONGEST = 300  # characters of a reason
REMIND_AFTER = timedelta(days=14)  # of the first question
ASKING = (Channel.EMAIL, Channel.PHONE, Channel.LETTER, Channel.IN_PERSON)


class Verification(OfCase, models.Model):
    """The evidence record: method, doubt, kinds of attribute matched, who, when, result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="verifications")
    state = FSMField(choices=[(s, s) for s in V], default=V.OPEN.value, protected=True)
    opened_at = models.DateTimeField(default=clock.now)

    # What is on file in the systems, looked up before anything is asked
    lookup_asked_at = models.DateTimeField(null=True, blank=True)
    looked_up_at = models.DateTimeField(null=True, blank=True)
    risks = models.JSONField(default=list, blank=True)  # of the wrong person; sentences, no value

    # The question
    doubt = models.CharField("reasonable doubt", max_length=LONGEST, blank=True)
    offered = models.JSONField(default=list, blank=True)  # methods, the least intrusive first
    asked_by = models.CharField(
        max_length=12, blank=True, choices=[(c.value, c.value) for c in ASKING]
    )
    sent_to = models.ForeignKey(
        "SubjectIdentifier", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    letter_due = models.BooleanField(default=False)  # the letter that asks is to be written
    asked_at = models.DateTimeField(null=True, blank=True)  # it left, for the first time
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    # The last resort: a copy of an identity document
    copy_reason = models.CharField(max_length=LONGEST, blank=True)
    alternatives = models.JSONField("alternatives tried", default=list, blank=True)
    proposed_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)  # the copy was destroyed

    # What came of it
    on_file = models.ForeignKey("OnFile", models.SET_NULL, null=True, blank=True, related_name="+")
    on_file_reason = models.CharField(max_length=LONGEST, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)  # a link on file or an eID was used
    denied_at = models.DateTimeField(null=True, blank=True)  # "it was not me"
    provider = models.CharField("electronic identity", max_length=40, blank=True)
    source = models.CharField("where the number was on file", max_length=100, blank=True)
    document_type = models.CharField(
        max_length=20, blank=True, choices=[(d.value, d.value) for d in DocumentType]
    )
    document_country = models.CharField(max_length=2, blank=True)

    # The decision
    method = models.CharField(
        max_length=14, blank=True, choices=[(m, m) for m in VerificationMethod]
    )
    matched = models.JSONField("kinds of attribute matched", default=list, blank=True)
    reason = models.CharField(max_length=LONGEST, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["opened_at"]
        indexes = [
            models.Index(fields=["answered_at"], name="verification_answered"),
            models.Index(fields=["decided_at"], name="verification_decided"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in V]), name="verification_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Verification ({self.state})"

    @property
    def copy_approved(self) -> bool:
        return self.approved_by_id is not None and self.approved_by_id != self.proposed_by_id

    @property
    def copy_to_approve(self) -> bool:
        return self.proposed_by_id is not None and self.approved_by_id is None

    @transition(state, [V.OPEN, V.ASKED], V.ASKED)
    def ask(
        self, *, actor: Any, doubt: str, offered: Sequence[str], by: str, to: Any = None
    ) -> None:
        """``asked_at`` is when its letter left; a repeated question keeps the first."""
        self.doubt, self.asked_by, self.sent_to = doubt, Channel(by), to
        self.offered = [method for method in VerificationMethod if method in offered]
        self.letter_due = by == Channel.EMAIL
        if self.asked_at is None and not self.letter_due:
            self.asked_at = clock.now()

    def left(self, at: datetime) -> None:
        """The letter that asks was dispatched: the first one counts, a late one reminds."""
        if self.asked_at is None:
            self.asked_at = at
        elif at >= self.asked_at + REMIND_AFTER:
            self.reminded_at = at

    @transition(state, [V.OPEN, V.ASKED], V.ANSWERED)
    def answer(self, *, actor: Any) -> None:
        self.answered_at = clock.now()

    @transition(state, [V.OPEN, V.ASKED, V.ANSWERED], V.CONFIRMED)
    def confirm(
        self, *, actor: Any, how: str, matched: Sequence[str], reason: str, doubt: str = "",
        on_file_reason: str = "", source: str = "", document_type: str = "",
        document_country: str = "",
    ) -> None:  # fmt: skip
        """
        Raises:
            InputError: names the first thing the method lacks.
        """
        self._decide(actor, reason)
        self.method, self.matched = VerificationMethod(how), list(matched)
        self.doubt = doubt or self.doubt
        self.on_file_reason, self.source = on_file_reason, source
        self.document_type, self.document_country = document_type, document_country
        for field, text in lacking(self, actor):
            raise InputError(field, text)

    @transition(state, [V.OPEN, V.ASKED, V.ANSWERED], V.REJECTED)
    def reject(self, *, actor: Any, reason: str) -> None:
        self._decide(actor, reason)

    @transition(state, [V.OPEN, V.ASKED], V.EXPIRED)
    def expire(self, *, actor: Any) -> None:
        self.decided_at = clock.now()

    def _decide(self, actor: Any, reason: str) -> None:
        self.decided_by, self.decided_at, self.reason = actor.user, clock.now(), reason


class IdentityDocument(OfCase, models.Model):
    """One page of a proof, re-encoded and encrypted under the case's document key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="documents")
    verification = models.ForeignKey(Verification, models.CASCADE, related_name="pages")
    page = models.PositiveSmallIntegerField()
    data_sealed = models.BinaryField()  # JPEG
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["uploaded_at", "page"]

    def __str__(self) -> str:
        return f"Page {self.page}"
