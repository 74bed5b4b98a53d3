"""The contacts and cases everybody has."""

from collections.abc import Iterator

from ..people import Person
from .records import Values, made_id
from .schema import PREFIXES

Rows = Iterator[tuple[str, str, str, Values]]  # kind, owner, id, values


def id_of(person: Person, kind: str, name: str) -> str:
    return made_id(PREFIXES[kind], person.key, name)


def typed(phone: str, *, abroad: bool) -> str:
    """A British number as people type it: 01632 961000, or +44 1632 960101 for abroad."""
    rest = phone.removeprefix("+44")
    return f"{'+44 ' if abroad else '0'}{rest[:4]} {rest[4:]}"


def basic_rows(person: Person, number: int) -> Rows:
    """One contact, a second one where there are two addresses, and their cases."""
    for kind, name, values in _named_rows(person, number):
        yield kind, person.key, id_of(person, kind, name), values


def _named_rows(person: Person, number: int) -> Iterator[tuple[str, str, Values]]:
    yield "Contact", "contact", _contact(person, person.first_name, person.last_name)
    mail = person.email
    if len(person.emails) > 1:
        mail = person.emails[1]
        first, _, last = (person.other_names or (person.name,))[0].partition(" ")
        second = _contact(person, first, last)
        yield "Contact", "contact-2", {**second, "Email": mail, "Phone": None}
    called = {"ContactId": id_of(person, "Contact", "contact")}
    yield "Case", "call", {**_case(person, number * 2), **called}
    if not person.bystander:
        web = {"SuppliedEmail": mail, "SuppliedName": person.name}
        yield "Case", "web", {**_case(person, number * 2 + 1), **web}


def _contact(person: Person, first: str, last: str) -> Values:
    """A contact whose landline stands as people type it, its mobile in E.164.

    Bystanders' numbers lack the country, so that only the right region finds them.
    """
    return {
        "Name": f"{first} {last}",
        "FirstName": first,
        "LastName": last,
        "Email": person.email,
        "Phone": typed(person.phone, abroad=not person.bystander),
        "MobilePhone": person.phones[1] if len(person.phones) > 1 else None,
        "Description": f"Lives at {person.address}",
    }


def _case(person: Person, number: int) -> Values:
    return {
        "CaseNumber": f"{1000 + number:08d}",
        "Subject": "Question about an order",
        "Description": f"{person.name} asked for a call back.",
        "Status": "Closed",
    }
