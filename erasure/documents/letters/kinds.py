"""The eight letters, each with the facts the law wants in it (Arts. 12, 17, 19, 77, 79).

A constructor that lacks one of them refuses, and names it: such a letter does not exist.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from erasure.documents.letters.facts import Backup, Gone, Head, Kept, Part, Portion, must
from erasure.errors import InputError
from erasure.values import LetterKind, VerificationMethod

LAWS_ORDER = list(VerificationMethod)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The request arrived. It confirms nothing about data."""

    kind: ClassVar = LetterKind.ACKNOWLEDGEMENT
    head: Head
    answer_by: date

    def __post_init__(self) -> None:
        if self.answer_by < self.head.received_on:
            raise InputError("answer_by", "The answer is due after the request, not before.")


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """A question to somebody whose identity is in reasonable doubt (Art. 12(6))."""

    kind: ClassVar = LetterKind.IDENTITY_REQUEST
    head: Head
    reason: str  # the doubt
    options: tuple[VerificationMethod, ...]  # in the law's order, the least intrusive first
    reply_by: date
    asked_before: date | None = None  # of a reminder: when the question first went out
    link: str = ""  # to the page that takes a proof; letters on paper have none

    def __post_init__(self) -> None:
        must("reason", self.reason, "Say why there is reasonable doubt (Art. 12(6)).")
        must("options", self.options, "Offer at least one way to prove the identity.")
        if list(self.options) != sorted(self.options, key=LAWS_ORDER.index):
            raise InputError("options", "Offer the least intrusive way first.")
        if self.reply_by <= self.head.written_on:
            raise InputError("reply_by", "The day to answer by lies behind.")


@dataclass(frozen=True, slots=True)
class Extension:
    """Up to two further months, told within the first, with reasons (Art. 12(3))."""

    kind: ClassVar = LetterKind.EXTENSION
    head: Head
    reason: str
    month_ends: date  # without roll-over: after it an extension is no longer available
    due_before: date
    due_now: date

    def __post_init__(self) -> None:
        must("reason", self.reason, "Give the reasons of the extension (Art. 12(3)).")
        if self.head.written_on > self.month_ends:
            text = "The first month is over: an extension can no longer be told (Art. 12(3))."
            raise InputError("month_ends", text)
        if self.due_now <= self.due_before:
            raise InputError("due_now", "The new date lies after the one before.")


@dataclass(frozen=True, slots=True)
class Interim:
    """What is done, what still runs, and until when (Art. 12(3))."""

    kind: ClassVar = LetterKind.INTERIM
    head: Head
    done: tuple[Gone, ...]
    running: tuple[Portion, ...]
    expected_end: date
    reason: str = ""

    def __post_init__(self) -> None:
        must("running", self.running, "Nothing is under way: send the final letter instead.")
        if self.expected_end <= self.head.written_on:
            raise InputError("expected_end", "The expected end lies behind.")


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of the records that were to go, and what is told beside it."""

    searched: tuple[str, ...]  # systems
    gone: tuple[Gone, ...]
    ended_on: date
    backups: tuple[Backup, ...]  # one for each system in which something was erased
    suppressed_months: int  # for which a keyed code against re-import is kept; 0: none is
    recipients_told: int
    file_months: int  # for which the file of the case is kept after its end

    def __post_init__(self) -> None:
        must("searched", self.searched, "Name the systems that were searched.")
        missing = {each.system for each in self.gone} - {each.system for each in self.backups}
        if missing:
            raise InputError("backups", "Say until when backups may hold what was erased.")
        if self.file_months < 1:
            raise InputError("file_months", "Say how long the file of the request is kept.")


@dataclass(frozen=True, slots=True)
class Complete:
    """Everything went, or nothing was found."""

    kind: ClassVar = LetterKind.COMPLETE
    head: Head
    ending: Ending
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartialHold:
    """Something stays: what, why and until when (Art. 12(4), 17(3))."""

    kind: ClassVar = LetterKind.PARTIAL_HOLD
    head: Head
    ending: Ending
    kept: tuple[Kept, ...]
    reason: str = ""  # for what stays without a wording of its own

    def __post_init__(self) -> None:
        must("kept", self.kept, "Nothing is kept: send the letter of a complete erasure.")
        if any(not each.wording.strip() for each in self.kept):
            must("reason", self.reason, "Say why records are kept (Art. 12(4)).")
        if any(each.passed(self.head.written_on) for each in self.kept):
            text = "The date of a hold has passed: have the hold reviewed, then write."
            raise InputError("until", text)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No action is taken: for each part the article and the reason (Art. 12(4))."""

    kind: ClassVar = LetterKind.REFUSAL
    head: Head
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        must("article", self.parts, "Name the article of the refusal.")


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """What was kept has gone as well."""

    kind: ClassVar = LetterKind.HOLD_RELEASED
    head: Head
    ending: Ending
    told_on: date  # of the letter that said something was kept
    reason: str = ""

    def __post_init__(self) -> None:
        must("gone", self.ending.gone, "Nothing was erased: there is no release to tell of.")
        if self.told_on > self.head.written_on:
            raise InputError("told_on", "The letter about the hold is younger than this one.")


Letter = (
    Acknowledgement | IdentityRequest | Extension | Interim
    | Complete | PartialHold | Refusal | HoldReleased
)  # fmt: skip
