"""Genesys Cloud as a connector: each verb handed to the store it concerns."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from erasure.connectors.base import (
    Account,
    AuditEntry,
    Check,
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    JobReport,
    Limiter,
    NotErased,
    Presence,
    Protected,
    RemoteJob,
    Searched,
    Store,
    Unanswered,
)
from erasure.connectors.genesys import check, jobs, outbound, places, stores, subjects
from erasure.connectors.genesys.attributes import Attributes
from erasure.connectors.genesys.audits import Audits
from erasure.connectors.genesys.calibrations import Calibrations
from erasure.connectors.genesys.contacts import ExternalContacts
from erasure.connectors.genesys.controls import Controls
from erasure.connectors.genesys.conversations import Conversations
from erasure.connectors.genesys.evaluations import Evaluations
from erasure.connectors.genesys.jobs import RecordingJobs
from erasure.connectors.genesys.journeys import Journeys
from erasure.connectors.genesys.lines import Lines
from erasure.connectors.genesys.notes import Notes
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.orphans import Orphans
from erasure.connectors.genesys.outbound import OutboundContacts
from erasure.connectors.genesys.part import Part, Person
from erasure.connectors.genesys.protection import DeletionProtection
from erasure.connectors.genesys.reading import unanswered
from erasure.connectors.genesys.recordings import Recordings
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.speech import Speech
from erasure.connectors.genesys.subjects import GdprSubjects
from erasure.connectors.genesys.summaries import Summaries
from erasure.connectors.genesys.surveys import Surveys
from erasure.connectors.genesys.voicemail import Voicemail
from erasure.connectors.http import Adapter, Http
from erasure.errors import ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind, System

Said = Iterator[Found | Searched | Unanswered]


class Genesys:
    """One Genesys Cloud organisation. ``sleep`` takes seconds, between looks at a job.

    ``Account.options`` are described in ``options.Options``.
    """

    system = System.GENESYS
    stores: tuple[Store, ...] = stores.STORES

    def __init__(
        self,
        account: Account,
        limiter: Limiter,
        *,
        sleep: Callable[[float], None] = time.sleep,
        adapter: Adapter | None = None,
    ) -> None:
        self.http = Http(account, limiter, adapter=adapter, busy_codes=(outbound.IN_USE,))
        self.reading = _reader(account, limiter, adapter) or self.http
        self.options = Options.of(account.options)
        recording_jobs = RecordingJobs(self.http, self.options, sleep)
        self.contacts = ExternalContacts(self.reading, self.http, self.options)
        self.subjects = GdprSubjects(self.reading, self.http, self.contacts)
        self.conversations = Conversations(self.reading, self.options, sleep)
        self.recordings = Recordings(self.reading, self.http, self.options, recording_jobs)
        self.parts: tuple[Part, ...] = (
            self.contacts,
            self.subjects,
            self.conversations,
            self.recordings,
            Orphans(self.reading, self.http),
            Speech(self.reading, self.options),
            Summaries(self.reading, self.options),
            Voicemail(self.reading),
            Evaluations(self.reading, self.http),
            Notes(self.reading, self.http, self.contacts),
            Journeys(self.reading, self.contacts),
            Attributes(self.reading),
            Calibrations(self.reading, self.http, self.options, self.conversations),
            Surveys(self.reading, self.options, self.conversations),
            OutboundContacts(self.reading, self.http),
            Lines(self.options),
        )
        self._part_of = {name: part for part in self.parts for name in part.names}
        self._controls = Controls(self._part_of, self.contacts, self.conversations)
        self._protection = DeletionProtection(self.reading, self.http)
        clients = (account.client_id, account.reader_id)
        self._audits = Audits(self.reading, self.options, [one for one in clients if one], sleep)
        self._right_organisation = not account.organisation_id and self.reading is self.http
        self._asking = threading.Lock()

    def _require_right_organisation(self) -> None:
        """Once, before the first read: GET /api/v2/organizations/me (no permission).

        Raises:
            BusyError: it did not answer.
            RefusedError: another organisation than ``Account.organisation_id``.
        """
        with self._asking:
            if not self._right_organisation:
                check.require_right_organisation(self.http, self.reading)
                self._right_organisation = True

    def _wrong_organisation(self) -> ErasureError | None:
        try:
            self._require_right_organisation()
        except ErasureError as error:
            return error
        return None

    def check(self) -> Iterator[Check]:
        """Test the connection. Never raises."""
        return check.check(self.http, self.reading)

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Contacts and GDPR subjects that carry an identifier.

        A name gives leads only; its failure blocks nothing. Outside the configured
        organisation no store is searched.
        """
        if error := self._wrong_organisation():
            searched = () if who.kind is IdentifierKind.NAME else (stores.CONTACTS, stores.SUBJECTS)
            yield from (unanswered(store, error) for store in searched)
            return
        if who.kind is IdentifierKind.NAME:
            yield from _whatever(self.contacts.leads(who))
            yield from _whatever(self.subjects.lookup(who, certain=False))
            return
        yield from _or_unanswered(stores.CONTACTS, self.contacts.lookup(who))
        yield from _or_unanswered(stores.SUBJECTS, self.subjects.lookup(who))

    def collect(self, who: Sequence[Identifier], people: Sequence[Found]) -> Said:
        """Ask each part, and have a word on every store.

        For the two stores of ``lookup`` the word only counts ``people``: an Unanswered
        of lookup() outranks it. Without the conversations nothing that hangs on them
        is searched.
        """
        if error := self._wrong_organisation():
            yield from (unanswered(store.name, error) for store in self.stores)
            return
        rows, failed = self._rows(_everything(who, people))
        names = tuple(dict.fromkeys(name for one in people for name in one.names))
        person = Person(tuple(who), names, tuple(people), tuple(rows))
        for part in self.parts:
            if failed and not stores.WITHOUT_ROWS.issuperset(part.names):
                allowed = stores.PERMISSIONS[stores.CONVERSATIONS]
                yield from (unanswered(name, failed, allowed) for name in part.names)
            else:
                yield from _answers(part, person)

    def _rows(self, wanted: Sequence[Identifier]) -> tuple[list[Conversation], ErasureError | None]:
        """The person's conversations, or why they could not be searched."""
        try:
            return self.conversations.search(wanted), None
        except ErasureError as error:
            return [], error

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        """For each store and division a record of somebody else."""
        return self._controls.choose(found)

    def sees(self, control: Control) -> bool:
        """Read a control record afresh. Raises BusyError, RefusedError."""
        self._require_right_organisation()
        return self._controls.sees(control)

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Erase items of one store; one answer for each.

        Raises:
            RefusedError: the store has no erasure of its own.
        """
        part = self._part(_store_of(refs))
        if error := self._wrong_organisation():
            return iter([NotErased(ref, error) for ref in refs])
        return part.erase(refs, clear)

    def _part(self, store: str) -> Part:
        """Raises RefusedError for a store nobody knows."""
        if store not in self._part_of:
            raise RefusedError("No store of this name is known here")
        return self._part_of[store]

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """Ask for a job; start a recording job that is ready and matches."""
        self._require_right_organisation()
        if job.kind == jobs.JOB_KIND:
            return self.recordings.poll(job, clear)
        if job.kind == subjects.JOB_KIND:
            return self.subjects.poll(job)
        raise RefusedError("No job of this kind is known here")

    def cancel(self, job: RemoteJob) -> bool:
        """Stop a recording job before it erases; a GDPR request cannot be stopped."""
        return job.kind == jobs.JOB_KIND and self.recordings.cancel(job)

    def tidy(self, known: Collection[str]) -> int:
        """Free places of the two recording jobs that an organisation may have at once."""
        self._require_right_organisation()
        return places.free(self.http, known)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read items of one store back. Raises BusyError or RefusedError if it cannot."""
        part = self._part(_store_of(refs))
        self._require_right_organisation()
        return part.verify(refs, who, names)

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """The vendor's own deletion protection, read back. Raises BusyError, RefusedError."""
        self._require_right_organisation()
        return self._protection.protect(conversations)

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        """Those under that protection now. Raises BusyError, RefusedError."""
        self._require_right_organisation()
        return self._protection.on(conversations)

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """The vendor's own audit entries. Raises BusyError, RefusedError."""
        self._require_right_organisation()
        return self._audits.entries(since, until, about)


def _store_of(refs: Sequence[ItemRef]) -> str:
    """The one store of all items. Raises RefusedError for none or several."""
    named = {ref.store for ref in refs}
    if len(named) != 1:
        raise RefusedError("Items of exactly one store are needed")
    return named.pop()


def _answers(part: Part, person: Person) -> Said:
    """What a part says; a store it leaves without a word is unanswered."""
    silent = dict.fromkeys(part.names)
    error: ErasureError = RefusedError("The search ended without a word on this store")
    try:
        for line in part.collect(person):
            if not isinstance(line, Found):
                silent.pop(line.store, None)
            yield line
    except ErasureError as failed:
        error = failed
    yield from (unanswered(name, error, stores.PERMISSIONS[name]) for name in silent)


def _whatever(leads: Iterator[Found]) -> Iterator[Found]:
    """Leads as far as they come."""
    try:
        yield from leads
    except ErasureError:
        return


def _or_unanswered(store: str, found: Iterator[Found]) -> Iterator[Found | Unanswered]:
    try:
        yield from found
    except ErasureError as error:
        yield unanswered(store, error, stores.PERMISSIONS[store])


def _everything(who: Sequence[Identifier], people: Sequence[Found]) -> list[Identifier]:
    """Every identifier, with those of the person's records and the records' own ids."""
    wanted = list(who)
    for one in people:
        wanted += one.identifiers
        if one.store == stores.CONTACTS:
            wanted.append(Identifier(IdentifierKind.EXTERNAL_CONTACT, one.remote_id))
    return list(dict.fromkeys(wanted))


def _reader(account: Account, limiter: Limiter, adapter: Adapter | None) -> Http | None:
    """The credential that only reads; None if the connection has no second one."""
    if not account.reader_id:
        return None
    own = replace(account, client_id=account.reader_id, client_secret=account.reader_secret)
    return Http(own, limiter, adapter=adapter)
