"""How states, verdicts and dates are said to people. A tone always comes with a word."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from erasure import clock
from erasure.documents.words import (
    ANSWER,
    capital,
    count,
    day,
    kind,
    plain,
)
from erasure.documents.words import CASE as CASE_WORD
from erasure.documents.words import CHANNEL as CHANNEL
from erasure.documents.words import CLOSE as CLOSE
from erasure.documents.words import ITEM as ITEM_WORD
from erasure.documents.words import METHOD as METHOD
from erasure.models import (
    Concern,
    DataItem,
    ErasureCase,
    Hold,
    RecipientNotice,
    Standing,
    VendorJob,
)
from erasure.values import (
    Attribute,
    CaseState,
    Cause,
    CheckResult,
    DocumentType,
    Exemption,
    FollowUpState,
    Ground,
    HoldScope,
    HoldState,
    IdentifierKind,
    IdentifierState,
    ItemState,
    JobState,
    LetterKind,
    LetterState,
    Return,
    Step,
    StoreStatus,
    Verdict,
    VerificationState,
)


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and its tone: plain, running, waiting, good, held or danger."""

    word: str
    tone: str = "plain"


STATE_TONE = {
    CaseState.DISCOVERY: "running",
    CaseState.EXECUTING: "running",
    CaseState.PARTIAL_HOLD: "held",
    CaseState.COMPLETE: "good",
    CaseState.REFUSED: "plain",
    CaseState.CLOSED: "plain",
}
CASE = {state: Badge(CASE_WORD[state], STATE_TONE.get(state, "waiting")) for state in CaseState}
ITEM_TONE = {
    ItemState.EXEMPT: "held",
    ItemState.HELD: "held",
    ItemState.RUNNING: "running",
    ItemState.REQUESTED: "waiting",
    ItemState.ERASED: "good",
    ItemState.FAILED: "danger",
    ItemState.MANUAL: "waiting",
}
ITEM = {state: Badge(ITEM_WORD[state], ITEM_TONE.get(state, "plain")) for state in ItemState}
VERDICT = {
    Verdict.VERIFIED_ABSENT: "Read back: gone",
    Verdict.ANONYMISED: "Read back: anonymised",
    Verdict.ATTESTED: "Attested, cannot be read back",
}
STORE_TONE = {
    StoreStatus.EMPTY: "good",
    StoreStatus.UNANSWERED: "danger",
    StoreStatus.MANUAL: "waiting",
}
STORE = {status: Badge(ANSWER[status], STORE_TONE.get(status, "plain"))
         for status in ("", *StoreStatus)}  # fmt: skip
IDENTIFIER = {
    IdentifierState.CONFIRMED: Badge("Confirmed", "good"),
    IdentifierState.LEAD: Badge("Lead, not searched by"),
    IdentifierState.IN_QUESTION: Badge("In question", "waiting"),
    IdentifierState.REJECTED: Badge("Not this person's"),
}
KIND = {each: capital(kind(each)) for each in IdentifierKind}
VERIFICATION = {
    VerificationState.OPEN: Badge("Open", "waiting"),
    VerificationState.ASKED: Badge("Proof asked for", "waiting"),
    VerificationState.ANSWERED: Badge("Proof arrived, to be decided", "waiting"),
    VerificationState.CONFIRMED: Badge("Confirmed", "good"),
    VerificationState.REJECTED: Badge("Rejected", "danger"),
    VerificationState.EXPIRED: Badge("Expired"),
}
ATTRIBUTE = {
    Attribute.NAME: "Name",
    Attribute.EMAIL: "E-mail address on file",
    Attribute.PHONE: "Phone number on file",
    Attribute.ADDRESS: "Postal address",
    Attribute.CUSTOMER_NUMBER: "Customer number",
    Attribute.BIRTH_DATE: "Date of birth",
    Attribute.RECENT_CONTACT: "Details of a recent contact",
}
DOCUMENT = {
    DocumentType.IDENTITY_CARD: "Identity card",
    DocumentType.PASSPORT: "Passport",
    DocumentType.RESIDENCE_PERMIT: "Residence permit",
    DocumentType.DRIVING_LICENCE: "Driving licence",
}
STANDING = {
    Standing.BEFORE: Badge("On file before the request", "good"),
    Standing.CHANGED: Badge("On file, record changed since", "waiting"),
    Standing.UNDATED: Badge("On file, since when is not told", "waiting"),
    Standing.AFTER: Badge("Newer than the request", "danger"),
    Standing.NOWHERE: Badge("Not on file"),
}
JOB = {
    JobState.SUBMITTED: Badge("Submitted", "waiting"),
    JobState.RUNNING: Badge("Running at the vendor", "running"),
    JobState.DONE: Badge("Done, by the vendor's word", "good"),
    JobState.ERROR: Badge("Error", "danger"),
    JobState.LOST: Badge("Lost: looked for, not found", "danger"),
}
JOB_KIND = {
    "gdpr_delete": "The vendor's own erasure of the person",
    "recording_delete": "Deletion of recordings",
    "hard_delete": "Deletion past the recycle bin",
}
LETTER = {
    LetterKind.ACKNOWLEDGEMENT: "Acknowledgement",
    LetterKind.IDENTITY_REQUEST: "Question of identity (Art. 12(6))",
    LetterKind.EXTENSION: "Extension: the answer takes longer (Art. 12(3))",
    LetterKind.INTERIM: "Interim: what is done and what runs (Art. 12(3))",
    LetterKind.COMPLETE: "Outcome: everything erased",
    LetterKind.PARTIAL_HOLD: "Outcome: erased in part, the rest kept (Art. 12(4))",
    LetterKind.REFUSAL: "Refusal (Art. 12(4))",
    LetterKind.HOLD_RELEASED: "Hold released: the remainder erased",
}
LANGUAGE = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "nl": "Dutch",
}  # fmt: skip
LETTER_STATE = {
    LetterState.WAITING: Badge("On its way", "running"),
    LetterState.TO_POST: Badge("To be printed and posted", "waiting"),
    LetterState.SENT: Badge("Sent", "good"),
    LetterState.FAILED: Badge("Not sent: a person must look", "danger"),
    LetterState.RETURNED: Badge("Came back", "danger"),
    LetterState.WITHDRAWN: Badge("Not sent"),
}
HOLD = {
    HoldState.PROPOSED: Badge("Proposed"),
    HoldState.ACTIVE: Badge("Active", "held"),
    HoldState.REVIEW_DUE: Badge("Review due", "waiting"),
    HoldState.RELEASE_PROPOSED: Badge("Release proposed", "waiting"),
    HoldState.RELEASED: Badge("Released"),
}
SCOPE = {
    HoldScope.SUBJECT: "One person",
    HoldScope.CONVERSATION: "Conversations",
    HoldScope.TIME_RANGE: "A time range",
    HoldScope.MATTER: "A matter: several people",
}
CAUSE = {
    Cause.CHECK: "A search after the end",
    Cause.RESTORE: "A vendor's backup was restored",
    Cause.IMPORT: "A check of an import",
}
CHECK = {
    CheckResult.CLEAN: Badge("Nothing found", "good"),
    CheckResult.CAME_BACK: Badge("Something came back", "waiting"),
    CheckResult.UNANSWERED: Badge("Not all could be searched", "danger"),
}
FOLLOW_UP = {
    FollowUpState.OPEN: Badge("To be decided", "waiting"),
    FollowUpState.DISMISSED: Badge("Left as it is"),
    FollowUpState.TAKEN_UP: Badge("New case", "running"),
}
RETURN = {
    Return.SAME: Badge("Erased, and back", "danger"),
    Return.OLDER: Badge("Older, not seen before", "danger"),
    Return.NEW: Badge("Made after the end", "waiting"),
    Return.UNDATED: Badge("Not seen before, undated", "waiting"),
}
GROUND = {
    Ground.NOT_NECESSARY: "Art. 17(1)(a): no longer necessary",
    Ground.CONSENT_WITHDRAWN: "Art. 17(1)(b): consent withdrawn",
    Ground.OBJECTION: "Art. 17(1)(c): objection",
    Ground.UNLAWFUL: "Art. 17(1)(d): processed unlawfully",
    Ground.LEGAL_DUTY: "Art. 17(1)(e): legal duty to erase",
    Ground.CHILD: "Art. 17(1)(f): online service offered to a child",
}
EXEMPTION = {
    Exemption.EXPRESSION: "Art. 17(3)(a): freedom of expression and information",
    Exemption.LEGAL_OBLIGATION: "Art. 17(3)(b): legal obligation or public task",
    Exemption.PUBLIC_HEALTH: "Art. 17(3)(c): public health",
    Exemption.ARCHIVING: "Art. 17(3)(d): archiving, research or statistics",
    Exemption.LEGAL_CLAIMS: "Art. 17(3)(e): legal claims",
}
STEP_TAKEN = {
    Step.START_VALIDATION: "started the assessment",
    Step.ASK_IDENTITY: "asked the person for proof of identity",
    Step.IDENTITY_ANSWERED: "recorded that the person answered",
    Step.CONFIRM_IDENTITY: "confirmed the identity and started the search",
    Step.FINISH_DISCOVERY: "finished the search and froze the inventory for review",
    Step.APPROVE: "approved the erasure",
    Step.REDISCOVER: "ordered a new search",
    Step.AWAIT_VENDOR: "now waits for the vendor alone",
    Step.RESUME: "took up the erasure again",
    Step.COMPLETE: "completed the case",
    Step.HOLD_BACK: "ended the erasure with records kept",
    Step.REOPEN_REVIEW: "sent the case back to review: what is there is not what was approved",
    Step.HALT: "stopped the erasure",
    Step.RELEASE: "released the case for the remaining records",
    Step.REFUSE: "refused the request",
    Step.CLOSE: "closed the case",
    Step.REOPEN: "reopened the case",
}


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def recipient_badge(row: RecipientNotice) -> Badge:
    """Where the notice to a recipient stands."""
    if row.answered_at:
        return Badge("Answered", "good")
    if row.told_at:
        return Badge("Told", "good")
    return Badge("Left out, with reason") if row.excused_at else Badge("To be told", "waiting")


def concern_badge(row: Concern) -> Badge:
    """Where something raised about a case stands."""
    if row.closed_at is None:
        return Badge("Open", "waiting")
    return Badge(str(row.get_outcome_display()), "good")


def today() -> date:
    """The local date at the establishment."""
    return timezone.localtime(clock.now()).date()


def in_days(when: date) -> str:
    """``in 3 days``, ``today``, ``2 days ago``."""
    days = (when - today()).days
    if days == 0:
        return "today"
    if days == 1:
        return "tomorrow"
    if days == -1:
        return "yesterday"
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def weekday(when: date) -> str:
    """``Mon 23 Nov 2026``, where a deadline is meant."""
    return f"{WEEKDAYS[when.weekday()]} {day(when)}"


def moment(when: datetime | None) -> str:
    """``23 Nov 2026, 20:19``, at the establishment."""
    if when is None:
        return "—"
    there = timezone.localtime(when)
    return f"{day(there)}, {there:%H:%M}"


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def item_badge(item: DataItem) -> Badge:
    """The state and, where there is one, what was read back, in plain words."""
    doubt = not item.certain and not item.lead
    open_ = item.state == ItemState.PROPOSED and (item.protected or doubt)
    return Badge(_item_word(item), "waiting" if open_ else ITEM[ItemState(item.state)].tone)


def _item_word(item: DataItem) -> str:
    state = ItemState(item.state)
    if state == ItemState.PROPOSED:
        if item.protected:
            return "Protected at the vendor"
        if item.lead:
            return "Lead by name: stays unless confirmed"
        return "Proposed for erasure" if item.certain else "Uncertain: is it this person?"
    if state in (ItemState.HELD, ItemState.EXEMPT):
        return f"{ITEM[state].word} (Art. {item.article})" if item.article else ITEM[state].word
    if state == ItemState.REQUESTED:
        if item.recoverable_until:
            return f"Recoverable at the vendor until {day(local_day(item.recoverable_until))}"
        return "With the vendor" if item.job_id else "Vendor says gone, not yet read back"
    if state == ItemState.ERASED:
        return VERDICT[Verdict(item.verdict)]
    return "Needs a person" if state == ItemState.MANUAL else ITEM[state].word


def job_kind(kind: str) -> str:
    """What a vendor's job does; one that is not known here in plain letters."""
    return JOB_KIND.get(kind, capital(plain(kind).lower()))


def case_badge(case: ErasureCase) -> Badge:
    return CASE[CaseState(case.state)]


def hold_badge(hold: Hold) -> Badge:
    """The state; a review that waits says for how long."""
    due = hold.due_on
    if hold.state == HoldState.REVIEW_DUE and due and due < today():
        return Badge(f"Review overdue for {count((today() - due).days, 'day')}", "danger")
    return HOLD[HoldState(hold.state)]


def job_badge(job: VendorJob) -> Badge:
    """The state; one that takes too long says for how long."""
    if job.escalated_at and not job.ended_at:
        days = (clock.now() - job.submitted_at).days
        return Badge(f"Open for {count(days, 'day')}: the DPO was told", "danger")
    return JOB[JobState(job.state)]


def deadline(case: ErasureCase) -> Badge:
    """Where the statutory clock of a case stands."""
    if case.answered_at:
        late = local_day(case.answered_at) > case.statutory_due
        return Badge("answered late", "danger") if late else Badge("answered on time", "good")
    left = (case.statutory_due - today()).days
    if not case.is_open():
        return Badge("no answer recorded")
    if left < 0:
        return Badge(f"{-left} {'day' if left == -1 else 'days'} overdue", "danger")
    return Badge(in_days(case.statutory_due), "waiting" if left <= 7 else "plain")
