"""Synthetic organisations from a seed, with the truth about every record in them.

People have one to eight addresses and numbers over several contacts, merged contacts,
shared landlines and mailboxes, namesakes, recycled addresses, cycles, names and numbers
written in many ways. The same organisation as an in-memory look-up for pure tests, and
as the JSON plan of the sandbox's population ``generated``.
"""

import unicodedata
from dataclasses import dataclass, field
from random import Random

from erasure.connectors.base import Found
from erasure.identity import identifier
from erasure.identity.names import words
from erasure.values import Identifier, IdentifierKind

EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
CONTACT, CRM = IdentifierKind.EXTERNAL_CONTACT, IdentifierKind.CRM_CONTACT
NAMES = (
    ("Ada", "Beispiel"), ("Adam", "Beispiel"), ("Adele", "Beispiel"), ("Zoë", "Müller"),
    ("Siobhan", "O'Brien-Sample"), ("ليلى", "مثال"), ("נועה", "דוגמה"), ("José", "Núñez Muster"),
    ("Søren", "Ærøskøbing"), ("Bruno", "Muster"), ("Bruna", "Muster"), ("Jo", "Doppel"),
    ("Jo", "Doppler"), ("Maria", "Specimen"), ("Марія", "Приклад"), ("Ann", "Placeholder"),
)  # fmt: skip
MAIDEN = ("Vorher", "Geborene", "Formerly", "Antan")
DOMAINS = ("example.org", "example.com", "example.net", "bücher.example", "xn--bcher-kva.example")
ROLES = ("info", "office", "kontakt", "familie.beispiel", "haus")
WAYS = (
    "+44{0}{1}", "+44 {0} {1}", "0044 {0} {1}", "0{0} {1}", "(0{0}) {1}", "0{0}/{1}",
    "tel:+44-{0}-{1}", "+44 (0){0} {1}", "0{0}.{1}", "0{0}-{1}",
)  # fmt: skip


@dataclass
class Contact:
    """One record, and whose it truly is."""

    key: str
    person: str
    first: str
    last: str
    emails: dict[str, None] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # E.164: as written
    external_ids: tuple[str, ...] = ()
    merged_to: str = ""

    @property
    def id(self) -> str:
        return f"{self.person}-{self.key}"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    def values(self) -> dict[Identifier, str]:
        """Every identifier, normalised, and the field it stands in."""
        found = {identifier(EMAIL, one): "e-mail" for one in self.emails}
        found |= {identifier(PHONE, one, "GB"): "phone" for one in self.phones.values()}
        found |= {identifier(CRM, one): "external id" for one in self.external_ids}
        return found


@dataclass
class Person:
    key: str
    first: str
    last: str
    maiden: str = ""
    contacts: list[Contact] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


class Organisation:
    """Everything one seed makes. ``owners`` tells whose an identifier truly is."""

    def __init__(self, seed: int) -> None:
        self.seed, self.chance = seed, Random(seed)  # noqa: S311
        self.numbers = iter(self.chance.sample(range(1000), 1000))
        self.people = [self._person(n) for n in range(self.chance.randint(3, 7))]
        for _ in range(self.chance.randint(1, 3)):
            self._share(self.chance.sample(self.people, self.chance.randint(2, 3)))
        self._recycle(*self.chance.sample(self.people, 2))
        if self.chance.random() < 0.5:
            self._namesake(self.chance.choice(self.people))
        self.contacts = [one for person in self.people for one in person.contacts]
        self.records = {one.id: self._record(one) for one in self.contacts}
        self.owners: dict[Identifier, set[str]] = {}
        for one in self.contacts:
            for who in (*one.values(), Identifier(CONTACT, one.id)):
                self.owners.setdefault(who, set()).add(one.person)

    def lookup(self, who: Identifier) -> list[Found]:
        """As the systems do: exact for everything but names, which match by their words."""
        if who.kind is not NAME:
            return [one for one in self.records.values() if who in one.identifiers]
        asked = set(words(who.value))
        like = [o for o in self.records.values() if any(asked <= set(words(n)) for n in o.names)]
        return [
            Found("contacts", o.remote_id, identifiers=o.identifiers, names=o.names, certain=False)
            for o in like
        ]

    def of(self, person: Person) -> set[str]:
        return {one.id for one in person.contacts}

    def unambiguous(self, person: Person) -> list[Identifier]:
        """What is this person's and nobody else's."""
        return sorted(
            (who for who, whose in self.owners.items() if whose == {person.key}),
            key=lambda who: (who.kind, who.value),
        )

    def plan(self) -> dict:
        """The sandbox's population ``generated``."""
        return {"people": [self._planned(person) for person in self.people]}

    def _planned(self, person: Person) -> dict:
        talks = [
            {
                "days": 10 + 30 * number, "media": "voice" if one.phones else "email",
                "address": next(iter(one.phones or one.emails)), "contact": one.key,
                "divisions": [], "evaluated": number % 2 == 0, "attributes": {},
            }
            for number, one in enumerate(person.contacts) if one.phones or one.emails
        ]  # fmt: skip
        return {
            "key": person.key, "first_name": person.first, "last_name": person.last,
            "other_names": [f"{person.first} {person.maiden}"] if person.maiden else [],
            "contacts": [
                {
                    "key": one.key, "first": one.first, "last": one.last,
                    "emails": list(one.emails),
                    "phones": [{"userInput": w, "e164": e} for e, w in one.phones.items()],
                    "whatsapp": "", "external_ids": list(one.external_ids),
                    "merged_to": one.merged_to,
                    "kind": "Curated" if one.name else "Identified",
                    "division": "Home" if len(one.key) % 2 else "Sales",
                }
                for one in person.contacts
            ],
            "talks": talks,
        }  # fmt: skip

    def _record(self, one: Contact) -> Found:
        joined = {c.id for c in self.contacts if c.person == one.person and one.key == c.merged_to}
        joined |= {f"{one.person}-{one.merged_to}"} if one.merged_to else set()
        fields = one.values() | {Identifier(CONTACT, one.id): "contact"}
        fields |= {Identifier(CONTACT, each): "merged contact" for each in joined}
        return Found(
            "contacts", one.id, identifiers=tuple(fields), fields=fields,
            names=(one.name,) if one.name else (),
        )  # fmt: skip

    def _person(self, number: int) -> Person:
        first, last = self.chance.choice(NAMES)
        person = Person(f"p{number}", first, last)
        if self.chance.random() < 0.3:
            person.maiden = self.chance.choice(MAIDEN)
        self._contacts(person)
        return person

    def _contacts(self, person: Person) -> None:
        """A chain of contacts, each with an identifier of one before it; some links close it."""
        for number in range(self.chance.randint(1, 5)):
            one = Contact(f"c{number}", person.key, *self._written(person, number == 0))
            if person.contacts:
                self._link(self.chance.choice(person.contacts), one)
            for _ in range(self.chance.randint(0 if number else 1, 2)):
                one.emails[self._email(person)] = None
            for _ in range(self.chance.randint(0, 2)):
                self._add_phone(one, self._phone())
            person.contacts.append(one)
        if len(person.contacts) > 2 and self.chance.random() < 0.5:
            self._link(person.contacts[0], person.contacts[-1])
        if self.chance.random() < 0.4:
            self.chance.choice(person.contacts).external_ids = (f"CRM-{person.key}",)
        if len(person.contacts) > 1 and self.chance.random() < 0.3:
            person.contacts[1].merged_to = person.contacts[0].key

    def _link(self, one: Contact, other: Contact) -> None:
        """An identifier of the one stands on the other too."""
        if one.phones and (not one.emails or self.chance.random() < 0.5):
            self._add_phone(other, self.chance.choice(list(one.phones)))
        elif one.emails:
            email = self.chance.choice(list(one.emails))
            other.emails[email.upper() if self.chance.random() < 0.2 else email] = None

    def _add_phone(self, one: Contact, number: str) -> None:
        way = self.chance.choice(WAYS)
        one.phones[number] = way.format(number[3:-6], number[-6:])

    def _written(self, person: Person, whole: bool) -> tuple[str, str]:
        """First and last name as somebody typed them."""
        first, last = person.first, person.last
        ways = [
            (first, last), (first.upper(), last.upper()), ("", f"{last}, {first}"),
            (f"Dr. {first}", last), (first, f"M. {last}"), (first, last.replace("ü", "ue")),
            (unicodedata.normalize("NFD", first), last),
        ]  # fmt: skip
        if not whole:
            ways += [("", ""), (f"{first[0]}.", last), ("", last)]
            ways += [(first, person.maiden)] if person.maiden else []
        return self.chance.choice(ways)

    def _email(self, person: Person) -> str:
        number, domain = next(self.numbers), self.chance.choice(DOMAINS)
        mark = self.chance.choice(["", "+news", "'x", "_"])
        return f"{self.chance.choice(['person', 'Person'])}{number}{mark}@{domain}"

    def _phone(self) -> str:
        return f"+44{self.chance.choice(['1632960', '7700900'])}{next(self.numbers):03d}"

    def _share(self, people: list[Person]) -> None:
        """A landline, switchboard or mailbox: on a named contact of each, and bare on one."""
        for person in people:
            self._tell_apart(person, people)
        if self.chance.random() < 0.5:
            mailbox = f"{self.chance.choice(ROLES)}{next(self.numbers)}@example.org"
            for person in people:
                person.contacts[0].emails[mailbox] = None
            return
        number = self._phone()
        for person in people:
            self._add_phone(person.contacts[0], number)
        if self.chance.random() < 0.5:
            one = Contact(f"bare{len(people[-1].contacts)}", people[-1].key, "", "")
            self._add_phone(one, number)
            if self.chance.random() < 0.5:
                one.emails[self._email(people[-1])] = None
            people[-1].contacts.append(one)

    def _tell_apart(self, person: Person, people: list[Person]) -> None:
        """Whom no name tells apart has a customer number, as in any real house."""
        if any(p is not person and confusable(p, person) for p in people):
            person.contacts[0].external_ids = (f"CRM-{person.key}",)

    def _recycle(self, one: Person, other: Person) -> None:
        """An address somebody gave up belongs to somebody else now."""
        if one.contacts[0].emails:
            address = next(iter(one.contacts[0].emails))
            other.contacts[0].emails[address] = None
            for person in (one, other):
                self._tell_apart(person, [one, other])

    def _namesake(self, person: Person) -> None:
        """Another person of the same name who shares the landline."""
        twin = Person(f"p{len(self.people)}", person.first, person.last)
        twin.contacts.append(Contact("c0", twin.key, person.first, person.last))
        twin.contacts[0].emails[self._email(twin)] = None
        self.people.append(twin)
        number = self._phone()
        for one in (person, twin):
            self._add_phone(one.contacts[0], number)
            self._tell_apart(one, [person, twin])


def confusable(one: Person, other: Person) -> bool:
    """Whether their names could be written alike."""
    mine, theirs = set(words(one.name)), set(words(other.name))
    return mine <= theirs or theirs <= mine
