"""Writes one person's records; ids depend on the person and a number alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...clock import ago
from ...people import Person, Talk, stable_id
from ..records import (
    Calibration,
    Contact,
    Conversation,
    Evaluation,
    JourneySession,
    Note,
    OrphanRecording,
    OutboundContact,
    Recording,
    Summary,
    Survey,
    Transcript,
    Voicemail,
)
from ..rows import CONTACT_LIST, QUEUE
from ..state import Org

AGENTS = tuple(stable_id("genesys", "agent", number) for number in range(3))
EVALUATOR = stable_id("genesys", "evaluator")  # evaluates, and calls for calibrations
RECORDED = {"voice": "audio", "email": "email", "chat": "chat", "message": "message"}
LENGTH = timedelta(minutes=6)


def contact_id(person: str, which: str = "main") -> str:
    """The id of a person's contact."""
    return stable_id("genesys", "contact", person, which)


def conversation_id(person: str, number: int) -> str:
    """The id of a person's conversation, counted from 0."""
    return stable_id("genesys", "conversation", person, number)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Adds records of one person to an organisation."""

    org: Org
    who: Person
    now: datetime

    def ago(self, days: float) -> datetime:
        """Some days before the seed."""
        return ago(self.now, days=days)

    def contact(
        self,
        which: str,
        division: str,
        last: str,
        emails: dict[str, str],
        phones: dict[str, str],
        claims: list[tuple[str, str]],
        *,
        first: str | None = None,
        kind: str = "Curated",
        external: tuple[str, ...] = (),
        address: str = "",
        whatsapp: str = "",
        merged_to: str = "",
    ) -> Contact:
        """A contact record."""
        one = Contact(
            id=contact_id(self.who.key, which),
            person=self.who.key,
            division=division,
            kind=kind,
            first=self.who.first_name if first is None else first,
            last=last,
            created=self.ago(2555),
            emails=emails,
            phones=phones,
            claims=claims,
            external_ids=external,
            address=address,
            whatsapp=whatsapp,
            merged_to=contact_id(self.who.key, merged_to) if merged_to else "",
        )
        self.org.contacts[one.id] = one
        return one

    def note(self, which: str, text: str, days: float) -> None:
        """A note on a contact."""
        key = stable_id("genesys", "note", self.who.key, which)
        self.org.notes[key] = Note(key, contact_id(self.who.key, which), text, self.ago(days))

    def journey(self, which: str, days: float) -> None:
        """A web visit of a contact."""
        key, cookie = (stable_id("genesys", word, self.who.key) for word in ("journey", "cookie"))
        contact = contact_id(self.who.key, which)
        self.org.journeys[key] = JourneySession(key, self.who.key, contact, cookie, self.ago(days))

    def outbound(self, phone: str, days: float) -> None:
        """A row of the campaign's contact list."""
        key, who = stable_id("genesys", "outbound", self.who.key), self.who
        self.org.outbound[key] = OutboundContact(
            key, CONTACT_LIST, who.key, who.name, phone, who.email, self.ago(days)
        )

    def lost_orphan(self, days: float) -> None:
        """An orphan recording that names no conversation: nothing leads to the person."""
        key = stable_id("genesys", "orphan", self.who.key)
        self.org.orphans[key] = OrphanRecording(
            key, self.who.key, "", "audio", "A voice nobody can name.", self.ago(days)
        )

    def talk(self, number: int, talk: Talk, *, name: str = "", recordings: int = 1) -> None:
        """A conversation with all that hangs on it."""
        name = name or self.who.name
        key, start = conversation_id(self.who.key, number), self.ago(talk.days)
        said = {"customer": name, "reached_at": talk.address}
        outbound = stable_id("genesys", "outbound", self.who.key) if talk.outbound else ""
        self.org.conversations[key] = Conversation(
            id=key,
            person=self.who.key,
            start=start,
            end=start + LENGTH,
            media=talk.media,
            divisions=talk.divisions,
            contact=contact_id(self.who.key, talk.contact),
            name=name,
            address=talk.address,
            agent=AGENTS[number % len(AGENTS)],
            direction="outbound" if talk.outbound else "inbound",
            subject=f"Question of {name}" if talk.media == "email" else "",
            copied=talk.copied,
            prefixed=talk.prefixed,
            attributes=said if talk.attributes is None else dict(talk.attributes),
            outbound_contact=outbound,
            to_voicemail=talk.voicemail,
        )
        self._recordings(key, start, talk, name, recordings)
        self._quality(key, start, talk, name)
        self._others(key, start, talk, name)

    def _recordings(self, key: str, start: datetime, talk: Talk, name: str, count: int) -> None:
        said = f"This is {name}, {talk.address}."
        media = [RECORDED[talk.media]] * count if talk.media in RECORDED else []
        if media:
            self.org.transcripts[key] = Transcript(key, said)
        for number, medium in enumerate([*media, *(["screen"] if talk.screen else [])]):
            one = Recording(
                id=stable_id(key, "recording", number),
                conversation=key,
                media=medium,
                start=start,
                end=start + LENGTH,
                content=said,
                attachments=talk.attachments,
                state="ARCHIVED" if talk.archived else "AVAILABLE",
                sensitive=talk.sensitive,
                archive_date=start + timedelta(days=365) if talk.archived else None,
            )
            self.org.recordings[one.id] = one
            self.org.recordings_of[key].append(one.id)

    def _quality(self, key: str, start: datetime, talk: Talk, name: str) -> None:
        org, later = self.org, start + timedelta(days=1)
        if talk.evaluated:
            made = f"Handled {name} with patience."
            one = Evaluation(stable_id(key, "evaluation"), key, EVALUATOR, made, later)
            org.evaluations[one.id] = one
            org.evaluations_of[key].append(one.id)
        if talk.calibrated:
            agreed = f"All agree on the call of {name}."
            calibration = Calibration(stable_id(key, "calibration"), key, EVALUATOR, agreed, later)
            org.calibrations[calibration.id] = calibration
        if talk.surveyed:
            text = f"Kind regards, {name}"
            survey = Survey(stable_id(key, "survey"), key, text, start + LENGTH)
            org.surveys[survey.id] = survey
            org.surveys_of[key].append(survey.id)

    def _others(self, key: str, start: datetime, talk: Talk, name: str) -> None:
        org = self.org
        if talk.summarised:
            text = f"{name} ({talk.address}) asked about an order."
            org.summaries[key] = Summary(stable_id(key, "summary"), key, text, start + LENGTH)
        if talk.voicemail:
            voicemail = Voicemail(stable_id(key, "voicemail"), key, QUEUE, talk.address, start)
            org.voicemails[voicemail.id] = voicemail
        if talk.orphan:
            orphan = stable_id(key, "orphan")
            org.orphans[orphan] = OrphanRecording(
                orphan, self.who.key, key, "audio", f"This is {name}.", start
            )
