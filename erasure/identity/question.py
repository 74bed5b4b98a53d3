"""Guard against erasing somebody else's data: identifiers that may be shared."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Protocol

from erasure.identity.names import strangers
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
ROLE_REASON = "This looks like a shared mailbox: several people may read it."


class Named(Protocol):
    @property
    def names(self) -> Sequence[str]: ...

    @property
    def certain(self) -> bool: ...


def question(who: Identifier, names: Sequence[str], carriers: Iterable[Named]) -> str:
    """Why an identifier may not be this person's alone; empty if nothing says so.

    ``names`` are those of the person, former ones too; ``carriers`` are the records
    that carry the identifier. The text holds nothing personal.
    """
    if is_role(who):
        return ROLE_REASON
    certain = [each for each in carriers if each.certain and each.names]
    others = sum(strangers(each.names, names) for each in certain)
    if others:
        return f"Carried under another name by {others} of {len(certain)} named records."
    if not names and disagree(certain):
        return "Carried by records with different names, and the person's name is not known."
    return ""


def is_role(who: Identifier) -> bool:
    """Whether an address is a function's, not a person's (compare RFC 2142)."""
    if who.kind is not IdentifierKind.EMAIL:
        return False
    local = who.value.partition("@")[0].partition("+")[0]
    return "".join(each for each in local if each.isalpha()) in ROLES


def disagree(records: Sequence[Named]) -> bool:
    return any(strangers(one.names, other.names) for one, other in combinations(records, 2))
