"""An OpenDSR processor as a connector: nothing to search, one request for each person."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from erasure import clock
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
from erasure.connectors.http import Adapter
from erasure.connectors.opendsr.check import check
from erasure.connectors.opendsr.identities import Told, as_json, first_id, told
from erasure.connectors.opendsr.processor import Processor
from erasure.connectors.opendsr.requests import Requests
from erasure.connectors.opendsr.stores import JOB_KIND, SUBJECT_DATA
from erasure.errors import RefusedError
from erasure.values import Identifier, StoreStatus, System

BY_HAND = (
    "The processor takes none of the person's identifiers. Ask it in writing to erase the "
    "person's data and attach its answer."
)
TOO_MANY = (
    "The processor takes three telephone numbers. Tell it the person's other {count} in writing "
    "and attach its answer."
)


class OpenDSR:
    """One processor that speaks OpenDSR 2.0. ``Account.options``: see ``Settings``.

    ``callback_key`` makes the paths on which the processor may call back. ``sleep`` is
    taken because every connector is made alike; nothing here waits.
    """

    system = System.OPENDSR
    stores: tuple[Store, ...] = (SUBJECT_DATA,)

    def __init__(
        self,
        account: Account,
        limiter: Limiter,
        *,
        sleep: Callable[[float], None] = time.sleep,
        adapter: Adapter | None = None,
        callback_key: str = "",
    ) -> None:
        self.processor = Processor(account, limiter, adapter)
        self._requests = Requests(self.processor, callback_key)

    def check(self) -> Iterator[Check]:
        """Test the connection. Never raises."""
        return check(self.processor)

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """The protocol has no search."""
        return iter(())

    def collect(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """One record that stands for whatever the processor holds.

        Where it takes none of the identifiers, a person asks it instead. Raises
        BusyError, RefusedError: discovery was not answered.
        """
        settings = self.processor.settings
        supported = self.processor.discovery().identities
        sent = told(who, supported, phones=settings.phones is not False)
        enough = bool(sent.identities) or (bool(sent.phones) and settings.phones is True)
        if not enough:
            yield Searched(SUBJECT_DATA.name, StoreStatus.MANUAL, note=_note(sent), manual=BY_HAND)
            return
        yield self._standing_for(who, sent)
        manual = TOO_MANY.format(count=sent.too_many) if sent.too_many else ""
        yield Searched(SUBJECT_DATA.name, StoreStatus.FOUND, 1, _note(sent), manual)

    def _standing_for(self, who: Sequence[Identifier], sent: Told) -> Found:
        account = self.processor.account
        rows = (*sent.identities, *sent.phones)
        now = clock.now().astimezone(UTC).replace(microsecond=0)
        return Found(
            SUBJECT_DATA.name,
            first_id(account.client_secret, account.slug, rows),
            facts={
                "identities": as_json(sent.identities),
                "phones": as_json(sent.phones),
                "submitted_time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            identifiers=tuple(dict.fromkeys(who)),
        )

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        """Nothing can be read, so nothing proves that it could be."""
        return iter(())

    def sees(self, control: Control) -> bool:
        """There are no control records."""
        return False

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Submit one request for each item."""
        return self._requests.erase(refs, clear)

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """Ask how a request stands. Raises BusyError, RefusedError."""
        if job.kind != JOB_KIND:
            raise RefusedError("OpenDSR: no job of this kind.")
        return self._requests.poll(job)

    def cancel(self, job: RemoteJob) -> bool:
        """Recall a request that is pending. Raises BusyError, RefusedError."""
        return job.kind == JOB_KIND and self._requests.cancel(job)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Does the processor state in writing that it is done? Raises BusyError, RefusedError."""
        return self._requests.verify(refs)

    def tidy(self, known: Collection[str]) -> int:
        """No job waits for a start here."""
        return 0

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """The protocol has no deletion protection."""
        return iter(())

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        """Nothing is protected here."""
        return ()

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """The protocol has no audit."""
        return iter(())

    def require_proven(self, headers: Mapping[str, str], body: bytes) -> None:
        """Is this callback truly the processor's? Raises as ``Processor.require_proven``."""
        self.processor.require_proven(headers, body)


def _note(sent: Told) -> str:
    count = len(sent.identities) + len(sent.phones)
    note = f"Identifiers the processor takes: {count}."
    if sent.unsent:
        note += f" Not sent, it takes no such kind: {', '.join(sent.unsent)}."
    return note
