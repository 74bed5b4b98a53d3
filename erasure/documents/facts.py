"""What the documents are told: frozen, nothing of the database in them."""

from dataclasses import dataclass
from datetime import date, datetime

from erasure.values import IdentifierState, ItemState, StoreStatus


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One item of a certificate. Nothing but ``vendor_id`` may lead to a person.

    ``store`` is the log's name (connection.store), ``outcome`` the last one,
    ``at`` a UTC time as in the log. ``vendor_id`` stays empty in the subject edition.
    """

    number: int
    store: str
    outcome: str
    verdict_text: str
    at: str
    vendor_id: str = ""


@dataclass(frozen=True, slots=True)
class IdentifierLine:
    """One identifier, masked or in full, and how it was found."""

    kind: str
    value: str
    found_by: str
    state: IdentifierState = IdentifierState.CONFIRMED
    question: str = ""
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreLine:
    """What one store of one connection answered. ``note`` says why, where there is a why."""

    connection: str
    store: str
    status: StoreStatus
    count: int
    searched_by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ManualLine:
    """A store, or a part of one, that a person works off; ``state`` in words."""

    connection: str
    store: str
    instructions: str
    state: str


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold that covers items of this case. One of ``until`` and ``review_by`` is set."""

    reference: str
    scope: str
    article: str
    items: int
    until: date | None = None
    review_by: date | None = None
    wording: str = ""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item found. ``label`` says what it is; ``when`` is the item's own date."""

    number: int
    store: str
    label: str
    when: date | None
    state: ItemState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A name or fuzzy hit, or a contradiction: shown, never erased by."""

    store: str
    label: str
    question: str


@dataclass(frozen=True, slots=True)
class DiscoveryReport:
    """Everything found about one person. It holds personal data.

    ``prepared_at`` is aware, in the establishment's zone. ``digest`` is the
    SHA-256 of the frozen inventory, in hex; empty while it is not frozen.
    """

    reference: str
    controller: str
    prepared_at: datetime
    subject: str
    identifiers: tuple[IdentifierLine, ...]
    stores: tuple[StoreLine, ...]
    items: tuple[ItemLine, ...]
    holds: tuple[HoldLine, ...] = ()
    leads: tuple[LeadLine, ...] = ()
    by_hand: tuple[ManualLine, ...] = ()
    digest: str = ""
    masked: bool = True
