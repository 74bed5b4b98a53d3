"""How somebody who was erased comes back: a sync makes a contact, or a backup is restored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..people import Person
from .records import Contact
from .seed import seed
from .state import Org
from .web import new_id

TABLES = (
    "contacts", "conversations", "recordings", "evaluations", "surveys", "notes", "journeys",
    "outbound", "voicemails", "calibrations", "orphans", "transcripts", "summaries",
)  # fmt: skip
LISTS = ("recordings_of", "evaluations_of", "surveys_of")


def imported(org: Org, person: Person) -> int:
    """A sync of another system writes the person as a new contact, under a new id."""
    one = Contact(
        id=new_id(), person=person.key, division=person.divisions[0], kind="Curated",
        first=person.first_name, last=person.last_name, created=org.time,
        emails={"workEmail": person.email}, phones={"cellPhone": person.phone},
        claims=[("Email", person.email), ("Phone", person.phone)], external_ids=(), address="",
        whatsapp="", merged_to="",
    )  # fmt: skip
    org.contacts[one.id] = one
    return 1


def restored(
    org: Org, people: Sequence[Person], options: Mapping[str, Any], seeded: datetime, key: str
) -> int:
    """What was lost of one person since the seed is there again, under its old ids."""
    backup = Org(org.options)
    seed(backup, people, options, seeded)
    ids = {one for one, contact in backup.contacts.items() if contact.person == key}
    talks = {one for one, talk in backup.conversations.items() if talk.person == key}
    count = 0
    for name in TABLES:
        kept, now = getattr(backup, name), getattr(org, name)
        for own, row in kept.items():
            theirs = {getattr(row, each, own) for each in ("person", "contact", "conversation")}
            if theirs & {key, *ids, *talks} and now.get(own) != row:
                now[own], count = row, count + 1
    for own in ids:
        org.gone_with.pop(own, None)
    for name in LISTS:
        getattr(org, name).update({k: v for k, v in getattr(backup, name).items() if k in talks})
    return count
