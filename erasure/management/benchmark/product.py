"""One case of the product from the start of the search to its last read-back."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings

from erasure import clock, execution, intake, review, verification
from erasure.connectors.base import Account, Connector, Control, ItemRef, Limiter, Presence
from erasure.connectors.genesys import Genesys
from erasure.discovery import discover
from erasure.identity import identifier
from erasure.models import Actor, DataItem, ErasureCase, SystemConnection, User
from erasure.systems.connect import CONNECTORS
from erasure.values import (
    CaseState,
    Channel,
    Ground,
    Identifier,
    IdentifierKind,
    ItemState,
    System,
    VerificationMethod,
)

PATIENCE = 1800.0  # seconds for one case, with the limit on
NATIVE_POLL = 0.2  # seconds between two looks at the vendor's subject-wide job
POLL = 0.05  # seconds, at first; the vendor's jobs are ready at once here
OPTIONS = {  # what the compared loop does not look for either is declared absent here
    "native_poll_seconds": NATIVE_POLL,
    "poll_seconds": POLL,
    "outside_copies": "none",
    "absent_stores": "speech_transcripts,conversation_summaries",
}
NAMED = (ItemState.FAILED, ItemState.MANUAL, ItemState.HELD, ItemState.EXEMPT)


@dataclass(frozen=True, slots=True)
class Ran:
    """One case, ended. ``named``: items the case itself lists as failed or held."""

    seconds: float
    reading: int  # calls that read back
    named: int


class Tally:
    """Counts the calls that leave while something is read back, thread by thread."""

    def __init__(self) -> None:
        self.reading = 0
        self._lock = threading.Lock()
        self._here = threading.local()

    def left(self) -> None:
        if getattr(self._here, "reading", False):
            with self._lock:
                self.reading += 1

    @contextmanager
    def read_back(self) -> Iterator[None]:
        self._here.reading = True
        try:
            yield
        finally:
            self._here.reading = False


@dataclass(frozen=True, slots=True)
class _Counting:
    """The connection's own limiter, which every call passes once."""

    limiter: Limiter
    tally: Tally

    def wait(self) -> None:
        self.limiter.wait()
        self.tally.left()

    def block(self, seconds: float) -> None:
        self.limiter.block(seconds)


class _Counted(Genesys):
    """The connector itself; what it reads back is told apart."""

    def __init__(self, account: Account, limiter: Limiter, tally: Tally) -> None:
        super().__init__(account, _Counting(limiter, tally))
        self.tally = tally

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        with self.tally.read_back():
            seen = list(super().verify(refs, who, names))
        return iter(seen)

    def sees(self, control: Control) -> bool:
        with self.tally.read_back():
            return super().sees(control)


def connect(
    name: str, credentials: dict[str, Any], per_minute: int, width: int
) -> SystemConnection:
    """A connection to the sandbox of its own for this run."""
    executor = credentials["genesys"]["clients"]["executor"]
    SystemConnection.objects.update(enabled=False)
    url = f"{settings.SANDBOX_URL}/genesys"
    row = SystemConnection(
        slug=name, name="Benchmark", system=System.GENESYS, base_url=url, login_url=url,
        client_id=executor["client_id"], region="GB", per_minute=per_minute, width=width,
        options=OPTIONS | {"calibrators": ",".join(credentials["genesys"]["calibrators"])},
    )  # fmt: skip
    row.set_secret(executor["client_secret"])
    row.save()
    return row


def run(connection: SystemConnection, person: dict[str, Any]) -> Ran:
    """Search, approve, erase and read back. The people in it decide at once.

    Raises:
        RuntimeError: the case does not end.
    """
    with _counting() as tally:
        case = request(person)
        start = time.monotonic()
        discover(case.pk)
        approve(case)
        while not _ended(case, connection):
            if time.monotonic() - start > PATIENCE:
                raise RuntimeError("The case did not end in time.")
        seconds = time.monotonic() - start
    named = DataItem.objects.filter(case=case, state__in=NAMED).count()
    return Ran(seconds, tally.reading, named)


@contextmanager
def _counting() -> Iterator[Tally]:
    """Every new connector counts what it reads back."""
    usual, tally = CONNECTORS[System.GENESYS], Tally()
    CONNECTORS[System.GENESYS] = lambda account, limiter: cast(
        Connector, _Counted(account, limiter, tally)
    )
    try:
        yield tally
    finally:
        CONNECTORS[System.GENESYS] = usual


def request(person: dict[str, Any]) -> ErasureCase:
    officer = Actor.of(User.objects.get(username="officer"))
    case = intake.open_case(
        channel=Channel.TERMINAL, name=person["names"][0], received_at=clock.now(), actor=officer,
        identifiers=[identifier(IdentifierKind.EMAIL, person["emails"][0])],
    )  # fmt: skip
    intake.start(case.pk)
    return verification.confirm(
        case.pk, actor=officer, method=VerificationMethod.CALL_BACK, matched=["phone"],
        reason="Called back.", doubt="It came by telephone.", source="Genesys Cloud EU",
        grounds=[Ground.CONSENT_WITHDRAWN], ground_reason="No other basis.",
    )  # fmt: skip


def approve(case: ErasureCase) -> None:
    found = ErasureCase.objects.get(pk=case.pk)
    if found.state != CaseState.DPO_REVIEW:
        raise RuntimeError(f"The search did not end: {found.waiting_for}")
    dpo = Actor.of(User.objects.get(username="dpo"))
    review.approve(case.pk, actor=dpo, digest=found.inventory_digest)


def _ended(case: ErasureCase, connection: SystemConnection) -> bool:
    execution.drain(connection.pk, clock.now() + timedelta(minutes=1))
    now = execution.progress(case.pk)
    for_a_person = now.items.filter(state__in=(ItemState.FAILED, ItemState.MANUAL))
    return now.finished_execution() or for_a_person.exists()
