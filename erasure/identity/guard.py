"""Guard against erasing somebody else's data: what speaks for a merge, and against it.

No sentence here holds anything personal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from erasure.values import Identifier, IdentifierKind

ROLE_WORDS = """
abuse accounting accounts admin administrator anfrage bestellung billing bookings
buchhaltung contact customercare customerservice datenschutz donotreply dpo dsgvo einkauf
empfang enquiries feedback finance gdpr hallo hello help helpdesk hostmaster hr info
inquiries jobs kontakt kundenservice legal mail mailbox marketing newsletter noreply
office orders post postmaster press presse privacy purchasing reception rechnung
reservations root sales security sekretariat service shop support team verkauf vertrieb
webmaster welcome zentrale
"""
ROLES = frozenset(ROLE_WORDS.split())
RECORD_IDS = (IdentifierKind.EXTERNAL_CONTACT, IdentifierKind.CRM_CONTACT)
NUMBERS_OF_ONE = (IdentifierKind.CUSTOMER, IdentifierKind.CRM_CONTACT)
IDS = (*RECORD_IDS, IdentifierKind.CUSTOMER)
NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]

ROLE = "It looks like a shared mailbox."
GIVEN = "It was given in the request."
NUMBERS_DIFFER = "Records with different customer numbers carry it."
NAMES_DIFFER = "Records with different names carry it, and the person's name is not known."
OTHER_NAME = "It is under another name."
WEAK_NAME = "Its name fits by an initial or a single word only, or names two people."
NO_NAME = "It has no name, and holds what no record of the person has."
NAME_UNKNOWN = "Its name cannot be compared: no name of the person is known."
SAME_NAME = "It bears the person's name."
SOMEBODY_ELSES = "It holds an identifier that is somebody else's."
JOINED = "The system has joined it with a record of the person."
ONLY_SHARED = "Everything that leads to it may be shared."
JOINED_WRONGLY = "The system has joined it with a record that is somebody else's."
NAMESAKE = "It may be a namesake's: records under this name have different customer numbers."
NAME_ALONE = "Nothing but a name or a likeness led to it."


class Evidence(Protocol):
    """What is compared of a record."""

    @property
    def store(self) -> str: ...

    @property
    def remote_id(self) -> str: ...

    @property
    def identifiers(self) -> Collection[Identifier]: ...

    @property
    def names(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question to the officer, and what to weigh. Nothing against: no question."""

    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The question in one line of at most 200 characters."""
        return self.speaks_against[0] if self.speaks_against else ""


def is_role(who: Identifier) -> bool:
    """Whether an address is a function's, not a person's (compare RFC 2142)."""
    if who.kind is not IdentifierKind.EMAIL:
        return False
    local = who.value.partition("@")[0].partition("+")[0]
    return "".join(each for each in local if each.isalpha()) in ROLES


def own_ids(record: Evidence) -> frozenset[Identifier]:
    """The identifiers that stand for the record itself: deciding on one decides on it.

    Its remote id may carry a prefix: ``externalContactId:…``.
    """
    names_itself = {record.remote_id, record.remote_id.partition(":")[2]}
    return frozenset(
        who for who in record.identifiers if who.kind in RECORD_IDS and who.value in names_itself
    )


def numbers_differ(one: Evidence, other: Evidence) -> bool:
    """Whether two records of one store have customer numbers, and none in common.

    Records that the system itself has joined are one.
    """
    if one.store != other.store or merged(one, other):
        return False
    mine, theirs = numbers_of(one), numbers_of(other)
    return bool(mine and theirs) and not mine & theirs


def merged(one: Evidence, other: Evidence) -> bool:
    """Whether the system joined two records: the one carries the other's own id."""
    return bool(own_ids(one) & set(other.identifiers) or own_ids(other) & set(one.identifiers))


def numbers_of(record: Evidence) -> set[Identifier]:
    own = own_ids(record)
    return {who for who in record.identifiers if who.kind in NUMBERS_OF_ONE and who not in own}


def counted(number: int, rest: str) -> str:
    """ "Two records {rest}", "One record {rest}": verbs in ``rest`` as "carries|carry"."""
    one, _, many = rest.partition("|")
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} record {one}." if number == 1 else f"{word} records {many or one}."


def holds(number: int) -> str:
    """How many of the person's identifiers led to a record."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    many = "identifier of the person is" if number == 1 else "identifiers of the person are"
    return f"{word} {many} on it."
