"""L9 of items: what no run of the product leaves behind is named, what one does is not."""

import pytest

from erasure.cases import locked
from erasure.ledger.append import Draft, append, append_all
from erasure.ledger.sequencer import sequence
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import verify
from erasure.models import DataItem, DeletionLogEntry, ErasureCase
from erasure.values import CaseState, ItemState, Verdict
from tests.factories import make_case, make_connection, make_item

pytestmark = pytest.mark.django_db
OPEN = ("PROPOSED", "PLANNED", "RUNNING", "REQUESTED", "FAILED", "MANUAL", "EXCLUDED")
VERIFIED = {"state": "ERASED", "verdict": "VERIFIED_ABSENT"}
ATTESTED = {"state": "ERASED", "verdict": "ATTESTED"}
REVIEWED = (CaseState.EXECUTING, CaseState.DPO_REVIEW)  # approved; halted after that


def l9():
    """What L9 says, without its full stop; "" if it passed."""
    found = verify(own_trust()).findings
    assert [one.id for one in found if one.state != "passed"] in ([], ["L9"])
    return next((one.text.rstrip(".") for one in found[-1:] if one.state != "passed"), "")


class Life:
    """A case written event by event. ``item`` is its one item unless more are made."""

    def __init__(self):
        case = make_case()
        self.pk, self.at = case.pk, make_connection("crm")
        self.item = make_item(case, self.at)

    @property
    def case(self):
        return ErasureCase.objects.get(pk=self.pk)

    def log(self, type_, **clear):
        with locked(self.pk) as case:
            append(case, type_, {}, **clear)

    def count(self):
        items = self.case.items.filter(log_number__isnull=False).count()
        self.log("inventory", items=items, stores=[], unanswered=[])

    def to(self, state, step="any"):
        self.log("step", **{"step": step, "from": "RECEIVED", "to": str(state)})
        ErasureCase.objects.filter(pk=self.pk).update(state=state)

    def approve(self):
        self.to(CaseState.EXECUTING, "approve")
        for number, item in enumerate(self.case.items.exclude(state="EXCLUDED")):
            DataItem.objects.filter(pk=item.pk).update(log_number=number)
        self.count()

    def put(self, state="", **columns):
        """As somebody with the database in hand does, or a transition without an entry."""
        columns |= {"state": state} if state else {}
        DataItem.objects.filter(pk=self.item.pk).update(**columns)

    def say(self, *outcomes):
        for each in outcomes:
            with locked(self.pk) as case:
                item = DataItem.objects.get(pk=self.item.pk)
                clear = {"store": item.line, "action": "x", "outcome": each, "try": 1}
                append_all(case, [Draft("outcome", {}, clear, item)])

    def verified(self):
        self.say("DELETED", "VERIFIED")
        self.put(**VERIFIED)


@pytest.fixture
def life(settings, tmp_path):
    made = Life()
    made.approve()
    return made


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("end", ["PARTIAL_HOLD", "EXECUTING"])
def test_item_that_was_verified_and_is_open_again_is_named(life, state, end):
    life.verified()
    life.to(end)
    sequence()
    assert l9() == ""
    life.put(state, verdict="")
    assert l9() == f"Item 0 of {life.case.reference} is {state}, its last outcome says VERIFIED"


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("end", ["DPO_REVIEW", "CLOSED"])
def test_item_that_was_verified_and_is_open_in_review_without_a_search_is_named(life, state, end):
    life.verified()
    life.to(end, "halt")
    sequence()
    assert l9() == ""
    life.put(state, verdict="")
    assert l9().endswith(f"is {state}, its last outcome says VERIFIED")


@pytest.mark.parametrize("state", ["PROPOSED", "PLANNED", "MANUAL", "EXEMPT"])
def test_item_that_a_search_found_again_passes(life, state):
    life.verified()
    life.to(CaseState.DPO_REVIEW, "halt")
    life.to(CaseState.DISCOVERY, "rediscover")
    life.to(CaseState.DPO_REVIEW, "finish_discovery")
    life.put(state, verdict="")
    sequence()
    assert l9() == ""


@pytest.mark.parametrize("state", ["PLANNED", "RUNNING", "MANUAL"])
@pytest.mark.parametrize("before", ["VERIFIED", "HELD", "EXEMPT", "ATTESTED"])
@pytest.mark.parametrize("sequenced", [True, False])
def test_item_that_had_ended_and_was_approved_again_passes(life, state, before, sequenced):
    life.say(before)
    life.to(CaseState.DISCOVERY, "release")
    if sequenced:
        sequence()
    life.approve()
    life.put(state, verdict="")
    if sequenced:
        sequence()
    assert l9() == ""


def test_item_that_a_restored_backup_brought_back_passes_until_it_is_reviewed(life):
    life.verified()
    life.put("PROPOSED", verdict="")
    sequence()
    assert l9() != ""
    life.log("decision", decision="FOUND_AGAIN")
    sequence()
    assert l9() == ""
    life.to(CaseState.DPO_REVIEW, "reopen_review")
    life.approve()
    life.put("PLANNED")
    sequence()
    assert l9() == ""


@pytest.mark.parametrize("verdict", ["ATTESTED", "ANONYMISED"])
@pytest.mark.parametrize("end", REVIEWED)
def test_item_with_another_verdict_than_its_entry_is_named(life, verdict, end):
    life.verified()
    life.to(end)
    sequence()
    life.put(verdict=verdict)
    assert l9().endswith(f"is ERASED {verdict}, its last outcome says VERIFIED")


@pytest.mark.parametrize("state", ["FAILED", "HELD"])
@pytest.mark.parametrize("end", REVIEWED)
@pytest.mark.parametrize("said", [(), ("DELETED",)])
def test_item_that_failed_or_is_held_without_an_entry_is_named(life, state, end, said):
    life.say(*said)
    life.to(end)
    life.put(state)
    last = said[-1] if said else "nothing"
    assert l9().endswith(f"is {state}, its last outcome says {last}")
    life.say(state)
    assert l9() == ""


@pytest.mark.parametrize("end", REVIEWED)
def test_item_that_was_requested_without_an_entry_is_named(life, end):
    life.to(end)
    life.put("REQUESTED")
    assert l9().endswith("is REQUESTED, its last outcome says nothing")


def test_item_that_somebody_erased_by_other_means_is_requested_without_an_entry(life):
    life.put("REQUESTED")
    life.log("decision", decision="ITEM_DONE")
    assert l9() == ""


@pytest.mark.parametrize("said", ["SUBMITTED", "DELETED", "ABSENT"])
@pytest.mark.parametrize("state", ["PLANNED", "RUNNING", "MANUAL", "PROPOSED", "EXEMPT"])
@pytest.mark.parametrize("end", REVIEWED)
def test_item_that_the_vendor_took_and_is_not_requested_is_named(life, said, state, end):
    life.say(said)
    life.to(end)
    life.put("REQUESTED")
    assert l9() == ""
    life.put(state)
    assert l9().endswith(f"is {state}, its last outcome says {said}")


@pytest.mark.parametrize(
    "columns", [VERIFIED, ATTESTED, *({"state": s} for s in ("HELD", "PLANNED", "FAILED"))], ids=str
)
@pytest.mark.parametrize("end", ["COMPLETE", "EXECUTING"])
def test_item_of_a_released_case_that_never_came_into_the_log_is_named(life, columns, end):
    life.verified()
    life.to(end)
    more = make_item(life.case, life.at, **columns)
    assert l9() == f"A record of {life.case.reference} is {more.state} and never came into the log"


@pytest.mark.parametrize("state", ["RUNNING", "REQUESTED", "FAILED", "ERASED"])
def test_item_of_a_case_that_was_never_approved_and_is_called_is_named(settings, state):
    life = Life()
    life.put(state, verdict=Verdict.VERIFIED_ABSENT if state == "ERASED" else "")
    assert l9() == f"A record of {life.case.reference} is {state} and never came into the log"


@pytest.mark.parametrize("state", ["PROPOSED", "PLANNED", "EXCLUDED", "HELD", "EXEMPT", "MANUAL"])
def test_item_of_a_case_in_review_need_not_be_in_the_log(settings, state):
    life = Life()
    life.to(CaseState.DPO_REVIEW)
    life.put(state)
    assert l9() == ""


def test_item_that_an_officer_excluded_need_not_be_in_the_log(life):
    life.verified()
    make_item(life.case, life.at, state=ItemState.EXCLUDED)
    life.to(CaseState.COMPLETE)
    assert l9() == ""


@pytest.mark.parametrize("last", [True, False], ids=["last", "first"])
@pytest.mark.parametrize("end", ["COMPLETE", "EXECUTING", "DPO_REVIEW"])
def test_item_that_was_deleted_with_its_private_halves_is_named(settings, last, end):
    life = Life()
    other = make_item(life.case, life.at)
    life.approve()
    life.verified()
    first, life.item = life.item, other
    life.verified()
    life.to(end)
    sequence()
    assert l9() == ""
    (other if last else first).delete()
    assert l9() == (
        f"Event i/{int(last)}/0 of {life.case.reference} has lost its private half. (1 more)"
    )


def test_item_that_was_deleted_before_it_had_an_entry_is_named(life):
    reference = life.case.reference
    life.item.delete()
    assert l9() == f"{reference} has 0 items in the log, its last inventory 1"


def test_item_whose_private_halves_alone_were_deleted_is_named(life):
    life.verified()
    sequence()
    DeletionLogEntry.objects.filter(item=life.item).delete()
    life.put("PLANNED", verdict="")
    assert l9() == f"Event i/0/0 of {life.case.reference} has lost its private half"


def test_item_without_its_number_is_named(life):
    life.verified()
    life.to(CaseState.COMPLETE)
    sequence()
    life.put("EXCLUDED", log_number=None)
    assert l9().startswith(f"The private half of i/None/0 of {life.case.reference}")


def test_verify_asks_as_often_for_many_items_as_for_one(life, django_assert_max_num_queries):
    for _ in range(40):
        make_item(life.case, life.at)
    life.to(CaseState.DPO_REVIEW)
    life.approve()
    items = list(life.case.items.all())
    for life.item in items:
        life.verified()
    sequence()
    with django_assert_max_num_queries(60):
        assert l9() == ""
