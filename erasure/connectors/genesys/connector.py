"""Genesys Cloud as a connector: each verb handed to the store it concerns."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from erasure import clock
from erasure.connectors.base import (
    Account,
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
    RemoteJob,
    Searched,
    Store,
    Unanswered,
)
from erasure.connectors.genesys import check, conversations, jobs, stores, subjects
from erasure.connectors.genesys.contacts import ExternalContacts
from erasure.connectors.genesys.controls import Controls
from erasure.connectors.genesys.conversations import Conversations
from erasure.connectors.genesys.evaluations import Evaluations
from erasure.connectors.genesys.jobs import RecordingJobs
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import unanswered
from erasure.connectors.genesys.recordings import Recordings
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.subjects import GdprSubjects
from erasure.connectors.http import Adapter, Http
from erasure.errors import ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus, System

Lines = Iterator[Found | Searched | Unanswered]


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
        self.http = Http(account, limiter, adapter=adapter)
        self.options = Options.of(account.options)
        recording_jobs = RecordingJobs(self.http, self.options, sleep)
        self.contacts = ExternalContacts(self.http, self.options)
        self.subjects = GdprSubjects(self.http, self.options)
        self.conversations = Conversations(self.http, self.options, sleep)
        self.recordings = Recordings(self.http, self.options, recording_jobs)
        self.evaluations = Evaluations(self.http)
        self._controls = Controls(
            self.contacts, self.subjects, self.conversations, self.recordings, self.evaluations
        )
        self._right_organisation = not account.organisation_id
        self._asking = threading.Lock()

    def _require_right_organisation(self) -> None:
        """Once, before the first read: GET /api/v2/organizations/me (no permission).

        Raises:
            BusyError: it did not answer.
            RefusedError: another organisation than ``Account.organisation_id``.
        """
        with self._asking:
            if not self._right_organisation:
                check.require_right_organisation(self.http)
                self._right_organisation = True

    def _wrong_organisation(self) -> ErasureError | None:
        try:
            self._require_right_organisation()
        except ErasureError as error:
            return error
        return None

    def check(self) -> Iterator[Check]:
        """Test the connection. Never raises."""
        return check.check(self.http)

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

    def collect(self, who: Sequence[Identifier], people: Sequence[Found]) -> Lines:
        """Conversations and what hangs on them, and a word on every store.

        For the two stores of ``lookup`` the word only counts ``people``: an Unanswered
        of lookup() outranks it.
        """
        if error := self._wrong_organisation():
            yield from (unanswered(store.name, error) for store in self.stores)
            return
        for store in (stores.CONTACTS, stores.SUBJECTS):
            yield _searched(store, sum(one.store == store for one in people))
        wanted = _everything(who, people)
        try:
            rows = self.conversations.search(wanted)
        except ErasureError as error:
            for store in (stores.CONVERSATIONS, stores.RECORDINGS, stores.EVALUATIONS):
                yield unanswered(store, error, stores.PERMISSIONS[stores.CONVERSATIONS])
            return
        oldest = (clock.now() - self.options.look_back).date().isoformat()
        yield from (conversations.as_found(row) for row in rows)
        yield _searched(stores.CONVERSATIONS, len(rows), f"looked back to {oldest}")
        yield from self._hanging(rows)

    def _hanging(self, rows: Sequence[Conversation]) -> Lines:
        evaluations = list(self.evaluations.collect(rows))
        yield from evaluations
        yield _searched(stores.EVALUATIONS, len(evaluations))
        try:
            recordings = self.recordings.collect(rows)
        except ErasureError as error:
            yield unanswered(stores.RECORDINGS, error, stores.PERMISSIONS[stores.RECORDINGS])
            return
        yield from recordings
        yield _searched(stores.RECORDINGS, len(recordings))

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
        store = _store_of(refs)
        if error := self._wrong_organisation():
            return iter([NotErased(ref, error) for ref in refs])
        singly: dict[str, Callable[[ItemRef, Clear], Erased]] = {
            stores.CONTACTS: self.contacts.erase_one,
            stores.SUBJECTS: self.subjects.erase_one,
            stores.EVALUATIONS: self.evaluations.erase_one,
        }
        if store == stores.RECORDINGS:
            return self.recordings.erase(refs, clear)
        if store in singly:
            return _each(singly[store], refs, clear)
        raise RefusedError(f"{store}: erased by the vendor's own job only")

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

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read items of one store back. Raises BusyError or RefusedError if it cannot."""
        store = _store_of(refs)
        self._require_right_organisation()
        if store == stores.CONVERSATIONS:
            return self.conversations.verify(refs, who, names)
        if store == stores.SUBJECTS:
            return self.subjects.verify(refs, who, names)
        if store == stores.RECORDINGS:
            return self.recordings.verify(refs)
        if store == stores.CONTACTS:
            return map(self.contacts.verify_one, refs)
        if store == stores.EVALUATIONS:
            return map(self.evaluations.verify_one, refs)
        raise RefusedError("No store of this name is known here")


def _store_of(refs: Sequence[ItemRef]) -> str:
    """The one store of all items. Raises RefusedError for none or several."""
    named = {ref.store for ref in refs}
    if len(named) != 1:
        raise RefusedError("Items of exactly one store are needed")
    return named.pop()


def _each(
    erase_one: Callable[[ItemRef, Clear], Erased], refs: Sequence[ItemRef], clear: Clear
) -> Iterator[Erased | NotErased]:
    for ref in refs:
        try:
            yield erase_one(ref, clear)
        except ErasureError as error:
            yield NotErased(ref, error)


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


def _searched(store: str, total: int, note: str = "") -> Searched:
    return Searched(store, StoreStatus.FOUND if total else StoreStatus.EMPTY, total, note)


def _everything(who: Sequence[Identifier], people: Sequence[Found]) -> list[Identifier]:
    """Every identifier, with those of the person's records and the records' own ids."""
    wanted = list(who)
    for one in people:
        wanted += one.identifiers
        if one.store == stores.CONTACTS:
            wanted.append(Identifier(IdentifierKind.EXTERNAL_CONTACT, one.remote_id))
    return list(dict.fromkeys(wanted))
