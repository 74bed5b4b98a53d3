"""The invented people every vendor of the sandbox knows.

Domains are example.org/.com/.net (RFC 2606); phone numbers are from ranges kept
free for drama (+44 1632 960xxx, +44 7700 900xxx). Ids are derived from names, so a
reset brings the same ones back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

HOME, SALES = "Home", "Sales"
DIVISIONS = (HOME, SALES)
_FIRST = ("Ada", "Bo", "Cleo", "Dara", "Emil", "Fia", "Gus", "Hedda", "Ivo", "Juno")
_LAST = ("Beispielhaft", "Muster", "Specimen", "Placeholder", "Sample")
_HOUSES = tuple(range(1, 200, 2))


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


def populate(
    population: str = "demo", options: Mapping[str, Any] | None = None
) -> tuple[Person, ...]:
    """The people of a population: ``demo`` or ``bench``.

    Raises:
        ValueError: no such population.
    """
    if population == "demo":
        return (*_SUBJECTS, *bystanders(24))
    if population == "bench":
        bench = (options or {}).get("bench", {})
        return (_BENCH, *bystanders(int(bench.get("bystanders", 24))))
    raise ValueError(f"No population called {population!r}: there are demo and bench.")


def find(people: tuple[Person, ...], key: str) -> Person | None:
    """The person of that key, if there is one."""
    return next((person for person in people if person.key == key), None)


def bystanders(count: int) -> tuple[Person, ...]:
    """People nobody asks to erase, spread over the divisions."""
    return tuple(_bystander(number) for number in range(count))


def _bystander(number: int) -> Person:
    first = _FIRST[number % len(_FIRST)]
    last = _LAST[number // len(_FIRST) % len(_LAST)]
    return Person(
        key=f"bystander{number:02d}",
        first_name=first,
        last_name=last,
        emails=(f"{first}.{last}{number:02d}@example.net".lower(),),
        phones=(f"+441632961{number:03d}",),
        external_ids=(f"CRM-9{number:05d}",),
        address=f"{_HOUSES[number % len(_HOUSES)]} Sample Row, Exampleton",
        divisions=(DIVISIONS[number % len(DIVISIONS)],),
        bystander=True,
    )


_MARIA = Person(
    key="maria",
    first_name="Maria",
    last_name="Beispiel",
    emails=("maria.beispiel@example.org", "m.beispiel@example.com", "mariab@example.net"),
    phones=("+441632960101", "+447700900101"),
    external_ids=("CRM-100101",),
    other_names=("Maria Mustermann",),
    address="7 Sample Street, Exampleton",
    whatsapp="+447700900101",
    divisions=(HOME, SALES),
)
_SUBJECTS = (
    _MARIA,
    Person(
        key="jo1",
        first_name="Jo",
        last_name="Doppel",
        emails=("jo.doppel@example.org",),
        phones=("+441632960111",),
        external_ids=("CRM-100111",),
        address="1 North Sample Road, Exampleton",
    ),
    Person(
        key="jo2",
        first_name="Jo",
        last_name="Doppel",
        emails=("jo.doppel.two@example.com",),
        phones=("+441632960112",),
        external_ids=("CRM-100112",),
        address="2 South Sample Road, Exampleton",
        divisions=(SALES,),
    ),
    Person(
        key="siobhan",
        first_name="Siobhan",
        last_name="O'Brien-Sample",
        emails=("siobhan.o'brien+news@example.org",),
        phones=("+441632960121",),
        external_ids=("CRM-100121",),
        address="3 Apostrophe Lane, Exampleton",
        divisions=(SALES,),
    ),
    Person(
        key="layla",
        first_name="ليلى",
        last_name="مثال",
        emails=("layla.mithal@example.org",),
        phones=("+441632960131",),
        external_ids=("CRM-100131",),
        address="4 Sample Square, Exampleton",
    ),
    Person(
        key="held",
        first_name="Hilda",
        last_name="Haltmuster",
        emails=("hilda.haltmuster@example.org",),
        phones=("+441632960141",),
        external_ids=("CRM-100141",),
        address="5 Evidence Way, Exampleton",
    ),
)
_BENCH = Person(
    key="bench",
    first_name="Benno",
    last_name="Messmuster",
    emails=("benno.messmuster@example.org",),
    phones=("+441632960191",),
    external_ids=("CRM-100191",),
    address="9 Measure Yard, Exampleton",
)
