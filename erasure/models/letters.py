"""Letters to the person: the words as they went out, when, and what proves it."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.crypto.cipher import seal, unseal
from erasure.models.sealed import OfCase, SealedText, case_key
from erasure.values import LetterKind, LetterState

if TYPE_CHECKING:
    from erasure.models.cases import ErasureCase

L, K = LetterState, LetterKind
ANSWERS = (K.COMPLETE, K.PARTIAL_HOLD, K.REFUSAL, K.HOLD_RELEASED)  # Art. 12(3) and (4)
PENDING = (L.WAITING, L.TO_POST, L.FAILED)
LEFT = (L.SENT, L.RETURNED)


class LetterQuerySet(models.QuerySet["Letter"]):
    def dispatched(self) -> "LetterQuerySet":
        """Proven to have left, and not known to have come back."""
        return self.filter(state=L.SENT)

    def pending(self) -> "LetterQuerySet":
        return self.filter(state__in=PENDING)

    def for_a_person(self) -> "LetterQuerySet":
        """Given up, to be posted, or came back with nothing sent of its kind since."""
        newer = Letter.objects.filter(
            case=models.OuterRef("case"), kind=models.OuterRef("kind"),
            written_at__gt=models.OuterRef("written_at"),
        ).exclude(state=L.WITHDRAWN)  # fmt: skip
        back = models.Q(state=L.RETURNED) & ~models.Exists(newer)
        return self.filter(back | models.Q(state__in=[L.FAILED, L.TO_POST]))


class Letter(OfCase, models.Model):
    """One letter, written by the product or recorded as sent outside of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=16, choices=[(k, k) for k in K])
    state = FSMField(choices=[(s, s) for s in L], default=L.WAITING.value, protected=True)
    version = models.CharField(max_length=8, blank=True)  # of the template; none if sent outside
    language = models.CharField(max_length=8)
    article = models.CharField(max_length=10, blank=True)  # of a refusal
    channel = models.CharField(max_length=12)
    reason_sealed = models.BinaryField(default=b"", blank=True)  # the officer's own words
    text_sealed = models.BinaryField()
    pdf_sealed = models.BinaryField(default=b"", blank=True)
    written_at = models.DateTimeField(default=clock.now)
    written_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    dispatched_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=300, blank=True)  # nothing personal
    problem = models.CharField(max_length=300, blank=True)  # why a person must look

    reason = SealedText("reason", "file")
    text = SealedText("text", "file")

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["written_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[k.value for k in K]), name="letter_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in L]), name="letter_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in LEFT], dispatched_at__isnull=False)
                | models.Q(dispatched_at__isnull=True)
                & ~models.Q(state__in=[s.value for s in LEFT]),
                name="letter_sent_has_its_date",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"], name="letter_for_a_person",
                condition=models.Q(state__in=["FAILED", "RETURNED", "TO_POST"]),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    def seal_pdf(self, data: bytes) -> None:
        self.pdf_sealed = seal(case_key(self.case, "file"), data, self._aad())

    def opened_pdf(self) -> bytes:
        """The very file that was attached or posted.

        Raises:
            KeyMissingError: the key was destroyed at retention end.
        """
        return unseal(case_key(self.case, "file"), bytes(self.pdf_sealed), self._aad())

    def _aad(self) -> bytes:
        return f"letter.pdf.{self.pk}".encode()

    # -- transitions: no I/O, no save ------------------------------------------------------

    @transition(state, [L.WAITING, L.TO_POST], L.SENT)
    def leave(self, at: datetime, proof: str) -> None:
        """Its dispatch is proven."""
        self.dispatched_at, self.proof, self.problem = at, proof, ""

    @transition(state, L.WAITING, L.FAILED)
    def fail(self, problem: str) -> None:
        """It cannot go on alone."""
        self.problem = problem

    @transition(state, L.FAILED, L.WAITING)
    def again(self) -> None:
        """A person has it tried once more."""
        self.problem = ""

    @transition(state, [L.WAITING, L.FAILED], L.TO_POST)
    def by_post(self) -> None:
        """A person prints and posts it instead."""
        self.channel, self.problem = "letter", ""

    @transition(state, [L.WAITING, L.TO_POST, L.FAILED], L.WITHDRAWN)
    def withdraw(self, problem: str) -> None:
        """It never leaves: what it says holds no more, or a person took it back."""
        self.problem = problem

    @transition(state, L.SENT, L.RETURNED)
    def come_back(self, problem: str) -> None:
        """It did not reach the person."""
        self.problem = problem


class MailingQuerySet(models.QuerySet["Mailing"]):
    def due(self) -> "MailingQuerySet":
        """To be tried now, and by nobody else."""
        return self.filter(letter__state=L.WAITING, next_try__lte=clock.now())


class Mailing(models.Model):
    """The outbox: one letter on its way to one address. Message-ID stays that of the letter."""

    letter = models.OneToOneField(Letter, models.CASCADE, primary_key=True, related_name="mailing")
    identifier = models.ForeignKey(
        "SubjectIdentifier", models.SET_NULL, null=True, blank=True, related_name="+"
    )  # whose address it is; a representative's is nobody's
    address_sealed = models.BinaryField()
    message_id = models.CharField(max_length=120, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True, blank=True)  # a worker is sending it
    accepted_at = models.DateTimeField(null=True, blank=True)  # by the mail server

    address = SealedText("address", "file")

    objects = MailingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["next_try"], name="mailing_due",
                                condition=models.Q(accepted_at=None))]  # fmt: skip

    def __str__(self) -> str:
        return self.message_id

    @property
    def sealing_case(self) -> "ErasureCase":
        return self.letter.case

    @property
    def is_leaving(self) -> bool:
        """A worker has it: nobody can tell yet whether it left."""
        return self.lease_until is not None and self.lease_until > clock.now()
