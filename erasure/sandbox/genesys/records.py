"""The rows an organisation holds, one class per store."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Contact:
    """An external contact. ``claims`` are the identifiers a lookup resolves to it."""

    id: str
    person: str
    division: str
    kind: str
    first: str
    last: str
    created: datetime
    emails: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # E.164, or as typed if it is none
    typed: dict[str, str] = field(default_factory=dict)  # what somebody typed there instead
    claims: list[tuple[str, str]] = field(default_factory=list)
    external_ids: tuple[str, ...] = ()
    address: str = ""
    whatsapp: str = ""
    merged_to: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}".strip()


@dataclass(slots=True)
class Conversation:
    """An interaction. ``address`` is the customer's number or e-mail address."""

    id: str
    person: str
    start: datetime
    end: datetime
    media: str
    divisions: tuple[str, ...]
    contact: str
    name: str
    address: str
    agent: str
    direction: str = "inbound"
    subject: str = ""
    copied: tuple[str, ...] = ()
    prefixed: bool = True  # voice numbers are written tel:+44...
    attributes: dict[str, str] = field(default_factory=dict)
    outbound_contact: str = ""
    to_voicemail: bool = False
    protected: bool = False
    redacted: bool = False


@dataclass(slots=True)
class Recording:
    """A recording or transcript. ``content`` stands for what was said."""

    id: str
    conversation: str
    media: str
    start: datetime
    end: datetime
    content: str
    attachments: tuple[str, ...] = ()
    state: str = "AVAILABLE"
    sensitive: bool = False
    delete_date: datetime | None = None
    archive_date: datetime | None = None
    asked_at: datetime | None = None


@dataclass(slots=True)
class Evaluation:
    """A quality evaluation of an agent; its comments may name the customer."""

    id: str
    conversation: str
    evaluator: str
    comment: str
    created: datetime


@dataclass(slots=True)
class Calibration:
    """Several evaluators' look at one conversation; a calibrator called them."""

    id: str
    conversation: str
    calibrator: str
    comment: str
    created: datetime


@dataclass(slots=True)
class Survey:
    """A survey's answer; the native job takes its text, nothing deletes it."""

    id: str
    conversation: str
    text: str
    completed: datetime


@dataclass(slots=True)
class Note:
    """A note on a contact."""

    id: str
    contact: str
    text: str
    created: datetime


@dataclass(slots=True)
class JourneySession:
    """A web visit. The native job takes ``contact`` and ``customer``; the row stays."""

    id: str
    person: str
    contact: str
    customer: str
    created: datetime


@dataclass(slots=True)
class OutboundContact:
    """A row of a campaign's contact list."""

    id: str
    contact_list: str
    person: str
    name: str
    phone: str
    email: str
    created: datetime
    in_use: bool = False


@dataclass(slots=True)
class Voicemail:
    """A message left for a queue."""

    id: str
    conversation: str
    queue: str
    caller: str
    created: datetime


@dataclass(slots=True)
class OrphanRecording:
    """A recording that lost its conversation, or never joined the one it names."""

    id: str
    person: str
    conversation: str
    media: str
    content: str
    created: datetime


@dataclass(slots=True)
class Transcript:
    """What speech and text analytics made of a conversation; it goes with the recordings."""

    conversation: str
    text: str


@dataclass(slots=True)
class Summary:
    """What the vendor's AI wrote of a conversation; the native job takes its text."""

    id: str
    conversation: str
    text: str
    created: datetime


@dataclass(slots=True)
class DncList:
    """An internal do-not-contact list; nothing reads its entries."""

    id: str
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
