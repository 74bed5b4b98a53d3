"""What letters speak of: frozen facts, each complete or not at all.

Nothing here names a matter, a third party or more of the person than a name.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from erasure.errors import InputError
from erasure.values import Exemption, Verdict

NO_GROUND, EXCESSIVE, UNIDENTIFIED = "17(1)", "12(5)(b)", "11(2)"
REFUSED_UNDER = (NO_GROUND, EXCESSIVE, UNIDENTIFIED, *map(str, Exemption))


class Category(StrEnum):
    """Kinds of records, in the words of a person who is no expert."""

    CONTACT = "CONTACT"
    ACCOUNT = "ACCOUNT"
    CONVERSATIONS = "CONVERSATIONS"
    CALLS = "CALLS"
    SCREENS = "SCREENS"
    VOICEMAIL = "VOICEMAIL"
    MESSAGES = "MESSAGES"
    EMAILS = "EMAILS"
    ANALYSES = "ANALYSES"
    QUALITY = "QUALITY"
    SURVEYS = "SURVEYS"
    CAMPAIGNS = "CAMPAIGNS"
    NO_CONTACT = "NO_CONTACT"
    VISITS = "VISITS"
    ENQUIRIES = "ENQUIRIES"
    NOTES = "NOTES"
    FILES = "FILES"
    RELATIONS = "RELATIONS"
    HISTORY = "HISTORY"
    COPIES = "COPIES"
    OTHER = "OTHER"


def must(element: str, given: object, text: str) -> None:
    """
    Raises:
        InputError: names the element a letter lacks.
    """
    if isinstance(given, str):
        given = given.strip()
    if not given:
        raise InputError(element, text)


@dataclass(frozen=True, slots=True)
class Authority:
    """The supervisory authority to complain to (Art. 77)."""

    name: str
    address: str

    def __post_init__(self) -> None:
        must("authority_name", self.name, "Name the supervisory authority.")
        must("authority_address", self.address, "Give the supervisory authority's address.")


@dataclass(frozen=True, slots=True)
class Head:
    """What every letter bears: who writes, about what, and when (local dates)."""

    reference: str
    received_on: date
    written_on: date
    controller: str
    dpo_contact: str
    authority: Authority
    addressee: str = ""  # the person's name; empty where it is not for everybody at the address

    def __post_init__(self) -> None:
        must("reference", self.reference, "A letter bears the reference of its case.")
        must("controller", self.controller, "A letter says who writes it.")
        must("dpo_contact", self.dpo_contact, "A letter says how to reach the DPO.")
        if self.written_on < self.received_on:
            raise InputError("written_on", "The letter is older than the request.")


@dataclass(frozen=True, slots=True)
class Portion:
    """So many records of one kind in one system."""

    system: str
    category: Category
    count: int

    def __post_init__(self) -> None:
        must("system", self.system, "Name the system.")
        if self.count < 1:
            raise InputError("count", "A portion has at least one record.")


@dataclass(frozen=True, slots=True)
class Gone(Portion):
    """What was erased, and how that is known."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Backup:
    """Until when copies of one system may still hold the data; None: nobody told us a date."""

    system: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that stay, under one article until one date (Art. 17(3))."""

    article: Exemption
    portions: tuple[Portion, ...]
    held: bool  # by a legal hold; else exempt by a decision on the records
    wording: str = ""  # the hold's public wording: no details, no third parties
    until: date | None = None  # the hold's expiry date
    review_by: date | None = None

    def __post_init__(self) -> None:
        if self.article not in list(Exemption):
            raise InputError("article", "Records are kept under a letter of Art. 17(3), or not.")
        must("categories", self.portions, "Say which records are kept.")
        if not (self.until or self.review_by):
            raise InputError("until", "Give the date a hold expires on, or of its review.")

    def passed(self, today: date) -> bool:
        """Whether the date the letter would name lies behind: then it says nothing."""
        named = self.until or self.review_by
        return named is not None and named < today


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request that is refused: the article, and the reason in words."""

    article: str
    reason: str

    def __post_init__(self) -> None:
        if self.article not in REFUSED_UNDER:
            raise InputError("article", "Name the article of the refusal.")
        must("reason", self.reason, "Give the reason of the refusal (Art. 12(4)).")
