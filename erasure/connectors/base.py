"""What every system can be asked, and how it answers. Rank 1: no Django.

Nothing a connector returns is evidence of erasure except a ``Presence``, and
that one only together with a control record that the same credential still sees.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from erasure.values import Identifier, JobState, StoreStatus, System, Verdict

Facts = Mapping[str, str | int | bool]


class Leg(StrEnum):
    """What erases the records of a store."""

    OWN = "OWN"  # erase() of this very record
    NATIVE = "NATIVE"  # goes along with the vendor's subject-wide job


@dataclass(frozen=True, slots=True)
class Store:
    """The declared behaviour of one store: searched how, erased how, read back how."""

    name: str  # [a-z0-9][a-z0-9_]{0,39}, the second half of <connection>.<store> in the log
    title: str  # for people: "Recordings"
    search: str  # one sentence each, shown to the officer
    erase: str
    verify: str
    leg: Leg = Leg.OWN
    end: Verdict = Verdict.VERIFIED_ABSENT  # the verdict a proven read-back gives
    batch: int = 1  # records per erase() call
    verify_batch: int = 1  # records per verify() call
    told: bool = False  # erased by naming identifiers: what others share must not be named
    subject_wide: bool = False  # a job that knows no exemptions: a hold blocks it
    through: tuple[str, ...] = ()  # stores whose records lead to its own: silent if they are
    contact_record: bool = False  # its erase call removes a contact that a CRM may re-create
    after: tuple[str, ...] = ()  # stores of the same system that must have ended first
    patience_hours: int = 24  # how long a record may still be seen before it has failed
    permissions: tuple[str, ...] = ()  # the vendor's names
    manual: str = ""  # what a person does where no interface can; up to 300 characters
    kept: str = ""  # the article under which it stays unless the DPO decides otherwise

    @property
    def native(self) -> bool:
        """Only the vendor's subject-wide job erases it: a hold anywhere there blocks it."""
        return self.subject_wide or self.leg is Leg.NATIVE


@dataclass(frozen=True, slots=True)
class Account:
    """How one system is reached. The secret is never shown."""

    slug: str
    base_url: str  # https://api.mypurecloud.de, no trailing slash
    login_url: str  # https://login.mypurecloud.de, no trailing slash
    client_id: str
    client_secret: str = field(repr=False)
    reader_id: str = ""  # a second credential that only reads; without one the first does all
    reader_secret: str = field(default="", repr=False)
    organisation_id: str = ""  # checked before anything is erased, when set
    region: str = "DE"  # ISO 3166: how local phone numbers are read
    connect_timeout: float = 5.0  # seconds
    read_timeout: float = 30.0  # seconds
    width: int = 8  # calls side by side
    per_minute: int = 0  # calls this connection sends in a minute; 0: as many as it likes
    options: Facts = field(default_factory=dict)  # a connector's own settings, see each


class Limiter(Protocol):
    """The vendor's rate, shared by every process that uses the same connection."""

    def wait(self) -> None:
        """Return when the next call may leave."""

    def block(self, seconds: float) -> None:
        """Nobody calls this system for so long: it answered 429."""


@dataclass(frozen=True, slots=True)
class Found:
    """One record of the person in one store. ``label`` may be personal: kept encrypted."""

    store: str
    remote_id: str  # the vendor's id, unique in the store
    parent_id: str = ""  # the conversation it belongs to; holds are matched on it
    division: str = ""  # the part of the system a credential can lose sight of
    occurred_at: datetime | None = None
    label: str = ""
    facts: Facts = field(default_factory=dict)  # numbers and kinds, nothing personal
    identifiers: tuple[Identifier, ...] = ()  # every identifier the record carries
    names: tuple[str, ...] = ()
    fields: Mapping[Identifier, str] = field(default_factory=dict)  # where in it: "other e-mail"
    certain: bool = True  # False: a name or fuzzy hit, a lead for the officer
    joint: bool = False  # it carries an identifier and hangs on somebody else's record: asked
    protected: bool = False  # the vendor's own deletion protection covers it
    changed_at: datetime | None = None  # of a record that stands for a person, where it is told

    def __repr__(self) -> str:
        return f"Found({self.store})"


@dataclass(frozen=True, slots=True)
class Searched:
    """A store was searched whole. Without this or an Unanswered it counts as unanswered."""

    store: str
    status: StoreStatus  # FOUND, EMPTY or NOT_PRESENT
    total: int = 0
    note: str = ""  # for people, nothing personal: "looked back to 2019-11-23"
    manual: str = ""  # what a person must do besides, for the part no interface reaches


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A store could not be searched. Never the same as EMPTY."""

    store: str
    reason: str  # for people, nothing personal; names the permission if one is missing
    again: bool = False  # True: busy, worth another try soon


@dataclass(frozen=True, slots=True)
class ItemRef:
    """A record to be erased or read back, as it was inventoried."""

    store: str
    remote_id: str
    parent_id: str = ""
    division: str = ""
    facts: Facts = field(default_factory=dict)
    occurred_at: datetime | None = None
    tries: int = 1  # this attempt's number; above 1: look for a job already submitted
    first_tried: datetime | None = None
    requested_at: datetime | None = None  # when the vendor last took it
    single: bool = False  # a bulk job left it behind: take the one-by-one way

    def __repr__(self) -> str:
        return f"ItemRef({self.store})"


class Reply(StrEnum):
    DONE = "DONE"
    ACCEPTED = "ACCEPTED"  # it will happen later; remote_job names the job if there is one
    ALREADY_GONE = "ALREADY_GONE"


@dataclass(frozen=True, slots=True)
class Erased:
    """What the system said of one item. Not evidence: verify() looks again."""

    ref: ItemRef
    reply: Reply
    http_status: int
    remote_job: str = ""
    job_kind: str = ""


@dataclass(frozen=True, slots=True)
class NotErased:
    """The call for this one item failed; the others of the batch go on."""

    ref: ItemRef
    error: Exception  # BusyError, RefusedError or StoppedError


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A job that runs at the vendor, with the items it is to erase."""

    kind: str
    remote_id: str
    refs: tuple[ItemRef, ...] = ()
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobReport:
    """Where a vendor's job stands. DONE means processed, never erased."""

    state: JobState
    vendor_state: str  # the vendor's own word
    reason: str = ""
    undone: frozenset[str] = frozenset()  # remote ids the job skipped or failed on
    http_status: int = 200


class Seen(StrEnum):
    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    REDACTED = "REDACTED"  # the row is there, nothing of the person is left in it
    RECOVERABLE = "RECOVERABLE"  # in a recycle bin until recoverable_until
    ATTESTED = "ATTESTED"  # the other side states in writing that it is gone: nothing to read


@dataclass(frozen=True, slots=True)
class Presence:
    """What a fresh read saw of one item. ABSENT needs a control read beside it."""

    ref: ItemRef
    seen: Seen
    http_status: int = 200
    recoverable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """Somebody else's record in the same store and division, read again beside an
    absence: a credential that no longer sees it proves nothing."""

    store: str
    division: str
    remote_id: str

    def __repr__(self) -> str:
        return f"Control({self.store})"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a connection test."""

    name: str  # "Recordings"
    ok: bool
    detail: str  # "missing permission recording:job:add", for people


@dataclass(frozen=True, slots=True)
class Protected:
    """The vendor's own deletion protection of one conversation, as just read back."""

    parent_id: str
    on: bool
    reason: str = ""  # why it is not on, for people

    def __repr__(self) -> str:
        return f"Protected({self.on})"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What the vendor's own audit says was done. Old values are left out."""

    remote_id: str  # the entry's id
    at: datetime
    service: str
    entity: str  # "Recording"
    entity_id: str
    action: str  # "Delete"
    status: str  # "SUCCESS"
    ours: bool  # done by the credential of this connection

    def __repr__(self) -> str:
        return f"AuditEntry({self.service}, {self.action})"


Clear = Callable[[Sequence[ItemRef]], None]
"""Called with the limiter's wait behind us and immediately before each destructive
call: asks the holds once more. Raises StoppedError, and then the call must not leave."""


class Connector(Protocol):
    """One system. BusyError: later. RefusedError: a person must look."""

    system: System
    stores: tuple[Store, ...]

    def check(self) -> Iterator[Check]:
        """Test the connection: sign-in, organisation, each store's permissions, clock skew."""

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Records that stand for a person (contacts, subjects) and carry this identifier.

        Each identifier is looked up once per case; the identifiers of what is found
        widen the search until nothing new appears.
        """

    def collect(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """Everything else of the person, once the identifiers are complete.

        ``people`` are the certain records of lookup(). Ends with one Searched or
        Unanswered for every store of ``stores``, those of lookup() included.
        """

    def controls(self, found: Sequence[Found]) -> Iterator[Control]:
        """For each store and division among ``found`` a record of somebody else, if any."""

    def sees(self, control: Control) -> bool:
        """Read a control record afresh with the credential that erases."""

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Erase items of one store; one answer for each."""

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """Ask for a job and take its next step (start it when it is ready and matches)."""

    def cancel(self, job: RemoteJob) -> bool:
        """Stop a job that has not begun to erase. False: it cannot be stopped."""

    def tidy(self, known: Collection[str]) -> int:
        """Cancel jobs of our own that wait to be started, for long, and are not ``known``.

        Returns how many. Raises BusyError, RefusedError.
        """

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read items of one store back, freshly; one answer for each.

        ``who`` and ``names`` are what must no longer stand in a redacted row.
        """

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """Put conversations under the vendor's own deletion protection and read it back.

        One answer for each. A system without such a protection answers nothing. Nothing
        here ever takes protection away.
        """

    def protected(self, conversations: Sequence[str]) -> Collection[str]:
        """Those that are under the vendor's own deletion protection now; a fresh read.

        Raises:
            BusyError, RefusedError: it cannot be read.
        """

    def audits(
        self, since: datetime, until: datetime, about: Collection[str]
    ) -> Iterator[AuditEntry]:
        """The vendor's own record of changes to these remote ids; nothing if it keeps none.

        Raises:
            BusyError: not ready yet. RefusedError: it cannot be read.
        """
