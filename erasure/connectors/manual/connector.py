"""A system that nothing here can call: its one store is worked off by a person.

Options: ``instructions`` (what the person does), ``days`` (until the task is due).
Nothing is ever sent, so nothing here can claim that anything is gone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NoReturn

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
from erasure.errors import RefusedError
from erasure.values import Identifier, StoreStatus, System, Verdict

RECORDS = "records"
LONGEST = 300  # characters of what a person is told to do
DEFAULT = (
    "Look for the person by every confirmed identifier and name, erase what is found, and "
    "attach the evidence: what was searched, what was erased, by whom and when."
)


class Manual:
    """A filing cabinet, a mailbox, a partner's portal: whatever only people can reach."""

    system = System.MANUAL
    stores: tuple[Store, ...] = (
        Store(
            name=RECORDS,
            title="Records kept by hand",
            search="No interface searches this system: a person looks for the records.",
            erase="A person erases them there, by the instructions of the task.",
            verify="Nothing here can read it back: a person attests it and attaches the evidence.",
            end=Verdict.ATTESTED,
            manual=DEFAULT,
        ),
    )

    def __init__(
        self,
        account: Account,
        limiter: Limiter | None = None,
        *,
        sleep: Callable[[float], None] | None = None,
        adapter: Any = None,
    ) -> None:
        said = str(account.options.get("instructions", "")).strip()
        self.own, self.instructions = bool(said), (said or DEFAULT)[:LONGEST]

    def check(self) -> Iterator[Check]:
        """There is nothing to call: says what a person will be told."""
        told = "its own instructions" if self.own else "the standard instructions"
        yield Check("Worked off by hand", True, f"no interface; the task carries {told}")

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        return iter(())

    def collect(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """One line for the whole store: a person's task."""
        note = "no interface; a person works it off"
        yield Searched(RECORDS, StoreStatus.MANUAL, note=note, manual=self.instructions)

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        return iter(())

    def sees(self, control: Control) -> bool:
        return False

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """
        Raises:
            RefusedError: always.
        """
        _only_a_person()

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """
        Raises:
            RefusedError: always.
        """
        _only_a_person()

    def cancel(self, job: RemoteJob) -> bool:
        return False

    def tidy(self, known: Collection[str]) -> int:
        return 0

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """
        Raises:
            RefusedError: always.
        """
        _only_a_person()

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        return iter(())

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        return ()

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        return iter(())


def _only_a_person() -> NoReturn:
    raise RefusedError("This system has no interface: a person must do this")
