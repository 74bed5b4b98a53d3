"""The words of the domain, each once. Rank 0: imports no Django.

The tables are in docs/architecture.md. A value here is what stands in the
database, in the log and on the certificate.
"""

from dataclasses import dataclass
from enum import StrEnum


class System(StrEnum):
    """A kind of system a connection can speak to."""

    GENESYS = "genesys"
    SALESFORCE = "salesforce"
    SERVICENOW = "servicenow"
    OPENDSR = "opendsr"  # any processor that speaks OpenDSR 2.0
    MANUAL = "manual"  # no interface: people do it and attach evidence


class IdentifierKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    EXTERNAL_CONTACT = "external_contact"
    CRM_CONTACT = "crm_contact"
    CUSTOMER = "customer"  # the company's own number of a customer
    WHATSAPP = "whatsapp"
    TWITTER = "twitter"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    LINE = "line"
    APPLE = "apple_messages"


class IdentifierState(StrEnum):
    """Only CONFIRMED identifiers are searched further and erased by."""

    CONFIRMED = "CONFIRMED"
    LEAD = "LEAD"  # a name or fuzzy hit: shown to the officer, never erased by
    IN_QUESTION = "IN_QUESTION"  # shared or contradicting: the officer decides
    REJECTED = "REJECTED"


class CaseState(StrEnum):
    RECEIVED = "RECEIVED"
    VALIDATING = "VALIDATING"
    AWAITING_IDENTITY = "AWAITING_IDENTITY"
    DISCOVERY = "DISCOVERY"
    DPO_REVIEW = "DPO_REVIEW"
    EXECUTING = "EXECUTING"
    AWAITING_VENDOR = "AWAITING_VENDOR"
    PARTIAL_HOLD = "PARTIAL_HOLD"
    COMPLETE = "COMPLETE"
    REFUSED = "REFUSED"
    CLOSED = "CLOSED"


class Step(StrEnum):
    """Every way a case can move. ``cases.move`` accepts nothing else."""

    START_VALIDATION = "start_validation"
    ASK_IDENTITY = "ask_identity"
    IDENTITY_ANSWERED = "identity_answered"
    CONFIRM_IDENTITY = "confirm_identity"
    FINISH_DISCOVERY = "finish_discovery"
    APPROVE = "approve"
    REDISCOVER = "rediscover"
    AWAIT_VENDOR = "await_vendor"
    RESUME = "resume"
    COMPLETE = "complete"
    HOLD_BACK = "hold_back"
    REOPEN_REVIEW = "reopen_review"
    HALT = "halt"
    RELEASE = "release"
    REFUSE = "refuse"
    CLOSE = "close"
    REOPEN = "reopen"


class CloseReason(StrEnum):
    WITHDRAWN = "WITHDRAWN"
    DUPLICATE = "DUPLICATE"
    UNIDENTIFIED = "UNIDENTIFIED"
    NO_DATA_HELD = "NO_DATA_HELD"
    NOT_CONTROLLER = "NOT_CONTROLLER"


class Relation(StrEnum):
    """What an officer made of two cases that share an identifier."""

    MERGED = "MERGED"  # one request: the other case is closed as a duplicate
    LINKED = "LINKED"  # both go on, each shows the other
    DIFFERENT = "DIFFERENT"  # not the same person, or not the same matter


class Scope(StrEnum):
    """What a client's key opens."""

    OPENDSR = "opendsr"
    CREATE = "requests:create"
    STATUS = "requests:read"
    WITHDRAW = "requests:withdraw"


class Ground(StrEnum):
    """Art. 17(1): why the person may have the data erased."""

    NOT_NECESSARY = "17(1)(a)"
    CONSENT_WITHDRAWN = "17(1)(b)"
    OBJECTION = "17(1)(c)"
    UNLAWFUL = "17(1)(d)"
    LEGAL_DUTY = "17(1)(e)"
    CHILD = "17(1)(f)"


class Exemption(StrEnum):
    """Art. 17(3): why an item may be kept. A hold needs (b) or (e)."""

    EXPRESSION = "17(3)(a)"
    LEGAL_OBLIGATION = "17(3)(b)"
    PUBLIC_HEALTH = "17(3)(c)"
    ARCHIVING = "17(3)(d)"
    LEGAL_CLAIMS = "17(3)(e)"


class StoreStatus(StrEnum):
    """What one store answered when it was searched. UNANSWERED is never EMPTY."""

    FOUND = "FOUND"
    EMPTY = "EMPTY"
    NOT_PRESENT = "NOT_PRESENT"
    UNANSWERED = "UNANSWERED"
    MANUAL = "MANUAL"


class StoreDecision(StrEnum):
    """What the DPO made of a store that could not be searched."""

    MANUAL = "MANUAL"
    ATTESTED = "ATTESTED"


class ItemState(StrEnum):
    PROPOSED = "PROPOSED"
    PLANNED = "PLANNED"
    EXCLUDED = "EXCLUDED"  # not this person
    EXEMPT = "EXEMPT"
    HELD = "HELD"
    RUNNING = "RUNNING"
    REQUESTED = "REQUESTED"  # the vendor took it; not yet read back
    ERASED = "ERASED"
    FAILED = "FAILED"
    MANUAL = "MANUAL"


class Verdict(StrEnum):
    """How the end of an ERASED item is known."""

    VERIFIED_ABSENT = "VERIFIED_ABSENT"
    ANONYMISED = "ANONYMISED"
    ATTESTED = "ATTESTED"


class Outcome(StrEnum):
    """What one attempt ended with, as the log has it (evidence.md section 2)."""

    SUBMITTED = "SUBMITTED"
    DELETED = "DELETED"
    ABSENT = "ABSENT"
    RECOVERABLE = "RECOVERABLE"
    VERIFIED = "VERIFIED"
    ANONYMISED = "ANONYMISED"
    ATTESTED = "ATTESTED"
    HELD = "HELD"
    EXEMPT = "EXEMPT"
    FAILED = "FAILED"


FINAL_OUTCOMES = frozenset(
    {Outcome.VERIFIED, Outcome.ANONYMISED, Outcome.ATTESTED, Outcome.HELD, Outcome.EXEMPT}
)


class HoldState(StrEnum):
    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REVIEW_DUE = "REVIEW_DUE"
    RELEASE_PROPOSED = "RELEASE_PROPOSED"
    RELEASED = "RELEASED"


class HoldStep(StrEnum):
    """What can become of a hold, as its history has it."""

    PLACED = "placed"
    DUE = "due"
    KEPT = "kept"
    PROPOSED = "proposed"
    RELEASED = "released"


class HoldScope(StrEnum):
    SUBJECT = "SUBJECT"
    CONVERSATION = "CONVERSATION"
    TIME_RANGE = "TIME_RANGE"
    MATTER = "MATTER"


class VerificationState(StrEnum):
    OPEN = "OPEN"
    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class VerificationMethod(StrEnum):
    """In the law's order: the least intrusive first."""

    PORTAL = "PORTAL"
    LINK_ON_FILE = "LINK_ON_FILE"
    CALL_BACK = "CALL_BACK"
    KNOWLEDGE = "KNOWLEDGE"
    ELECTRONIC_ID = "ELECTRONIC_ID"
    ID_SHOWN = "ID_SHOWN"
    ID_COPY = "ID_COPY"


class Attribute(StrEnum):
    """A kind of attribute that was compared with what is on file. Never a value."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    CUSTOMER_NUMBER = "customer_number"
    BIRTH_DATE = "birth_date"
    RECENT_CONTACT = "recent_contact"


class DocumentType(StrEnum):
    """What kind of identity document was seen."""

    IDENTITY_CARD = "IDENTITY_CARD"
    PASSPORT = "PASSPORT"
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"
    DRIVING_LICENCE = "DRIVING_LICENCE"


class JobState(StrEnum):
    """A job that runs at the vendor."""

    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    ERROR = "ERROR"
    LOST = "LOST"


class CheckResult(StrEnum):
    """What a search after the end found. A silent store is never a clean one."""

    CLEAN = "CLEAN"
    CAME_BACK = "CAME_BACK"
    UNANSWERED = "UNANSWERED"


class Cause(StrEnum):
    """What a follow-up was noticed by."""

    CHECK = "CHECK"  # a search after the end
    RESTORE = "RESTORE"  # a vendor's backup was restored
    IMPORT = "IMPORT"  # a suppression token knew what an import brings


class FollowUpState(StrEnum):
    OPEN = "OPEN"
    DISMISSED = "DISMISSED"
    TAKEN_UP = "TAKEN_UP"


class Return(StrEnum):
    """How a record that was found after the end came to be there."""

    SAME = "SAME"  # erased, and there again under its own id
    OLDER = "OLDER"  # older than the end, and not seen before
    NEW = "NEW"  # made after the end: a sync, an import, or the person came back
    UNDATED = "UNDATED"  # not seen before, and its system does not date it


class Channel(StrEnum):
    WEB = "web"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    IN_PERSON = "in_person"
    TERMINAL = "terminal"
    OPENDSR = "opendsr"  # a controller for whom we are the processor
    FOLLOW_UP = "follow_up"  # what came back after an earlier case
    PORTAL = "portal"  # the company's own, where the person was signed in
    API = "api"


class RecipientKind(StrEnum):
    """To whom data were disclosed (Art. 4(9)): a processor is a recipient too."""

    PROCESSOR = "PROCESSOR"
    CONTROLLER = "CONTROLLER"
    AUTHORITY = "AUTHORITY"


class ConcernKind(StrEnum):
    """What is raised about a case from outside, or found out about it."""

    COMPLAINT = "COMPLAINT"  # of the person, to us or to an authority (Art. 77)
    AUTHORITY = "AUTHORITY"  # an authority asks
    WRONG_PERSON = "WRONG_PERSON"  # somebody else's data were erased (Art. 4(12), 33)


class ConcernOutcome(StrEnum):
    """How what was raised ended."""

    UPHELD = "UPHELD"
    NOT_UPHELD = "NOT_UPHELD"
    REVERSED = "REVERSED"  # a refusal, wholly or in part (Art. 12(4))
    ANSWERED = "ANSWERED"


class LetterKind(StrEnum):
    """What a letter to the person is for."""

    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    IDENTITY_REQUEST = "IDENTITY_REQUEST"  # Art. 12(6)
    EXTENSION = "EXTENSION"  # Art. 12(3), told inside month one
    INTERIM = "INTERIM"  # Art. 12(3): what is done, what runs
    COMPLETE = "COMPLETE"
    PARTIAL_HOLD = "PARTIAL_HOLD"  # Art. 12(4), 17(3)
    REFUSAL = "REFUSAL"  # Art. 12(4)
    HOLD_RELEASED = "HOLD_RELEASED"


class LetterState(StrEnum):
    """Where a letter is. SENT is a proven dispatch, nothing less."""

    WAITING = "WAITING"  # in the outbox
    TO_POST = "TO_POST"  # to be printed and posted by a person
    SENT = "SENT"
    FAILED = "FAILED"  # given up: a person must look
    RETURNED = "RETURNED"  # it came back
    WITHDRAWN = "WITHDRAWN"  # never left, and will not


class Role(StrEnum):
    """The groups a migration makes. Nobody gets more than these give."""

    CLERK = "Intake clerk"
    OFFICER = "Case officer"
    DPO = "DPO"
    LEGAL = "Legal"
    AUDITOR = "Auditor"
    ADMINISTRATOR = "Administrator"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A normalised identifier: lower-case e-mail, E.164 phone, or an opaque id.

    Its repr hides the value, so that no log line or error can carry it.
    """

    kind: IdentifierKind
    value: str

    def __repr__(self) -> str:
        return f"Identifier({self.kind})"


class AnchorWay(StrEnum):
    """How a head of the log left the operator's reach."""

    WITNESS = "witness"
    TIMESTAMP = "timestamp"
    MAIL = "mail"
    FILE = "file"
