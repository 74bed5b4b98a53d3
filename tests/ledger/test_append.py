import pytest
from django.db import transaction

from erasure import clock
from erasure.cases import locked
from erasure.errors import KeyMissingError
from erasure.ledger.append import Draft, append, append_all, append_system, private_half
from erasure.models import CaseSecret, DeletionLogEntry, ErasureCase, OutboxEntry, case_key
from erasure.proof import canonical
from erasure.proof.scopes import CaseKeys
from erasure.values import Outcome
from tests.factories import make_case, make_connection, make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_case()


def outcome(item, what=Outcome.DELETED, number=1):
    clear = {"store": item.line, "action": "erase", "outcome": str(what), "try": number}
    return Draft("outcome", {"item": "r-0", "error": "", "job": ""}, clear, item)


def logged_item(case, number):
    return make_item(case, make_connection(), log_number=number)


def entry_of(row):
    return canonical.decode(bytes(OutboxEntry.objects.get(uuid=row.pk).bytes), canonical=True)


def test_append_all_counts_the_events_of_the_case_and_of_each_item_from_zero(case):
    one, two = logged_item(case, 0), logged_item(case, 1)
    drafts = [outcome(one), outcome(two), outcome(one, Outcome.VERIFIED)]
    with locked(case.pk):
        rows = append_all(case, drafts)
        rows += append_all(case, [outcome(two), Draft("release", {}, {"items": 2})])
        rows += append_all(case, [outcome(one)])
    assert [row.scope for row in rows] == ["i/0/0", "i/1/0", "i/0/1", "i/1/1", "c/1", "i/0/2"]


def test_append_says_in_the_clear_only_what_it_was_given_and_commits_to_the_rest(case):
    with locked(case.pk):
        row = append(case, "release", {"actor": "staff:7", "grounds": ["17(1)(b)"]}, items=4)
    keys, entry = CaseKeys(case_key(case, "log")), entry_of(row)
    said = private_half(DeletionLogEntry.objects.get(pk=row.pk))
    assert said == {"actor": "staff:7", "grounds": ["17(1)(b)"]}
    assert entry["com"] == keys.commitment(row.scope, said)
    assert entry["tag"] == keys.tag(row.scope)
    assert sorted(set(entry) - {"com", "tag"}) == ["at", "items", "type", "v"]


def test_append_commits_to_this_scope_alone(case):
    with locked(case.pk):
        first, second = (append(case, "release", {"actor": "a"}, items=0) for _ in range(2))
    assert entry_of(first)["com"] != entry_of(second)["com"]


def test_append_dates_the_row_and_the_entry_alike_in_whole_seconds(case):
    with locked(case.pk):
        row = append(case, "release", {}, items=0)
    stored = DeletionLogEntry.objects.get(pk=row.pk).at
    assert (stored.microsecond, stored.strftime("%Y-%m-%dT%H:%M:%SZ")) == (0, entry_of(row)["at"])


@pytest.mark.django_db(transaction=True)
def test_append_outside_a_transaction_is_refused():
    case = make_case()
    with pytest.raises(RuntimeError):
        append(case, "release", {}, items=0)
    assert case.log.count() == 1


def test_append_that_is_rolled_back_leaves_neither_row(case):
    before = OutboxEntry.objects.count()
    with transaction.atomic():
        append(case, "release", {}, items=0)
        transaction.set_rollback(True)
    assert (case.log.count(), OutboxEntry.objects.count()) == (1, before)


def test_append_of_an_item_that_was_never_approved_is_refused(case):
    item = make_item(case, make_connection())
    with locked(case.pk), pytest.raises(ValueError, match="from its approval on"):
        append_all(case, [outcome(item)])


def test_append_after_the_log_key_was_destroyed_is_refused_and_nothing_opens(case):
    CaseSecret.objects.filter(case=case, purpose="log").delete()
    fresh = ErasureCase.objects.get(pk=case.pk)
    with locked(case.pk), pytest.raises(KeyMissingError):
        append(fresh, "release", {}, items=0)
    with pytest.raises(KeyMissingError):
        private_half(DeletionLogEntry.objects.get(case=case))


def test_private_half_moved_to_another_entry_does_not_open(case):
    with locked(case.pk):
        first, second = (append(case, "release", {"n": n}, items=0) for n in range(2))
    second.private_sealed = first.private_sealed
    with pytest.raises(KeyMissingError):
        private_half(second)


def test_append_system_belongs_to_no_case():
    append_system("sign-in.failed", 5)
    row = OutboxEntry.objects.get()
    at = clock.now().strftime("%Y-%m-%dT%H:%M")
    entry = canonical.decode(bytes(row.bytes), canonical=True)
    assert entry.pop("at")[:16] == at
    assert entry == {"count": 5, "event": "sign-in.failed", "type": "system", "v": 1}
