"""Salesforce as a connector: people, cases and what hangs on them."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
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
from erasure.connectors.http import BaseAdapter
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.check import check
from erasure.connectors.salesforce.collecting import Collecting
from erasure.connectors.salesforce.copies import COPIES, copies
from erasure.connectors.salesforce.finding import unanswered
from erasure.connectors.salesforce.kinds import PEOPLE, kind_of
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.people import People
from erasure.connectors.salesforce.reading import Reading
from erasure.connectors.salesforce.removal import JOB_KIND, Removal
from erasure.connectors.salesforce.stores import STORES
from erasure.connectors.salesforce.users import Users
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, System


class Salesforce:
    """One Salesforce org.

    ``Account.options``: ``api_version``, such as "62.0"; ``jwt_user``, ``jwt_audience``;
    ``custom_objects``, their names with commas between; ``outside_copies``, "none" or where
    they are; ``enhanced_messaging``, "none" if no such channel is in use. ``sleep`` is taken
    because every connector is made alike; nothing here waits.
    """

    system = System.SALESFORCE
    stores: tuple[Store, ...] = STORES

    def __init__(
        self,
        account: Account,
        limiter: Limiter,
        *,
        sleep: Callable[[float], None] = time.sleep,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.org = Org(account, limiter, adapter)
        catalog = Catalog(self.org)
        self._people = People(self.org, catalog)
        self._collecting = Collecting(self.org, catalog)
        self._users = Users(self.org, catalog)
        self._removal = Removal(self.org, self._users)
        self._reading = Reading(self.org)
        self._right_org = False
        self._asking = threading.Lock()

    def check(self) -> Iterator[Check]:
        """Test the connection. Never raises."""
        return check(self.org)

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Records that stand for a person and carry an e-mail address, a telephone number
        or an id of this org; by name, leads only. Outside the configured org nothing is
        searched.
        """
        if error := self._wrong_org():
            stores = dict.fromkeys(kind.store for kind in PEOPLE)
            certain = who.kind is not IdentifierKind.NAME
            return iter([unanswered(each, error) for each in stores if certain])
        return self._people.lookup(who)

    def collect(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """The person's cases and what hangs on them, and a word on every store."""
        yield copies(self.org.account)
        if error := self._wrong_org():
            others = (store.name for store in self.stores if store.name != COPIES)
            yield from (unanswered(each, error) for each in others)
            return
        yield from self._collecting.everything(who, people)

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        """A record of somebody else for each store. Raises BusyError, RefusedError."""
        return self._reading.controls(found)

    def sees(self, control: Control) -> bool:
        """Read a control record afresh. Raises BusyError, RefusedError."""
        self._require_right_org()
        return self._reading.sees(control)

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Erase items of one store, in the configured org and no other."""
        if error := self._wrong_org():
            yield from (NotErased(ref, error) for ref in refs)
            return
        yield from self._removal.erase(refs, clear)

    def _require_right_org(self) -> None:
        with self._asking:
            if self.org.account.organisation_id and not self._right_org:
                self.org.require_right_org()
                self._right_org = True

    def _wrong_org(self) -> BusyError | RefusedError | None:
        try:
            self._require_right_org()
        except (BusyError, RefusedError) as error:
            return error
        return None

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """Ask for a hard-delete job. Raises BusyError, RefusedError."""
        if job.kind != JOB_KIND:
            raise RefusedError("Salesforce: no job of this kind.")
        return self._removal.poll(job)

    def cancel(self, job: RemoteJob) -> bool:
        """Abort a hard-delete job that has not begun. Raises BusyError, RefusedError."""
        return job.kind == JOB_KIND and self._removal.cancel(job)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read items back, the recycle bin included. Raises BusyError, RefusedError."""
        self._require_right_org()
        scrambled = [ref for ref in refs if kind_of(ref.store, ref.facts).scrambled]
        yield from self._users.verify(scrambled, who, names)
        yield from self._reading.verify([ref for ref in refs if ref not in scrambled])

    def tidy(self, known: Collection[str]) -> int:
        """No job waits for a start here."""
        return 0

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """Salesforce has no deletion protection of this kind."""
        return iter(())

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        """Nothing is protected here."""
        return ()

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """Salesforce keeps no audit entry of a deleted record."""
        return iter(())
