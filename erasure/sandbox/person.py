"""Somebody who does not exist, and what is planned to be held of them."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

HOME, SALES = "Home", "Sales"
DIVISIONS = (HOME, SALES)


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number as typed, and in E.164 if the vendor could read it."""

    typed: str
    e164: str = ""

    @property
    def value(self) -> str:
        """What a search for it compares with."""
        return self.e164 or self.typed


@dataclass(frozen=True, slots=True)
class ContactPlan:
    """One contact record. ``merged_to`` names another of the same person.

    ``claims`` are the values a look-up resolves to it; None: all its values that
    nobody claimed before.
    """

    key: str
    first: str
    last: str
    emails: tuple[str, ...] = ()
    phones: tuple[Number, ...] = ()
    whatsapp: str = ""
    external_ids: tuple[str, ...] = ()
    merged_to: str = ""
    kind: str = "Curated"
    division: str = HOME
    claims: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: how many days ago, by which medium, and what is odd about it.

    Without ``divisions`` it belongs to its contact's; ``attributes`` None: a name and
    an address in free fields.
    """

    days: float
    media: str
    address: str
    contact: str = "main"
    divisions: tuple[str, ...] = (HOME,)
    outbound: bool = False
    screen: bool = False
    evaluated: bool = False
    calibrated: bool = False
    summarised: bool = False
    surveyed: bool = False
    sensitive: bool = False
    archived: bool = False
    prefixed: bool = True  # voice numbers are written tel:+44...
    copied: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    voicemail: bool = False
    orphan: bool = False  # a second recording of it never joined it
    attributes: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. ``phones`` are E.164."""

    key: str
    first_name: str
    last_name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    external_ids: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    address: str = ""
    whatsapp: str = ""
    divisions: tuple[str, ...] = (HOME,)
    bystander: bool = False
    crm: bool = True  # the other vendors know this person too
    contacts: tuple[ContactPlan, ...] = ()  # as planned; without any, the seed decides
    talks: tuple[Talk, ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Every full name the person goes by."""
        return (self.name, *self.other_names)

    @property
    def email(self) -> str:
        """The main address."""
        return self.emails[0]

    @property
    def phone(self) -> str:
        """The main number, E.164."""
        return self.phones[0]

    def identifiers(self) -> tuple[str, ...]:
        """Every value that must not turn up in a URL or a log."""
        return (*self.emails, *self.phones, *self.external_ids, *self.names)


def stable_id(*parts: object) -> str:
    """A UUID that depends on nothing but its parts."""
    return str(uuid5(NAMESPACE_URL, "sandbox/" + "/".join(str(part) for part in parts)))
