"""A remote system that answers as it is told, and cases that are being executed there."""

from collections import deque
from itertools import count

import pytest

from erasure.connectors.base import (
    Erased,
    JobReport,
    Leg,
    NotErased,
    Presence,
    Protected,
    Reply,
    Seen,
    Store,
)
from erasure.errors import ErasureError, StoppedError
from erasure.models import ControlRecord, DataItem, DeletionLogEntry
from erasure.systems import connect
from erasure.values import CaseState, ItemState, JobState, StoreStatus, System
from tests.factories import make_case, make_connection, make_item, make_search


def store(name, **given):
    return Store(name, name.title(), "Searched.", "Erased.", "Read back.", **given)


class Remote:
    """``answers`` are given in turn, then DONE; ``before`` is called as a request would leave."""

    system = System.GENESYS
    stores = (
        store("late", after=("plain",)),
        store("plain"),
        store("bulk", batch=100, verify_batch=100),
        store("wide", subject_wide=True, patience_hours=336),
        store("rows", leg=Leg.NATIVE, verify_batch=100, patience_hours=336),
    )

    def __init__(self):
        self.answers, self.reports = deque(), deque()
        self.sent, self.polled, self.cancelled, self.read = [], [], [], []
        self.told = []
        self.unprotectable, self.gone, self.spare, self.known = set(), set(), [], None
        self.seen, self.visible, self.cancels = Seen.ABSENT, True, True
        self.before = lambda refs: None

    def erase(self, refs, clear):
        """A store with batches is one call; so is each record of the others."""
        try:
            self.before(refs)
            clear(refs)
        except StoppedError as why:
            yield from (NotErased(ref, why) for ref in refs)
            return
        self.sent += [ref.remote_id for ref in refs]
        answer = self.answers.popleft() if self.answers else Reply.DONE
        for ref in refs:
            if isinstance(answer, ErasureError):
                yield NotErased(ref, answer)
            elif isinstance(answer, Reply):
                yield Erased(ref, answer, 404 if answer is Reply.ALREADY_GONE else 204)
            else:
                kind, job = answer
                yield Erased(ref, Reply.ACCEPTED, 202, job, kind)

    def poll(self, job, clear):
        report = self.reports.popleft() if self.reports else JobReport(JobState.RUNNING, "BUSY")
        self.polled.append(job.remote_id)
        if isinstance(report, ErasureError):
            raise report
        if report == "START":
            clear(job.refs)
            self.sent.append(job.remote_id)
            return JobReport(JobState.RUNNING, "PROCESSING")
        return report

    def cancel(self, job):
        if self.cancels:
            self.cancelled.append(job.remote_id)
        return self.cancels

    def verify(self, refs, who, names):
        self.read += [ref.remote_id for ref in refs]
        for ref in refs:
            yield Presence(ref, self.seen, 404 if self.seen is Seen.ABSENT else 200)

    def protect(self, conversations):
        for name in conversations:
            yield Protected(name, name not in self.unprotectable, "The vendor refused it.")

    def protected(self, conversations):
        return [name for name in conversations if name not in self.unprotectable]

    def audits(self, since, until, about):
        if isinstance(self.told, ErasureError):
            raise self.told
        return iter(self.told)

    def sees(self, control):
        return self.visible and control.remote_id not in self.gone

    def controls(self, found):
        return iter(self.spare)

    def tidy(self, known):
        self.known = sorted(known)
        return 0


class Bench:
    """One connection to a remote system, and cases at work there."""

    def __init__(self, remote):
        self.remote = remote
        self.numbers = count()
        self.connection = make_connection("system", width=1, per_minute=0)

    def case(self, **stores):
        """A case in execution with so many planned items in each store."""
        case = make_case(CaseState.EXECUTING)
        for name, many in stores.items():
            make_search(case, self.connection, name, StoreStatus.FOUND)
            control = ControlRecord(case=case, connection=self.connection, store=name)
            control.remote_id = "somebody-else"
            control.save()
            for _ in range(many):
                self.item(case, name)
        return case

    def item(self, case, name, **given):
        wide = next(one for one in self.remote.stores if one.name == name)
        given = {
            "state": ItemState.PLANNED, "log_number": case.items.count(), "native": wide.native
        } | given  # fmt: skip
        return make_item(case, self.connection, name, **given)


def fresh(item):
    return DataItem.objects.select_related("connection").get(pk=item.pk)


def outcomes(case):
    """The outcome entries of a case in order: item number, action, outcome, try."""
    rows = DeletionLogEntry.objects.filter(case=case, type="outcome").select_related("item")
    return [
        (row.item.number, row.facts["action"], row.facts["outcome"], row.facts["try"])
        for row in rows.order_by("at", "item__number", "number")
    ]


def dispatched(case):
    """How many items each dispatch entry announces, in order."""
    return [row.facts["items"] for row in case.log.filter(type="dispatch").order_by("number")]


@pytest.fixture
def remote(monkeypatch):
    made = Remote()
    monkeypatch.setitem(connect.CONNECTORS, System.GENESYS, lambda account, limiter: made)
    monkeypatch.setitem(connect._STORES, System.GENESYS, made.stores)
    return made


@pytest.fixture
def bench(remote, moving, db):
    return Bench(remote)
