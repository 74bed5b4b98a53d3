"""What the organisation holds, and the clock-driven things that happen to it."""

import heapq
import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from .. import clock
from ..people import DIVISIONS, stable_id
from .oauth import Client, Desk
from .options import Options
from .records import (
    Calibration,
    Contact,
    Conversation,
    DncList,
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
from .web import missing, new_id, stamp

ORG_ID = stable_id("genesys", "organisation")
DIVISION_IDS = {name: stable_id("genesys", "division", name) for name in DIVISIONS}
DIVISION_NAMES = {key: name for name, key in DIVISION_IDS.items()}


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    number: int
    action: Callable[[], None] = field(compare=False)


def _forget(held: dict[str, Any], keys: Iterable[str]) -> None:
    for key in keys:
        held.pop(key, None)


class Org:
    """One organisation; every access happens under ``lock``."""

    def __init__(self, options: Options) -> None:
        self.lock = threading.RLock()
        self.options = options
        self.time = clock.now()
        self.faults: dict[str, Any] = {}
        self.desk = Desk(options)
        self.chance = Random(5)  # noqa: S311 - repeatable, not secret
        self.contacts: dict[str, Contact] = {}
        self.conversations: dict[str, Conversation] = {}
        self.recordings: dict[str, Recording] = {}
        self.evaluations: dict[str, Evaluation] = {}
        self.surveys: dict[str, Survey] = {}
        self.notes: dict[str, Note] = {}
        self.journeys: dict[str, JourneySession] = {}
        self.outbound: dict[str, OutboundContact] = {}
        self.dnc_lists: dict[str, DncList] = {}
        self.voicemails: dict[str, Voicemail] = {}
        self.calibrations: dict[str, Calibration] = {}
        self.orphans: dict[str, OrphanRecording] = {}
        self.transcripts: dict[str, Transcript] = {}  # by conversation
        self.summaries: dict[str, Summary] = {}  # by conversation
        self.by_value: dict[str, set[str]] = {}  # conversations by what their rows ever said
        self.recordings_of: dict[str, list[str]] = defaultdict(list)
        self.evaluations_of: dict[str, list[str]] = defaultdict(list)
        self.surveys_of: dict[str, list[str]] = defaultdict(list)
        self.still_listed: dict[str, Evaluation] = {}  # deleted, analytics has not noticed
        self.gone_with: dict[str, set[str]] = {}  # a deleted contact's id: ids of its merge set
        self.still_found: dict[str, Contact] = {}  # deleted, search has not noticed
        self.gdpr_requests: dict[str, Any] = {}
        self.queries: dict[str, Any] = {}
        self.jobs: dict[str, Any] = {}
        self.audit_queries: dict[str, Any] = {}
        self.audits: list[dict[str, Any]] = []
        self.disconnects: list[str] = []
        self._due: list[_Due] = []
        self._numbers = itertools.count()

    # -- time

    def tick(self) -> None:
        """Let everything happen that is due by now, in order."""
        now = clock.now()
        while self._due and self._due[0].at <= now:
            due = heapq.heappop(self._due)
            self.time = due.at
            due.action()
        self.time = now

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Have something happen later."""
        self.at(self.time + timedelta(seconds=seconds), action)

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Have something happen at a moment."""
        heapq.heappush(self._due, _Due(when, next(self._numbers), action))

    # -- who sees what

    def permissions_of(self, client: Client) -> frozenset[str]:
        """What a client may do, less what the faults take away.

        ``permission-lost``: a permission's name; ``deny``: a list of them.
        """
        lost = {self.faults.get("permission-lost"), *self.faults.get("deny", ())}
        return client.permissions - lost

    @property
    def lying(self) -> bool:
        """Every destructive call says yes and does nothing."""
        return bool(self.faults.get("lying-vendor"))

    def divisions_of(self, client: Client) -> frozenset[str]:
        """Names of the divisions a client may see, less those a fault takes away.

        ``division-lost``: true (all lose Sales), a client id (it loses Sales), a division's
        name (all lose it) or {"client": id, "division": name}.
        """
        lost = self.faults.get("division-lost")
        if not lost:
            return client.divisions
        if isinstance(lost, dict):
            whose, which = lost.get("client", client.id), lost.get("division", DIVISIONS[-1])
        else:
            which = lost if lost in DIVISIONS else DIVISIONS[-1]
            whose = client.id if lost is True or lost in DIVISIONS else lost
        return client.divisions - {which} if whose == client.id else client.divisions

    def sees(self, client: Client, divisions: Iterable[str]) -> bool:
        """Whether a client may see something of these divisions."""
        return not self.divisions_of(client).isdisjoint(divisions)

    # -- finding

    def conversation(self, client: Client, key: str) -> Conversation:
        """A conversation the client may see.

        Raises:
            Problem: 404 conversation.not.found.
        """
        found = self.conversations.get(key)
        if found is None or not self.sees(client, found.divisions):
            raise missing("conversation", "conversation.not.found")
        return found

    def contact(self, client: Client, key: str) -> Contact:
        """The exact contact, merged or not.

        Raises:
            Problem: 404 contact.not.found.
        """
        found = self.contacts.get(key)
        if found is None or not self.sees(client, [found.division]):
            raise missing("contact", "contact.not.found")
        return found

    def canonical(self, contact: Contact) -> Contact:
        """Where a merged contact leads."""
        while contact.merged_to and contact.merged_to in self.contacts:
            contact = self.contacts[contact.merged_to]
        return contact

    def merge_set(self, contact: Contact) -> list[Contact]:
        """All contacts that share its canonical contact, that one first."""
        top = self.canonical(contact)
        rest = [one for one in self.contacts.values() if one.merged_to]
        return [top, *(one for one in rest if self.canonical(one) is top)]

    # -- removing: the only places where anything goes

    def remove_contact(self, contact: Contact) -> None:
        """Remove a contact with its merge set and notes; search notices later."""
        gone = self.merge_set(contact)
        for one in gone:
            self.contacts.pop(one.id, None)
            self.still_found[one.id] = one
        ids = {one.id for one in gone}
        self.gone_with |= dict.fromkeys(ids, ids)
        self.notes = {key: note for key, note in self.notes.items() if note.contact not in ids}
        self.after(
            self.options.search_lag_seconds,
            partial(_forget, self.still_found, ids),
        )
        if self.faults.get("contact-recreated"):
            self.after(float(self.faults["contact-recreated"]), lambda: self._recreate(gone[0]))

    def _recreate(self, gone: Contact) -> None:
        """An inbound interaction or a CRM sync brings the person back under a new id."""
        again = replace(gone, id=new_id(), kind="Identified", created=self.time)
        self.contacts[again.id] = again

    def remove_recording(self, key: str) -> None:
        """Remove a recording; the last one with words takes the analysis of them along."""
        recording = self.recordings[key]
        recording.content, recording.attachments, recording.state = "", (), "DELETED"
        rest = [self.recordings[one] for one in self.recordings_of[recording.conversation]]
        if not any(one.media != "screen" and one.state != "DELETED" for one in rest):
            self.transcripts.pop(recording.conversation, None)

    def remove_when_due(self, key: str) -> None:
        """Act on a recording's delete date: protection blocks it, whoever set it."""
        recording = self.recordings[key]
        due = recording.delete_date
        if due and due <= self.time and not self.conversations[recording.conversation].protected:
            self.remove_recording(key)

    def remove_evaluation(self, evaluation: Evaluation) -> None:
        """Remove an evaluation; analytics notices later."""
        self.evaluations.pop(evaluation.id, None)
        self.still_listed[evaluation.id] = evaluation
        self.after(
            self.options.evaluation_lag_seconds,
            partial(_forget, self.still_listed, {evaluation.id}),
        )

    # -- what happened

    def audit(
        self,
        client: Client,
        service: str,
        kind: str,
        key: str,
        action: str,
        *,
        done: bool = True,
    ) -> None:
        """Write an audit entry; it can be read after a lag.

        Faults: ``audit-silent`` (none is written), ``audit-contradicts`` (each says FAILURE).
        """
        if self.faults.get("audit-silent"):
            return
        done = done and not self.faults.get("audit-contradicts")
        entry = {
            "id": new_id(),
            "client": {"id": client.id, "selfUri": f"/api/v2/oauth/clients/{client.id}"},
            "serviceName": service,
            "level": "USER",
            "eventDate": stamp(self.time),
            "action": action,
            "entity": {"id": key},
            "entityType": kind,
            "status": "SUCCESS" if done else "FAILURE",
            "application": "Public API",
            "propertyChanges": [],
            "context": {},
        }
        self.after(self.options.audit_lag_seconds, lambda: self.audits.append(entry))
