"""How somebody who was erased comes back: an import makes a contact, or a backup is restored."""

from collections.abc import Sequence
from datetime import datetime

from ..people import Person
from .org import Org
from .records import Values, made_id
from .schema import PREFIXES


def imported(org: Org, person: Person) -> int:
    """A list of addresses is imported: one new contact, under a new id."""
    number = sum(record.kind == "Contact" for record in org.records.values())
    values: Values = {
        "Name": person.name, "FirstName": person.first_name, "LastName": person.last_name,
        "Email": person.email, "Phone": person.phone,
    }  # fmt: skip
    new = made_id(PREFIXES["Contact"], person.key, f"import-{number}")
    org.add("Contact", person.key, new, values, org.now())
    return 1


def restored(
    org: Org, people: Sequence[Person], seeded: datetime, *, complete: bool, key: str
) -> int:
    """What was lost of one person since the seed is there again, under its old ids."""
    backup = Org(org.now)
    backup.person_accounts = org.person_accounts
    backup.seed(people, seeded, complete=complete)
    mine = {own: row for own, row in backup.records.items() if row.owner == key}
    lost = {own for own in mine if own not in org.records or not org.records[own].live}
    org.records |= {own: mine[own] for own in lost}
    return len(lost)
