"""ServiceNow as a connector."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

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
from erasure.connectors.http import BaseAdapter
from erasure.connectors.servicenow.copies import copies
from erasure.connectors.servicenow.instance import LIST, AbsentError, Instance
from erasure.connectors.servicenow.reading import Reading
from erasure.connectors.servicenow.removal import Removal
from erasure.connectors.servicenow.search import PERSONS, Search, unanswered
from erasure.connectors.servicenow.stores import KINDS, STORES
from erasure.errors import BusyError, ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind, System

MOST_SKEW = 60.0  # seconds


class ServiceNow:
    """One ServiceNow instance. ``Account.options``: see ``Instance``."""

    system = System.SERVICENOW
    stores: tuple[Store, ...] = STORES

    def __init__(
        self,
        account: Account,
        limiter: Limiter,
        *,
        sleep: Callable[[float], None] = time.sleep,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.instance = Instance(account, limiter, adapter)
        self._search = Search(self.instance)
        self._removal = Removal(self.instance)
        self._reading = Reading(self.instance)

    def check(self) -> Iterator[Check]:
        """Sign-in, clock, and each table. Deleting is not tried. Never raises."""
        try:
            self.instance.http.sign_in()
            answer = self.instance.http.send(
                "GET", LIST, params={"sysparm_limit": "1"}, table="sys_user"
            )
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ErasureError as error:
            yield Check("Sign-in", False, str(error))
            return
        except (ValueError, TypeError):
            yield Check("Clock", False, "the answer carries no readable date")
        else:
            yield Check("Sign-in", True, "accepted")
            apart = abs((theirs - clock.now()).total_seconds())
            yield Check("Clock", apart <= MOST_SKEW, f"{apart:.0f} s apart")
        wrong = self._wrong()
        yield Check("Organisation", wrong is None, str(wrong or "as configured"))
        for kind in KINDS:
            try:
                self.instance.columns(kind.table)
                yield Check(kind.title, True, f"{kind.table} can be read")
            except AbsentError:
                yield Check(kind.title, True, f"{kind.table} is not installed")
            except ErasureError as error:
                yield Check(kind.title, False, str(error))

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Consumers, contacts and users that carry an identifier."""
        if error := self._wrong():
            sure = who.kind is not IdentifierKind.NAME
            return iter([unanswered(name, error) for name in PERSONS if sure])
        return self._search.people(who)

    def collect(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """Everything else of the person, and a word on every store."""
        yield copies(self.instance.account)
        if error := self._wrong():
            yield from (unanswered(kind.name, error) for kind in KINDS)
            return
        yield from self._search.everything(who, people)

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        """A row of somebody else for each store. Raises BusyError, RefusedError."""
        return self._reading.controls(found)

    def sees(self, control: Control) -> bool:
        """Read a control afresh. Raises BusyError, RefusedError."""
        self.instance.require_right_instance()
        return self._reading.sees(control)

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Erase items of one store, one by one."""
        if error := self._wrong():
            return iter([NotErased(ref, error) for ref in refs])
        return self._removal.erase(refs, clear)

    def _wrong(self) -> BusyError | RefusedError | None:
        try:
            self.instance.require_right_instance()
        except (BusyError, RefusedError) as error:
            return error
        return None

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read items back. Raises BusyError, RefusedError."""
        self.instance.require_right_instance()
        return self._reading.verify(refs)

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """No job runs here. Raises RefusedError."""
        raise RefusedError("ServiceNow: no job of this kind.")

    def cancel(self, job: RemoteJob) -> bool:
        """No job runs here."""
        return False

    def tidy(self, known: Collection[str]) -> int:
        """No job waits for a start here."""
        return 0

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """ServiceNow has no deletion protection of this kind."""
        return iter(())

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        """Nothing is protected here."""
        return ()

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """The instance's audit rows are themselves erased: nothing is told from them."""
        return iter(())
