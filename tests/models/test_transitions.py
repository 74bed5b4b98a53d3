"""Which way each row may go: every state, every transition, against a table."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.models import DataItem, FollowUp, Hold, VendorJob
from erasure.values import FollowUpState, HoldState, ItemState, JobState, Role
from tests.factories import make_case, make_connection, make_hold, make_item, make_user

pytestmark = pytest.mark.django_db

I = ItemState  # noqa: E741
ITEM = {
    "plan": ((I.PROPOSED, I.EXCLUDED, I.EXEMPT, I.HELD, I.MANUAL, I.FAILED), I.PLANNED),
    "exclude": ((I.PROPOSED, I.PLANNED, I.HELD, I.FAILED, I.MANUAL), I.EXCLUDED),
    "exempt": ((I.PROPOSED, I.PLANNED, I.HELD, I.FAILED, I.MANUAL), I.EXEMPT),
    "hold_back": (
        (I.PROPOSED, I.PLANNED, I.RUNNING, I.FAILED, I.MANUAL, I.REQUESTED), I.HELD,
    ),
    "by_hand": ((I.PROPOSED, I.PLANNED, I.RUNNING, I.REQUESTED, I.FAILED), I.MANUAL),
    "propose": ((I.HELD, I.PLANNED, I.PROPOSED), I.PROPOSED),
    "found_again": ((I.ERASED, I.EXCLUDED, I.PROPOSED), I.PROPOSED),
    "claim": ((I.PLANNED,), I.RUNNING),
    "again": ((I.RUNNING, I.REQUESTED), I.PLANNED),
    "requested": ((I.RUNNING, I.PLANNED), I.REQUESTED),
    "erased": ((I.REQUESTED, I.MANUAL), I.ERASED),
    "fail": ((I.RUNNING, I.REQUESTED, I.PLANNED), I.FAILED),
}  # fmt: skip
J = JobState
OPEN = (J.SUBMITTED, J.RUNNING)
JOB = {"run": (OPEN, J.RUNNING), "finish": (OPEN, J.DONE), "fail": (OPEN, J.ERROR),
       "lose": (OPEN, J.LOST)}  # fmt: skip
H = HoldState
HOLD = {
    "place": ((H.PROPOSED,), H.ACTIVE),
    "fall_due": ((H.ACTIVE,), H.REVIEW_DUE),
    "keep": ((H.ACTIVE, H.REVIEW_DUE, H.RELEASE_PROPOSED), H.ACTIVE),
    "propose_release": ((H.ACTIVE, H.REVIEW_DUE), H.RELEASE_PROPOSED),
    "release": ((H.RELEASE_PROPOSED,), H.RELEASED),
}

F = FollowUpState
FOLLOW_UP = {"dismiss": ((F.OPEN,), F.DISMISSED), "take_up": ((F.OPEN,), F.TAKEN_UP)}


def taken(row, step, *given, **named):
    try:
        getattr(row, step)(*given, **named)
    except TransitionNotAllowed:
        return "refused"
    row.save()
    return type(row).objects.get(pk=row.pk).state


def expected(table, step, state):
    sources, target = table[step]
    return target if state in sources else "refused"


@pytest.mark.parametrize("step", list(ITEM))
@pytest.mark.parametrize("state", list(ItemState))
def test_item_takes_only_the_ways_of_the_table(state, step):
    hold = make_hold(make_user(Role.LEGAL))
    given = {
        "exclude": ("A namesake.",),
        "exempt": ("17(3)(b)", "Tax law."),
        "hold_back": (hold, "A legal hold covers it."),
        "by_hand": ("Ask the vendor.",),
        "claim": ("worker", clock.now()),
        "again": (None,),
        "requested": (None,),
        "erased": ("VERIFIED_ABSENT",),
        "fail": ("403",),
    }.get(step, ())
    item = make_item(make_case(), make_connection(), state=state, verdict="ATTESTED")
    assert taken(item, step, *given) == expected(ITEM, step, state)


@pytest.mark.parametrize("step", list(JOB))
@pytest.mark.parametrize("state", list(JobState))
def test_vendor_job_takes_only_the_ways_of_the_table(state, step):
    job = VendorJob(
        case=make_case(), connection=make_connection(), kind="gdpr", remote_index="0" * 64,
        submitted_at=clock.now(), next_poll=clock.now(),
    )  # fmt: skip
    job.remote_id = "job-1"
    job.save(force_insert=True)
    VendorJob.objects.update(state=state)
    given = ("The vendor does not know it.",) if step in ("fail", "lose") else ()
    assert taken(VendorJob.objects.get(), step, *given) == expected(JOB, step, state)


@pytest.mark.parametrize("step", list(HOLD))
@pytest.mark.parametrize("state", list(HoldState))
def test_hold_takes_only_the_ways_of_the_table(state, step):
    user = make_user(Role.LEGAL)
    hold = make_hold(user, state, release_proposed_by=user)
    actor = type("Anybody", (), {"user": user})
    dates = {"expires_on": None, "review_on": hold.review_on} if step == "keep" else {}
    assert taken(hold, step, actor=actor, **dates) == expected(HOLD, step, state)


@pytest.mark.parametrize("step", list(FOLLOW_UP))
@pytest.mark.parametrize("state", list(FollowUpState))
def test_follow_up_takes_only_the_ways_of_the_table(state, step):
    row = FollowUp.objects.create(case=make_case(), cause="CHECK")
    FollowUp.objects.update(state=state)
    given = {"dismiss": {"reason": "Came back."}, "take_up": {"new_case": make_case()}}[step]
    actor = type("Anybody", (), {"user": make_user(Role.OFFICER)})
    row = FollowUp.objects.get(pk=row.pk)
    assert taken(row, step, actor=actor, **given) == expected(FOLLOW_UP, step, state)


def test_tables_know_every_transition():
    known = ((DataItem, ITEM), (VendorJob, JOB), (Hold, HOLD), (FollowUp, FOLLOW_UP))
    for model, table in known:
        found = {name for name in vars(model) if hasattr(vars(model)[name], "_django_fsm")}
        assert found == set(table)


@pytest.mark.parametrize("make", [
    lambda: make_item(make_case(), make_connection()),
    lambda: make_hold(make_user(Role.LEGAL)),
    make_case,
])  # fmt: skip
def test_state_is_neither_set_nor_stored_unless_it_is_a_word_of_the_domain(make):
    row = make()
    with pytest.raises(AttributeError):
        row.state = "ERASED"
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(state="VANISHED")


def test_item_is_not_erased_without_a_verdict():
    item = make_item(make_case(), make_connection())
    with pytest.raises(IntegrityError), transaction.atomic():
        DataItem.objects.filter(pk=item.pk).update(state=ItemState.ERASED)
    with pytest.raises(ValueError, match="GONE"):
        make_item(item.case, item.connection, state=ItemState.REQUESTED).erased("GONE")


def test_item_given_back_is_leased_to_nobody():
    item = make_item(make_case(), make_connection(), state=ItemState.PLANNED)
    item.claim("worker", clock.now() + timedelta(minutes=1))
    assert (item.lease_owner, item.lease_until > clock.now()) == ("worker", True)
    item.again(None, "Busy.")
    assert (item.lease_owner, item.lease_until, item.reason) == ("", None, "Busy.")


def test_items_due_are_those_whose_time_has_come_and_that_no_job_has():
    case, at, now = make_case(), make_connection(), clock.now()
    make_item(case, at, state=ItemState.PLANNED)
    make_item(case, at, state=ItemState.REQUESTED, next_try=now)
    make_item(case, at, state=ItemState.PLANNED, next_try=now + timedelta(seconds=1))
    make_item(case, at, state=ItemState.RUNNING)
    make_item(case, at, state=ItemState.ERASED, verdict="ATTESTED")
    assert [item.number for item in DataItem.objects.due(now)] == [0, 1]


def test_hold_needs_an_end_or_a_review():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_hold(make_user(Role.LEGAL), review_on=None)
