from datetime import timedelta

import pytest

from erasure import clock
from erasure.connectors.base import Erased, Reply, Seen
from erasure.errors import BusyError
from erasure.execution import connections_with_work, drain, reclaim
from erasure.execution.claim import LEASE, claim, claimable
from erasure.execution.settle import MOST_ATTEMPTS, settle
from erasure.models import Attempt, DataItem, ErasureCase
from erasure.values import CaseState, ItemState, JobState
from tests.execution.fakes import dispatched, fresh, outcomes
from tests.world import HOUR, MINUTE, states


def ids(batch):
    return {item.pk for item in batch.items}


def served(*cases):
    return [ErasureCase.objects.get(pk=case.pk).last_served_at for case in cases]


def test_claim_serves_the_case_that_waited_longest(bench):
    first, second = bench.case(plain=2), bench.case(plain=2)
    ErasureCase.objects.filter(pk=first.pk).update(last_served_at=clock.now())
    turns = [claim(bench.connection).case_id for _ in range(4)]
    assert turns == [second.pk, first.pk, second.pk, first.pk]


def test_claim_is_not_kept_from_a_case_by_many_that_only_wait(bench):
    for _ in range(25):
        waiting = bench.case(plain=1, late=1)
        DataItem.objects.filter(case=waiting, store="plain").update(
            state=ItemState.REQUESTED, next_try=clock.now() + HOUR
        )
    case = bench.case(plain=1)
    ErasureCase.objects.filter(pk=case.pk).update(last_served_at=clock.now())
    assert claim(bench.connection).case_id == case.pk


def test_claim_of_a_store_that_comes_after_another_waits_for_it(bench):
    case = bench.case(late=1, plain=1)
    assert claim(bench.connection).store.name == "plain"
    assert claim(bench.connection) is None
    DataItem.objects.filter(case=case, store="plain").update(
        state=ItemState.ERASED, verdict="VERIFIED_ABSENT"
    )
    assert claim(bench.connection).store.name == "late"


@pytest.mark.parametrize(
    ("until", "served"), [("2099-01-01T00:00:00Z", ["late"]), (None, [])], ids=["bin", "live"]
)
def test_claim_does_not_wait_for_what_is_only_recoverable_until_a_date(bench, until, served):
    case = bench.case(late=1, plain=1)
    case.items.filter(store="plain").update(
        state=ItemState.REQUESTED, recoverable_until=until, next_try=clock.now() + HOUR
    )
    due = claimable(bench.connection, clock.now())
    assert [item.store for item in due] == served


def test_claim_waits_again_for_what_was_restored_from_the_bin(bench, remote):
    case = bench.case(late=1, plain=1)
    case.items.filter(store="plain").update(
        state=ItemState.REQUESTED, requested_at=clock.now(),
        recoverable_until="2020-01-01T00:00:00Z",
    )  # fmt: skip
    case.items.filter(store="late").update(next_try=clock.now() + MINUTE)
    remote.seen = Seen.PRESENT
    drain(bench.connection.pk, clock.now() + MINUTE / 2)
    clock.advance(MINUTE)
    assert fresh(case.items.get(store="plain")).recoverable_until is None
    assert case.items.get(store="late").state == ItemState.PLANNED
    assert remote.sent == []


def test_claim_takes_a_lease_an_attempt_and_a_dispatch_entry(bench):
    case = bench.case(bulk=3)
    batch = claim(bench.connection)
    items = list(case.items.all())
    assert {(item.state, item.lease_owner, item.attempts) for item in items} == {
        (ItemState.RUNNING, batch.owner, 1)
    }
    assert all(item.lease_until <= clock.now() + LEASE for item in items)
    rows = Attempt.objects.filter(item__case=case).values_list("number", "owner", "outcome")
    assert set(rows) == {(1, batch.owner, "")}
    assert dispatched(case) == [3]


def test_claims_at_once_never_share_an_item(bench):
    case = bench.case(plain=3)
    batches = [claim(bench.connection) for _ in range(4)]
    assert batches[3] is None
    taken = [item for batch in batches[:3] for item in ids(batch)]
    assert sorted(taken) == sorted(case.items.values_list("pk", flat=True))


def test_second_drain_inside_the_first_erases_nothing_twice(bench, remote):
    case = bench.case(plain=3, bulk=4)
    remote.before = lambda refs: drain(bench.connection.pk, clock.now() + MINUTE)
    drain(bench.connection.pk, clock.now() + MINUTE)
    assert sorted(remote.sent) == sorted(item.locator["remote_id"] for item in case.items.all())
    assert states(case) == {ItemState.ERASED: 7}


def test_request_leaves_only_after_its_dispatch_entry_is_written(bench, remote):
    case = bench.case(plain=2, bulk=2)
    seen = []
    remote.before = lambda refs: seen.append((len(refs), sum(dispatched(case))))
    drain(bench.connection.pk, clock.now() + MINUTE)
    assert seen == [(1, 1), (1, 2), (2, 4)]


def test_two_reads_at_once_never_read_an_item_twice(bench, remote):
    case = bench.case(plain=0)
    for _ in range(3):
        bench.item(case, "plain", state=ItemState.REQUESTED)
    assert len(claim(bench.connection).items) == 3
    assert claim(bench.connection) is None
    clock.advance(LEASE + MINUTE)
    assert claim(bench.connection).reading is True


def test_item_of_a_killed_worker_is_planned_again_and_its_attempt_closed(bench, remote):
    case = bench.case(plain=1)
    claim(bench.connection)
    assert reclaim() == 0
    clock.advance(LEASE + MINUTE)
    assert reclaim() == 1
    assert reclaim() == 0
    [item] = case.items.all()
    assert (item.state, item.lease_owner, item.attempts) == (ItemState.PLANNED, "", 1)
    [attempt] = item.tries.all()
    assert (attempt.outcome, attempt.ended_at is None) == ("FAILED", False)
    assert outcomes(case) == [(0, "erase", "FAILED", 1)]
    drain(bench.connection.pk, clock.now() + MINUTE)
    assert [one.outcome for one in item.tries.all()] == ["FAILED", "VERIFIED"]


def test_item_that_kills_every_worker_fails_in_the_end(bench):
    case = bench.case(plain=1)
    for _ in range(MOST_ATTEMPTS):
        claim(bench.connection)
        clock.advance(LEASE + MINUTE)
        reclaim()
    [item] = case.items.all()
    assert (item.state, item.reason) == (
        ItemState.FAILED,
        "Given up after 8 attempts. "
        "The worker did not come back: whether the call left is unknown.",
    )


def test_settle_after_the_lease_was_lost_writes_nothing(bench):
    case = bench.case(plain=1)
    stale = claim(bench.connection)
    clock.advance(LEASE + MINUTE)
    reclaim()
    claim(bench.connection)
    before = outcomes(case)
    [item] = stale.items
    settle(stale, [Erased(item.ref(), Reply.DONE, 204)])
    assert outcomes(case) == before
    assert (fresh(item).state, fresh(item).attempts) == (ItemState.RUNNING, 2)


def test_settle_twice_writes_one_outcome(bench):
    case = bench.case(plain=1)
    batch = claim(bench.connection)
    answer = [Erased(batch.items[0].ref(), Reply.DONE, 204)]
    settle(batch, answer)
    settle(batch, answer)
    assert outcomes(case) == [(0, "erase", "DELETED", 1)]


def test_drain_of_a_case_that_only_waits_for_the_vendor_ends_at_once(bench, remote):
    """The row of one finished job waits for the other: nobody may spin on it."""
    case = bench.case(wide=2, rows=1)
    remote.answers.extend([("gdpr_delete", "job-1"), ("gdpr_delete", "job-2")])
    drain(bench.connection.pk, clock.now() + MINUTE)
    case.jobs.filter(remote_index=case.items.get(store="rows").job.remote_index).update(
        state=JobState.DONE
    )
    DataItem.objects.filter(case=case, store="rows").update(job=None, next_try=clock.now())
    before = clock.now()
    assert drain(bench.connection.pk, before + MINUTE) is False
    assert clock.now() - before < timedelta(seconds=2)
    assert remote.read == []


def test_halted_case_is_not_claimed(bench):
    case = bench.case(plain=1)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    assert claim(bench.connection) is None
    assert connections_with_work() == []


def test_case_whose_retry_is_not_due_is_left_alone(bench, remote):
    case = bench.case(plain=1)
    remote.answers.append(BusyError("busy", retry_after=600))
    drain(bench.connection.pk, clock.now() + MINUTE)
    assert (remote.sent, claim(bench.connection)) == (["r-0"], None)
    clock.advance(timedelta(seconds=601))
    drain(bench.connection.pk, clock.now() + MINUTE)
    assert states(case) == {ItemState.ERASED: 1}
