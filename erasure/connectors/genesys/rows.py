"""What a conversation row tells: whose it is, what hangs on it, what is left in it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from erasure.connectors.genesys.reading import (
    address,
    distinct,
    moment,
    objects,
    required,
    strings,
    text,
)
from erasure.connectors.http import Json
from erasure.values import Identifier, IdentifierKind

INSIDE = frozenset(
    ("acd", "agent", "api", "botflow", "campaign", "dialer", "fax", "group", "inbound", "ivr",
     "manual", "outbound", "station", "user", "voicemail", "voicesurveyflow", "workflow")
)  # fmt: skip
"""Purposes of participants that are not a person from outside; one we do not know may be."""
NOBODY = frozenset({"customer", "unknown", "anonymous", "unavailable", "private", "guest"})
OWN_SIDE = {"inbound": ("ani", "addressFrom"), "outbound": ("dnis", "addressTo")}
OTHER_SIDE = {"inbound": ("dnis", "sessionDnis", "addressTo"), "outbound": ("ani", "addressFrom")}
ABOUT = ("addressOther", "remote", "remoteNameDisplayable", "callbackUserName")
SILENT = frozenset({"cobrowse", "screenshare", "screenmonitoring"})  # nothing is said in these
VOICEMAIL = "voicemail"  # a purpose, and a type of segment
NOT_TELLING = (IdentifierKind.NAME, IdentifierKind.EXTERNAL_CONTACT)  # read otherwise, see below
LONGEST = 80  # characters of a division in the inventory; three ids are more
_GAPS = re.compile(r"[\s().\-]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Evaluation:
    id: str
    made: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row, read: identifiers and names are those of the person's own participant."""

    id: str
    started: datetime | None
    ended: datetime | None
    divisions: tuple[str, ...]
    media: tuple[str, ...]
    recorded: bool
    evaluations: tuple[Evaluation, ...]
    surveys: int
    identifiers: tuple[Identifier, ...]
    names: tuple[str, ...]
    screens: bool = False  # an agent's screen was recorded
    queues: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()  # queues a voicemail was left in; "" for any other mailbox
    attributes: Mapping[str, str] = field(default_factory=dict)  # the person's own free fields
    outbound: tuple[str, ...] = ()  # campaign contacts dialled, as "contactListId:contactId"
    visible: bool = False  # a searched address or number stood in it
    settled: bool = True  # read from a job after its end: attributes and surveys are in the row

    @property
    def voicemail(self) -> bool:
        """Whether it went to voicemail."""
        return bool(self.mailboxes)

    @property
    def talked(self) -> bool:
        """Whether something was said or written in it that can have been transcribed."""
        return not self.media or not SILENT.issuperset(self.media)

    @property
    def division(self) -> str:
        """All of its divisions as one word: an absence needs a control in each."""
        joined = ",".join(self.divisions)
        if len(joined) <= LONGEST:
            return joined
        return hashlib.sha256(joined.encode()).hexdigest()

    def __repr__(self) -> str:
        return "Conversation()"


def conversation(
    row: Json, known: frozenset[Identifier], company: frozenset[Identifier] = frozenset()
) -> Conversation:
    """Read a row. ``known`` tells the person from other participants from outside;
    what is of the ``company`` is never the person's."""
    participants = objects(row, "participants")
    sessions = [session for one in participants for session in objects(one, "sessions")]
    persons = _persons(participants, known)
    return Conversation(
        id=required(row, "conversationId"),
        started=moment(text(row, "conversationStart")),
        ended=moment(text(row, "conversationEnd")),
        divisions=tuple(sorted(strings(row, "divisionIds"))),
        media=tuple(sorted({text(session, "mediaType") for session in sessions} - {""})),
        recorded=any(_recorded(one) for one in participants),
        evaluations=tuple(_evaluations(row)),
        surveys=len(objects(row, "surveys")),
        identifiers=distinct(
            each for one in persons for each in _identifiers(one) if each not in company
        ),
        names=tuple(dict.fromkeys(name for one in persons for name in _names(one))),
        screens=any(one.get("screenRecording") is True for one in participants),
        queues=_queues(sessions),
        mailboxes=tuple(dict.fromkeys(box for one in participants for box in _mailboxes(one))),
        attributes={name: value for one in persons for name, value in _attributes(one)},
        outbound=tuple(sorted({one for each in persons for one in _dialled(each)})),
        visible=left_in(row, list(known), ()),
    )


def _dialled(participant: Json) -> Iterator[str]:
    """The rows of campaign contact lists a participant was dialled from."""
    for session in objects(participant, "sessions"):
        listed, contact = text(session, "outboundContactListId"), text(session, "outboundContactId")
        if listed and contact:
            yield f"{listed}:{contact}"


def _recorded(participant: Json) -> bool:
    flags = [participant.get("screenRecording")]
    for session in objects(participant, "sessions"):
        flags += [session.get("recording"), session.get("snippetRecording")]
    return any(flag is True for flag in flags)


def _queues(sessions: Sequence[Json]) -> tuple[str, ...]:
    segments = (segment for one in sessions for segment in objects(one, "segments"))
    return tuple(dict.fromkeys(queue for one in segments if (queue := text(one, "queueId"))))


def _mailboxes(participant: Json) -> Iterator[str]:
    """Where a participant took a voicemail: a queue, or "" for a user's, a group's, unknown."""
    owner = text(participant, "purpose") == VOICEMAIL
    sessions = objects(participant, "sessions")
    segments = [segment for one in sessions for segment in objects(one, "segments")]
    left = [one for one in segments if owner or text(one, "segmentType") == VOICEMAIL]
    if owner and not left:
        yield ""
    for one in left:
        personal = text(participant, "userId") or text(one, "groupId")
        yield "" if personal else text(one, "queueId")


def _attributes(participant: Json) -> Iterator[tuple[str, str]]:
    given = participant.get("attributes")
    for name, value in given.items() if isinstance(given, dict) else ():
        yield name, value if isinstance(value, str) else json.dumps(value)


def _evaluations(row: Json) -> Iterator[Evaluation]:
    for entry in objects(row, "evaluations"):
        if entry.get("deleted") is not True:
            made = moment(text(entry, "eventTime"))
            yield Evaluation(required(entry, "evaluationId"), made, text(entry, "evaluationStatus"))


def is_outside(participant: Json) -> bool:
    """Whether a participant is, or may be, a person from outside the company."""
    return text(participant, "purpose") not in INSIDE


def _persons(participants: Sequence[Json], known: frozenset[Identifier]) -> list[Json]:
    """The outside participants that carry a known identifier; with none, all customers.

    A third party called in must not widen the search to its own data.
    """
    outside = [one for one in participants if is_outside(one)]
    matching = [one for one in outside if known & set(_identifiers(one))]
    return matching or [one for one in outside if text(one, "purpose") != "external"]


def _identifiers(participant: Json) -> tuple[Identifier, ...]:
    """Contact id and addresses of a participant, on its own side of each session only."""
    contact = text(participant, "externalContactId")
    found = [Identifier(IdentifierKind.EXTERNAL_CONTACT, contact)] if contact else []
    for session in objects(participant, "sessions"):
        found += _side(session, OWN_SIDE)
        found += [one for one in map(address, strings(session, "callbackNumbers")) if one]
    return distinct(found)


def company_of(rows: Sequence[Json]) -> frozenset[Identifier]:
    """Addresses on the other side of outside participants: the company's own lines and
    mailboxes, which must never widen a search."""
    return frozenset(
        one
        for row in rows
        for participant in objects(row, "participants")
        if is_outside(participant)
        for session in objects(participant, "sessions")
        for one in _side(session, OTHER_SIDE)
    )


def _side(session: Json, sides: Mapping[str, tuple[str, ...]]) -> list[Identifier]:
    fields = sides.get(text(session, "direction"), ())
    return [one for one in (address(text(session, field)) for field in fields) if one]


def _names(participant: Json) -> list[str]:
    """A participant's name, unless it is a number, an address or a word for anybody."""
    name = text(participant, "participantName").strip()
    plain = len(name) > 1 and name.casefold() not in NOBODY and not re.search(r"[\d@]", name)
    return [name] if plain else []


def left_in(row: Json, who: Sequence[Identifier], names: Sequence[str]) -> bool:
    """Whether an identifier or name still stands anywhere in a row, in any spelling.

    Names are looked for word by word. The id of an external contact does not count: the
    vendor keeps it, and it says nothing once the contact itself is proven gone.
    """
    whole = json.dumps(row, ensure_ascii=False).casefold()
    close = _GAPS.sub("", whole)
    for one in who:
        if one.kind not in NOT_TELLING and _stands(one, whole, close):
            return True
    words = set(_WORD.findall(json.dumps(_without_staff(row), ensure_ascii=False).casefold()))
    wanted = [*names, *(one.value for one in who if one.kind is IdentifierKind.NAME)]
    named = (set(_WORD.findall(name.casefold())) for name in wanted)
    return any(name and name <= words for name in named)


def untouched(row: Json) -> bool:
    """Whether a customer's own name or address still stands in a row, whosever it was
    known to be: a row that never showed a searched value is not redacted for that."""
    for one in _persons(objects(row, "participants"), frozenset()):
        sessions = objects(one, "sessions")
        fields = [(each, OWN_SIDE.get(text(each, "direction"), ())) for each in sessions]
        if _names(one) or any(text(each, name).strip() for each, own in fields for name in own):
            return True
    return False


def anybody_left(row: Json) -> bool:
    """Whether any name or address of any participant from outside still stands in a row.

    For a row that never showed a searched value: nothing tells the person's own apart.
    """
    for one in objects(row, "participants"):
        if is_outside(one) and (_names(one) or any(_told(one))):
            return True
    return False


def _told(participant: Json) -> Iterator[str]:
    """What the sessions of a participant tell of it, but for the other side's address."""
    for session in objects(participant, "sessions"):
        others = {text(session, key) for key in OTHER_SIDE.get(text(session, "direction"), ())}
        for key in (*OWN_SIDE.get(text(session, "direction"), ()), *ABOUT):
            value = text(session, key).strip()
            if value not in others:
                yield value
        yield from strings(session, "callbackNumbers")


def _stands(one: Identifier, whole: str, close: str) -> bool:
    value = one.value.casefold()
    if one.kind is IdentifierKind.PHONE:
        return value.lstrip("+") in close
    return value in whole or quote(value, safe="").casefold() in whole


def _without_staff(row: Json) -> Json:
    """The row without the agents' own names: a namesake at work is not the person."""
    participants = []
    for one in objects(row, "participants"):
        staff = text(one, "userId") or text(one, "purpose") in ("agent", "user")
        participants.append({**one, "participantName": ""} if staff else one)
    return {**row, "participants": participants}
