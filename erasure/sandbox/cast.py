"""The invented people of the demonstration, the benchmark, and their neighbours."""

from typing import Any

from .person import DIVISIONS, HOME, SALES, ContactPlan, Number, Person, Talk

_FIRST = ("Ada", "Bo", "Cleo", "Dara", "Emil", "Fia", "Gus", "Hedda", "Ivo", "Juno")
_LAST = ("Beispielhaft", "Muster", "Specimen", "Placeholder", "Sample")
_HOUSES = tuple(range(1, 200, 2))
COMPLETE = 4  # this many bystanders, spread over the divisions, have some of every store


def bystanders(count: int) -> tuple[Person, ...]:
    """People nobody asks to erase, spread over the divisions."""
    return tuple(_bystander(number) for number in range(count))


def number_of(bystander: Person) -> int:
    """The how-manieth bystander it is."""
    return int(bystander.key.removeprefix("bystander"))


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
_MONA_EMAILS = (
    "mona.vielfach@example.org",
    "m.vielfach@example.com",
    "vielfach.mona@example.net",
)
_MONA_PHONES = ("+441632960151", "+447700900151")
_LANDLINE = "+441632960160"
_OLD_ADDRESS = "post.box@example.net"


def _mona(key: str, division: str, **given: Any) -> ContactPlan:
    return ContactPlan(key, "Mona", "Vielfach", division=division, **given)


def _mona_contacts() -> tuple[ContactPlan, ...]:
    """A ring of four: each shows one value of the next, so every start finds them all."""
    one, two, three = _MONA_EMAILS
    land, mobile = (Number(phone, phone) for phone in _MONA_PHONES)
    first, second = _MONA_PHONES
    return (
        _mona("main", HOME, emails=(one,), phones=(land,), claims=(one, "CRM-100151"),
              external_ids=("CRM-100151",)),
        _mona("shop", SALES, emails=(two,), phones=(land,), claims=(first,)),
        _mona("club", HOME, emails=(two,), phones=(mobile,), claims=(two,)),
        _mona("site", SALES, emails=(three, one), phones=(mobile,), claims=(second, three)),
        _mona("old", SALES, emails=(three,), merged_to="site", whatsapp=second, claims=(second,)),
    )  # fmt: skip


def _mona_talks() -> tuple[Talk, ...]:
    one, two, three = _MONA_EMAILS
    land, mobile = _MONA_PHONES
    return (
        Talk(15, "voice", land, evaluated=True),
        Talk(60, "email", one),
        Talk(120, "email", two, "shop", (SALES,)),
        Talk(250, "message", mobile, "club"),
        Talk(500, "email", three, "site", (SALES,)),
        Talk(900, "voice", mobile, "old", (SALES,), evaluated=True),
    )


_MONA, _MONA_TALKS = _mona_contacts(), _mona_talks()


def _teiler(key: str, first: str, mobile: str) -> Person:
    """One of two people who share a surname, a house and its landline."""
    email = f"{first}.teiler@example.org".lower()
    numbers = tuple(Number(phone, phone) for phone in (mobile, _LANDLINE))
    return Person(
        key=key,
        first_name=first,
        last_name="Teiler",
        emails=(email,),
        phones=(mobile, _LANDLINE),
        address="8 Shared Lane, Exampleton",
        contacts=(ContactPlan("main", first, "Teiler", emails=(email,), phones=numbers),),
        talks=(
            Talk(25, "voice", mobile, evaluated=True),
            Talk(70, "voice", _LANDLINE),
            Talk(130, "email", email),
        ),
    )


def _reader(key: str, first: str, last: str, phone: str, *, claims_old: bool) -> Person:
    """One of two people who had the same address one after the other."""
    email = f"{first}.{last}@example.org".lower()
    claims = (email, phone, *([_OLD_ADDRESS] if claims_old else []))
    plan = ContactPlan(
        "main", first, last, (email, _OLD_ADDRESS), (Number(phone, phone),), claims=claims
    )
    days = 30 if claims_old else 1200
    return Person(
        key=key,
        first_name=first,
        last_name=last,
        emails=(email, _OLD_ADDRESS),
        phones=(phone,),
        address=f"{11 + claims_old} Letter Street, Exampleton",
        contacts=(plan,),
        talks=(Talk(days, "email", _OLD_ADDRESS), Talk(45, "voice", phone, evaluated=True)),
    )


SUBJECTS = (
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
    Person(
        key="many",
        first_name="Mona",
        last_name="Vielfach",
        emails=_MONA_EMAILS,
        phones=_MONA_PHONES,
        external_ids=("CRM-100151",),
        address="6 Ring Road, Exampleton",
        whatsapp=_MONA_PHONES[1],
        divisions=(HOME, SALES),
        contacts=_MONA,
        talks=_MONA_TALKS,
    ),
    _teiler("family1", "Anna", "+447700900161"),
    _teiler("family2", "Bernd", "+447700900162"),
    _reader("former", "Olga", "Altpost", "+441632960171", claims_old=False),
    _reader("heir", "Henri", "Neupost", "+441632960172", claims_old=True),
)
BENCH = Person(
    key="bench",
    first_name="Benno",
    last_name="Messmuster",
    emails=("benno.messmuster@example.org",),
    phones=("+441632960191",),
    external_ids=("CRM-100191",),
    address="9 Measure Yard, Exampleton",
)
