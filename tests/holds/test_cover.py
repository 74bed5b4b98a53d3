"""What each scope covers, and what a hold does to the items of a case."""

from datetime import UTC, datetime, timedelta

import pytest

from erasure.cases import locked
from erasure.holds import apply_holds, blocking, conversation_index, covering, unhold
from erasure.holds.cover import exempt_places
from erasure.ledger.append import private_half
from erasure.models import DataItem, Hold, HoldTarget, blind
from erasure.values import CaseState, HoldScope, HoldState, IdentifierState, ItemState, Role
from tests.factories import make_case, make_connection, make_hold, make_item, make_user

pytestmark = pytest.mark.django_db

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def legal():
    return make_user(Role.LEGAL)


@pytest.fixture
def at():
    return make_connection("genesys-eu")


@pytest.fixture
def case():
    return make_case(CaseState.DPO_REVIEW, email="ada@example.org", phone="+441632960001")


def held(case):
    """Numbers of the items that a standing hold covers."""
    found = covering(case, case.items.all())
    return sorted(case.items.filter(pk__in=found).values_list("number", flat=True))


def hold_on(legal, *indexes, scope=HoldScope.SUBJECT, state=HoldState.ACTIVE, **given):
    hold = make_hold(legal, state, scope=scope, **given)
    HoldTarget.objects.bulk_create(HoldTarget(hold=hold, index=index) for index in indexes)
    return hold


def of_call(case, at, name, **given):
    return make_item(
        case, at, "recordings", parent_index=conversation_index(at.slug, name), **given
    )


ADA = ("email", "ada@example.org")


def test_covering_without_any_hold_is_nothing(case, at):
    make_item(case, at)
    assert covering(case, case.items.all()) == {}


@pytest.mark.parametrize("scope", [HoldScope.SUBJECT, HoldScope.MATTER])
@pytest.mark.parametrize("known", [ADA, ("phone", "+441632960001")])
def test_hold_on_a_person_covers_every_item_of_the_person(case, at, legal, scope, known):
    make_item(case, at)
    of_call(case, at, "call-1")
    make_item(case, make_connection())
    hold_on(legal, blind(*known), scope=scope)
    assert held(case) == [0, 1, 2]


@pytest.mark.parametrize(
    "other",
    [("email", "bob@example.org"), ("phone", "ada@example.org"), ("email", "ada@example.com")],
)
def test_hold_on_somebody_else_covers_nothing(case, at, legal, other):
    make_item(case, at)
    hold_on(legal, blind(*other))
    assert held(case) == []


def test_hold_on_a_person_is_not_matched_by_an_identifier_nobody_confirmed(case, at, legal):
    make_item(case, at)
    case.identifiers.filter(kind="email").update(state=IdentifierState.LEAD)
    hold_on(legal, blind(*ADA))
    assert held(case) == []


def test_hold_on_a_conversation_covers_what_belongs_to_it_and_nothing_else(case, at, legal):
    other = make_connection("genesys-us")
    of_call(case, at, "call-1")
    of_call(case, at, "call-2")
    of_call(case, other, "call-1")
    make_item(case, at)
    hold_on(legal, conversation_index("genesys-eu", "call-1"), scope=HoldScope.CONVERSATION)
    assert held(case) == [0]


def test_hold_on_a_matter_covers_its_conversations_too(case, at, legal):
    of_call(case, at, "call-1")
    of_call(case, at, "call-2")
    hold_on(
        legal,
        conversation_index("genesys-eu", "call-1"),
        blind("email", "bob@example.org"),
        scope=HoldScope.MATTER,
    )
    assert held(case) == [0]


def test_hold_on_a_time_range_covers_both_ends_and_what_lies_between(case, at, legal):
    moments = [START - SECOND, START, START + timedelta(days=9), END, END + SECOND, None]
    for moment in moments:
        make_item(case, at, occurred_at=moment)
    hold_on(legal, scope=HoldScope.TIME_RANGE, starts_at=START, ends_at=END)
    assert held(case) == [1, 2, 3]


def test_hold_on_a_time_range_of_one_system_leaves_the_others(case, at, legal):
    make_item(case, at, occurred_at=START)
    make_item(case, make_connection(), occurred_at=START)
    hold_on(legal, scope=HoldScope.TIME_RANGE, starts_at=START, ends_at=END, connection=at)
    assert held(case) == [0]


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        (HoldState.PROPOSED, []),
        (HoldState.ACTIVE, [0]),
        (HoldState.REVIEW_DUE, [0]),
        (HoldState.RELEASE_PROPOSED, [0]),
        (HoldState.RELEASED, []),
    ],
)
def test_hold_protects_until_it_is_released_and_no_shorter(case, at, legal, state, numbers):
    make_item(case, at)
    hold_on(legal, blind(*ADA), state=state)
    assert held(case) == numbers


# -- what becomes of the items ---------------------------------------------------------------


def states(case):
    return [(item.state, item.reason[:15]) for item in case.items.order_by("number")]


def apply(case):
    with locked(case.pk) as mine:
        return apply_holds(mine)


def test_apply_holds_to_one_call_blocks_the_subject_wide_job_of_that_system_only(case, at, legal):
    other = make_connection("genesys-us")
    of_call(case, at, "call-1")
    of_call(case, at, "call-2")
    make_item(case, at, "gdpr_subjects", native=True)
    make_item(case, at, "conversations", native=True, state=ItemState.PLANNED)
    make_item(case, at)
    make_item(case, other, "gdpr_subjects", native=True)
    hold = hold_on(legal, conversation_index(at.slug, "call-1"), scope=HoldScope.CONVERSATION)
    assert apply(case) == 3
    covered, blocked = ("HELD", "A legal hold co"), ("HELD", "BLOCKED_BY_HOLD")
    open_ = ("PROPOSED", "")
    assert states(case) == [covered, open_, blocked, blocked, open_, open_]
    kept = DataItem.objects.filter(hold=hold, article="17(3)(e)", ended_at__isnull=False)
    assert kept.count() == 3
    assert (blocking(case, at.pk), blocking(case, other.pk)) == (hold, None)


def test_apply_holds_twice_changes_nothing_more(case, at, legal):
    make_item(case, at, log_number=0)
    hold_on(legal, blind(*ADA))
    assert (apply(case), apply(case)) == (1, 0)
    assert [row.type for row in case.log.order_by("number") if row.item] == ["outcome"]


def test_apply_holds_logs_the_outcome_of_what_is_in_the_log_and_of_nothing_else(case, at, legal):
    item = make_item(case, at, state=ItemState.PLANNED, log_number=0, attempts=2)
    make_item(case, at)
    hold = hold_on(legal, blind(*ADA))
    apply(case)
    (row,) = case.log.filter(item__isnull=False)
    assert (row.item, row.scope) == (item, "i/0/0")
    assert row.facts == {
        "store": "genesys-eu.external_contacts",
        "action": "hold",
        "outcome": "HELD",
        "try": 2,
    }
    assert private_half(row)["hold"] == str(hold.pk)


@pytest.mark.parametrize(
    "state",
    [ItemState.RUNNING, ItemState.REQUESTED, ItemState.ERASED, ItemState.EXEMPT, ItemState.EXCLUDED,
     ItemState.FAILED, ItemState.MANUAL],
)  # fmt: skip
def test_apply_holds_leaves_what_it_cannot_stop_or_what_has_ended(case, at, legal, state):
    make_item(case, at, state=state, verdict="ATTESTED")
    hold_on(legal, blind(*ADA))
    assert (apply(case), case.items.get().state) == (0, state)


def test_excluded_records_of_a_held_call_block_nothing(case, at, legal):
    of_call(case, at, "call-1", state=ItemState.EXCLUDED)
    make_item(case, at, "gdpr_subjects", native=True)
    hold_on(legal, conversation_index(at.slug, "call-1"), scope=HoldScope.CONVERSATION)
    assert (apply(case), blocking(case, at.pk)) == (0, None)


def test_unhold_after_the_release_proposes_again_what_nothing_keeps(case, at, legal):
    of_call(case, at, "call-1")
    of_call(case, at, "call-2")
    make_item(case, at, "conversations", native=True)
    first = hold_on(legal, conversation_index(at.slug, "call-1"), scope=HoldScope.CONVERSATION)
    hold_on(legal, conversation_index(at.slug, "call-2"), scope=HoldScope.CONVERSATION)
    assert apply(case) == 3
    Hold.objects.filter(pk=first.pk).update(state=HoldState.RELEASED)
    with locked(case.pk) as mine:
        assert unhold(mine) == 1
    assert [state for state, _ in states(case)] == ["PROPOSED", "HELD", "HELD"]
    Hold.objects.update(state=HoldState.RELEASED)
    with locked(case.pk) as mine:
        assert unhold(mine) == 2
    assert [(item.state, item.hold, item.article) for item in case.items.all()] == [
        ("PROPOSED", None, "")
    ] * 3


def test_hold_on_a_time_range_keeps_what_hangs_on_its_conversations_too(case, at, legal):
    of_call(case, at, "call-1", occurred_at=END)
    of_call(case, at, "call-1", occurred_at=END + timedelta(days=9))
    of_call(case, make_connection(), "call-1", occurred_at=END + timedelta(days=9))
    of_call(case, at, "call-2", occurred_at=END + timedelta(days=9))
    hold_on(legal, scope=HoldScope.TIME_RANGE, starts_at=START, ends_at=END)
    assert held(case) == [0, 1]


def test_conversation_named_in_capitals_is_the_same_and_another_id_is_not():
    name = "0a1b2c3d-0000-4000-8000-00000000abcd"
    assert conversation_index("eu", f" {name.upper()} ") == conversation_index("eu", name)
    assert conversation_index("crm", "500Ab") != conversation_index("crm", "500aB")


@pytest.mark.parametrize(
    ("reason", "spared"),
    [
        ("It is somebody else's call.", True),
        ("Not found again when the search was repeated.", False),
        ("A lead that nobody confirmed.", False),
    ],
)
def test_call_decided_to_be_somebody_elses_is_spared_by_the_subject_wide_job(
    case, at, reason, spared
):
    of_call(case, at, "call-9", state=ItemState.EXCLUDED, reason=reason)
    assert exempt_places(case) == ({at.pk} if spared else set())
