"""From people to records: the same ids and the same spread every time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clock import ago
from ..people import HOME, SALES, Person, stable_id
from .rows import CONTACT_LIST, QUEUE
from .state import (
    Contact,
    Conversation,
    Evaluation,
    JourneySession,
    Note,
    Org,
    OutboundContact,
    Recording,
    Survey,
    Voicemail,
)

AGENTS = tuple(stable_id("genesys", "agent", number) for number in range(3))
EVALUATOR = stable_id("genesys", "evaluator")
RECORDED = {"voice": "audio", "email": "email", "chat": "chat", "message": "message"}
LENGTH = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation to seed: how many days ago, by which medium, and what is odd about it."""

    days: float
    media: str
    address: str
    contact: str = "main"
    divisions: tuple[str, ...] = (HOME,)
    outbound: bool = False
    screen: bool = False
    evaluated: bool = False
    surveyed: bool = False
    sensitive: bool = False
    archived: bool = False
    prefixed: bool = True
    copied: tuple[str, ...] = ()
    voicemail: bool = False


def seed(org: Org, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
    """Fill an organisation."""
    for person in people:
        if person.key == "maria":
            _maria(org, person, now)
        elif person.key == "bench":
            _bench(org, person, options.get("bench", {}), now)
        else:
            _anyone(org, person, now)


def contact_id(person: str, which: str = "main") -> str:
    """The id of a person's contact."""
    return stable_id("genesys", "contact", person, which)


def conversation_id(person: str, number: int) -> str:
    """The id of a person's conversation, counted from 0."""
    return stable_id("genesys", "conversation", person, number)


def _maria(org: Org, who: Person, now: datetime) -> None:
    """Four records nobody joined: two curated, one merged away, one made by the platform.

    The first shows the second's address, the second the third's: a walk along the
    identifiers finds them all.
    """
    one, two, three = who.emails
    first, second = who.phones
    married, maiden = who.names
    surname, maiden_surname = married.split()[-1], maiden.split()[-1]
    _add_contact(
        org,
        who,
        now,
        "main",
        HOME,
        surname,
        {"workEmail": one, "otherEmail": two},
        {"cellPhone": first},
        [("Email", one), ("Phone", first)],
        address=who.address,
    )
    _add_contact(
        org,
        who,
        now,
        "sales",
        SALES,
        maiden_surname,
        {"personalEmail": two, "otherEmail": three},
        {"homePhone": second},
        [("Email", two), ("Phone", second)],
        external=who.external_ids,
    )
    _add_contact(
        org,
        who,
        now,
        "ancestor",
        SALES,
        maiden_surname,
        {"workEmail": two},
        {},
        [("SocialWhatsapp", who.whatsapp)],
        merged_to=contact_id(who.key, "sales"),
    )
    _add_contact(
        org, who, now, "identified", HOME, "", {}, {}, [("Email", three)], kind="Identified"
    )
    org.contacts[contact_id(who.key, "ancestor")].whatsapp = who.whatsapp
    _add_note(org, who, "main", f"{who.name} asked for a call in the evening.", ago(now, days=90))
    _add_note(org, who, "ancestor", f"Moved house, writes from {two}.", ago(now, days=800))
    _add_journey(org, who, "sales", ago(now, days=30))
    _add_outbound(org, who, first, ago(now, days=300))
    for number, talk in enumerate(_maria_talks(who)[: org.options.talks]):
        _add_talk(org, who, number, talk, now)


def _maria_talks(who: Person) -> tuple[Talk, ...]:
    one, two, three = who.emails
    first, second = who.phones
    return (
        Talk(0.8, "voice", first),
        Talk(10, "voice", first, screen=True, evaluated=True),
        Talk(40, "email", one, surveyed=True, copied=(two,)),
        Talk(90, "chat", two, "sales", (SALES,)),
        Talk(200, "message", second, "sales", (SALES,)),
        Talk(300, "callback", first, outbound=True, voicemail=True),
        Talk(400, "voice", second, "ancestor", (SALES,), evaluated=True),
        Talk(700, "email", three, "identified"),
        Talk(1000, "voice", first, divisions=(HOME, SALES), prefixed=False),
        Talk(1400, "voice", second, "sales", (SALES,), sensitive=True),
        Talk(1700, "voice", first, archived=True),
        Talk(1950, "voice", first),
        Talk(2500, "email", two, "sales", (SALES,)),
    )


def _anyone(org: Org, who: Person, now: datetime) -> None:
    """One curated contact; a call, and for those who may ask also an e-mail."""
    _add_main(org, who, now)
    home = who.divisions[0]
    days = 20 + int(stable_id(who.key)[:4], 16) % 1500
    talks = [Talk(days, "voice", who.phone, divisions=(home,), evaluated=days % 3 == 0)]
    if not who.bystander:
        talks.append(Talk(12, "email", who.email, divisions=(home,)))
        talks.append(Talk(2100, "voice", who.phone, divisions=(home,), evaluated=True))
        _add_note(org, who, "main", f"{who.name} prefers letters.", ago(now, days=60))
    for number, talk in enumerate(talks):
        _add_talk(org, who, number, talk, now)


def _add_main(org: Org, who: Person, now: datetime) -> None:
    """The one contact of somebody who has one."""
    home = who.divisions[0]
    claims = [("Email", value) for value in who.emails] + [("Phone", value) for value in who.phones]
    _add_contact(
        org,
        who,
        now,
        "main",
        home,
        who.last_name,
        {"workEmail": who.email},
        {"cellPhone": who.phone},
        claims,
        external=who.external_ids,
        address=who.address,
    )


def _bench(org: Org, who: Person, bench: Mapping[str, Any], now: datetime) -> None:
    """Many conversations of one person: ``conversations``, ``recordings``, ``evaluations``.

    The first two are counts (recordings per conversation), the last a fraction. All are
    older than two days and younger than five years, so that a recording job matches them.
    """
    _add_main(org, who, now)
    total, each = int(bench.get("conversations", 100)), int(bench.get("recordings", 1))
    share = float(bench.get("evaluations", 0))
    for number in range(total):
        days = 3 + 1800 * number / max(1, total)
        evaluated = int((number + 1) * share) > int(number * share)
        talk = Talk(days, "voice", who.phone, evaluated=evaluated)
        _add_talk(org, who, number, talk, now, recordings=each)


def _add_contact(
    org: Org,
    who: Person,
    now: datetime,
    which: str,
    division: str,
    last: str,
    emails: dict[str, str],
    phones: dict[str, str],
    claims: list[tuple[str, str]],
    *,
    kind: str = "Curated",
    external: tuple[str, ...] = (),
    address: str = "",
    merged_to: str = "",
) -> None:
    org.contacts[contact_id(who.key, which)] = Contact(
        id=contact_id(who.key, which),
        person=who.key,
        division=division,
        kind=kind,
        first=who.first_name,
        last=last,
        created=ago(now, days=2555),
        emails=emails,
        phones=phones,
        claims=[*claims, *(("ExternalId", value) for value in external)],
        external_ids=external,
        address=address,
        merged_to=merged_to,
    )


def _add_note(org: Org, who: Person, which: str, text: str, created: datetime) -> None:
    key = stable_id("genesys", "note", who.key, which)
    org.notes[key] = Note(key, contact_id(who.key, which), text, created)


def _add_journey(org: Org, who: Person, which: str, created: datetime) -> None:
    key = stable_id("genesys", "journey", who.key)
    cookie = stable_id("genesys", "cookie", who.key)
    org.journeys[key] = JourneySession(key, contact_id(who.key, which), cookie, created)


def _add_outbound(org: Org, who: Person, phone: str, created: datetime) -> None:
    key = stable_id("genesys", "outbound", who.key)
    org.outbound[key] = OutboundContact(
        key, CONTACT_LIST, who.key, who.name, phone, who.email, created
    )


def _add_talk(
    org: Org, who: Person, number: int, talk: Talk, now: datetime, recordings: int = 1
) -> None:
    key, start = conversation_id(who.key, number), ago(now, days=talk.days)
    outbound = stable_id("genesys", "outbound", who.key) if talk.outbound else ""
    org.conversations[key] = Conversation(
        id=key,
        person=who.key,
        start=start,
        end=start + LENGTH,
        media=talk.media,
        divisions=talk.divisions,
        contact=contact_id(who.key, talk.contact),
        name=who.name,
        address=talk.address,
        agent=AGENTS[number % len(AGENTS)],
        direction="outbound" if talk.outbound else "inbound",
        subject=f"Question of {who.name}" if talk.media == "email" else "",
        copied=talk.copied,
        prefixed=talk.prefixed,
        attributes={"customer": who.name, "reached_at": talk.address},
        outbound_contact=outbound,
    )
    _add_recordings(org, who, key, start, talk, recordings)
    if talk.evaluated:
        _add_evaluation(org, who, key, start)
    if talk.surveyed:
        survey = Survey(stable_id(key, "survey"), key, f"Kind regards, {who.name}", start + LENGTH)
        org.surveys[survey.id] = survey
        org.surveys_of[key].append(survey.id)
    if talk.voicemail:
        voicemail = Voicemail(stable_id(key, "voicemail"), key, QUEUE, start)
        org.voicemails[voicemail.id] = voicemail


def _add_recordings(
    org: Org, who: Person, key: str, start: datetime, talk: Talk, count: int
) -> None:
    media = [RECORDED[talk.media]] * count if talk.media in RECORDED else []
    for number, medium in enumerate([*media, *(["screen"] if talk.screen else [])]):
        one = Recording(
            id=stable_id(key, "recording", number),
            conversation=key,
            media=medium,
            start=start,
            end=start + LENGTH,
            content=f"This is {who.name}, {talk.address}.",
            state="ARCHIVED" if talk.archived else "AVAILABLE",
            sensitive=talk.sensitive,
            archive_date=start + timedelta(days=365) if talk.archived else None,
        )
        org.recordings[one.id] = one
        org.recordings_of[key].append(one.id)


def _add_evaluation(org: Org, who: Person, key: str, start: datetime) -> None:
    one = Evaluation(
        stable_id(key, "evaluation"),
        key,
        EVALUATOR,
        f"Handled {who.name} with patience.",
        start + timedelta(days=1),
    )
    org.evaluations[one.id] = one
    org.evaluations_of[key].append(one.id)
