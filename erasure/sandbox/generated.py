"""Populations made to measure: from a plan in JSON, or a chain of contacts of any length."""

from collections.abc import Iterable, Mapping
from typing import Any

from .person import DIVISIONS, ContactPlan, Number, Person, Talk

MEDIA = ("voice", "callback", "email", "chat", "message")
KINDS = ("Curated", "Identified", "Ephemeral")


def generated(given: Mapping[str, Any]) -> tuple[Person, ...]:
    """The people of a plan; its shape is told in ``people``.

    Raises:
        ValueError: a key is missing or twice, or a word is unknown.
    """
    try:
        people = tuple(_person(one) for one in given["people"])
    except (KeyError, TypeError) as why:
        raise ValueError(f"The generated population is not of its shape: {why}.") from None
    keys = [one.key for one in people]
    if len(keys) != len(set(keys)):
        raise ValueError("Two generated people have the same key.")
    return people


def _person(given: Mapping[str, Any]) -> Person:
    contacts = tuple(_contact(one) for one in given["contacts"])
    divisions = {one.key: one.division for one in contacts}
    if len(divisions) != len(contacts):
        raise ValueError("Two contacts of one person have the same key.")
    if not {one.merged_to for one in contacts} <= {"", *divisions}:
        raise ValueError("A contact is merged into one the person does not have.")
    whatsapp = [one.whatsapp for one in contacts if one.whatsapp]
    return Person(
        key=given["key"],
        first_name=given["first_name"],
        last_name=given["last_name"],
        emails=_once(email for one in contacts for email in one.emails),
        phones=_once(phone.value for one in contacts for phone in one.phones),
        external_ids=_once(value for one in contacts for value in one.external_ids),
        other_names=tuple(given.get("other_names", ())),
        whatsapp=whatsapp[0] if whatsapp else "",
        divisions=_once(divisions.values()) or DIVISIONS[:1],
        bystander=bool(given.get("bystander", False)),
        crm=False,
        contacts=contacts,
        talks=tuple(_talk(one, divisions) for one in given.get("talks", ())),
    )


def _contact(given: Mapping[str, Any]) -> ContactPlan:
    claims = given.get("claims")
    return ContactPlan(
        key=given["key"],
        first=given["first"],
        last=given["last"],
        emails=tuple(given.get("emails", ())),
        phones=tuple(_number(one) for one in given.get("phones", ())),
        whatsapp=given.get("whatsapp", ""),
        external_ids=tuple(given.get("external_ids", ())),
        merged_to=given.get("merged_to", ""),
        kind=_one_of(KINDS, given.get("kind", KINDS[0])),
        division=_one_of(DIVISIONS, given.get("division", DIVISIONS[0])),
        claims=None if claims is None else tuple(claims),
    )


def _number(given: str | Mapping[str, str]) -> Number:
    if isinstance(given, str):
        return Number(given, given if given.startswith("+") else "")
    return Number(given["userInput"], given.get("e164", ""))


def _talk(given: Mapping[str, Any], divisions: Mapping[str, str]) -> Talk:
    own = tuple(_one_of(DIVISIONS, one) for one in given.get("divisions", ()))
    return Talk(
        days=float(given["days"]),
        media=_one_of(MEDIA, given["media"]),
        address=given["address"],
        contact=given["contact"],
        divisions=own or (divisions[given["contact"]],),
        evaluated=bool(given.get("evaluated", False)),
        attributes=tuple(dict(given.get("attributes", {})).items()),
    )


def _one_of(words: tuple[str, ...], word: str) -> str:
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(words)}.")
    return word


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def graph(given: Mapping[str, Any]) -> Person:
    """One person in a ring: each contact shows its own identifiers and one of the next.

    ``identifiers`` (500) over ``contacts`` (200), and ``conversations`` (0) by e-mail.

    Raises:
        ValueError: fewer identifiers than contacts.
    """
    many, records = int(given.get("identifiers", 500)), int(given.get("contacts", 200))
    if many < records or records < 1:
        raise ValueError("A graph needs at least one identifier for each contact.")
    own = [_identifiers(range(number, many, records)) for number in range(records)]
    contacts = tuple(
        ContactPlan(
            key=f"c{number}",
            first="Grit",
            last="Kettenmuster",
            emails=_once([*emails, own[(number + 1) % records][0][0]]),
            phones=tuple(Number(phone, phone) for phone in phones),
            division=DIVISIONS[number % len(DIVISIONS)],
            claims=(*emails, *phones),
        )
        for number, (emails, phones) in enumerate(own)
    )
    return Person(
        key="graph",
        first_name="Grit",
        last_name="Kettenmuster",
        emails=_once(email for emails, _ in own for email in emails),
        phones=_once(phone for _, phones in own for phone in phones),
        divisions=DIVISIONS,
        crm=False,
        contacts=contacts,
        talks=tuple(_letter(number, contacts) for number in range(given.get("conversations", 0))),
    )


def _identifiers(numbers: Iterable[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """E-mail addresses and phones in turn; phones while the range for drama lasts."""
    emails, phones = [], []
    for place, number in enumerate(numbers):
        if place % 2 and number < 1000:
            phones.append(f"+447700900{number:03d}")
        else:
            emails.append(f"link{number:05d}@example.org")
    return tuple(emails), tuple(phones)


def _letter(number: int, contacts: tuple[ContactPlan, ...]) -> Talk:
    one = contacts[number % len(contacts)]
    days = 3 + 7 * number % 2500
    return Talk(days, "email", one.emails[0], one.key, (one.division,), attributes=())
