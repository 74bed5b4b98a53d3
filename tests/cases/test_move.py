"""Every state, every step, everybody: what the table of case states allows, and nothing else."""

import uuid
from datetime import timedelta

import pytest
from celery.signals import before_task_publish
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import transaction

from erasure import clock
from erasure.cases import move, refusals, steps_for
from erasure.errors import StepError
from erasure.ledger.append import private_half
from erasure.models import (
    PERSON,
    SYSTEM,
    Actor,
    ErasureCase,
    Hold,
    OutboxEntry,
    case_key,
)
from erasure.proof import canonical
from erasure.proof.scopes import CaseKeys
from erasure.values import (
    CaseState,
    Channel,
    HoldState,
    IdentifierKind,
    IdentifierState,
    ItemState,
    Role,
    Step,
    StoreStatus,
)
from tests.cases.given import WITH, actors, ready_case
from tests.factories import make_case, make_connection, make_hold, make_item, make_user

pytestmark = pytest.mark.django_db

S = CaseState
CLERK, OFFICER, DPO, LEGAL = Role.CLERK, Role.OFFICER, Role.DPO, Role.LEGAL
BEFORE = (S.RECEIVED, S.VALIDATING, S.AWAITING_IDENTITY, S.DISCOVERY, S.DPO_REVIEW)
RUNNING = (S.EXECUTING, S.AWAITING_VENDOR)

# step: from, to, who
TABLE = {
    Step.START_VALIDATION: ((S.RECEIVED,), S.VALIDATING, {OFFICER, "system"}),
    Step.ASK_IDENTITY: ((S.VALIDATING,), S.AWAITING_IDENTITY, {OFFICER, "system"}),
    Step.IDENTITY_ANSWERED: ((S.AWAITING_IDENTITY,), S.VALIDATING, {OFFICER, "system"}),
    Step.CONFIRM_IDENTITY: ((S.VALIDATING,), S.DISCOVERY, {OFFICER}),
    Step.FINISH_DISCOVERY: ((S.DISCOVERY,), S.DPO_REVIEW, {"system"}),
    Step.APPROVE: ((S.DPO_REVIEW,), S.EXECUTING, {DPO}),
    Step.REDISCOVER: ((S.DPO_REVIEW,), S.DISCOVERY, {OFFICER}),
    Step.AWAIT_VENDOR: ((S.EXECUTING,), S.AWAITING_VENDOR, {"system"}),
    Step.RESUME: ((S.AWAITING_VENDOR,), S.EXECUTING, {"system"}),
    Step.COMPLETE: (RUNNING, S.COMPLETE, {"system"}),
    Step.HOLD_BACK: (RUNNING, S.PARTIAL_HOLD, {"system"}),
    Step.REOPEN_REVIEW: (RUNNING, S.DPO_REVIEW, {"system"}),
    Step.HALT: (RUNNING, S.DPO_REVIEW, {OFFICER, DPO, LEGAL}),
    Step.RELEASE: ((S.PARTIAL_HOLD,), S.DISCOVERY, {LEGAL}),
    Step.REFUSE: ((S.VALIDATING, S.DPO_REVIEW), S.REFUSED, {DPO}),
    Step.CLOSE: (BEFORE, S.CLOSED, {OFFICER, DPO, "system", "person"}),
    Step.REOPEN: ((S.REFUSED, S.CLOSED), S.VALIDATING, {DPO}),
}


def row_of(case):
    return ErasureCase.objects.filter(pk=case.pk).values().get()


def outcome_of(case, step, actor):
    """The new state or what refused; a refusal must have changed nothing. Always undone."""
    before = (row_of(case), case.log.count(), OutboxEntry.objects.count())
    try:
        with transaction.atomic():
            after = move(case.pk, step, actor=actor, **WITH.get(step, {})).state
            assert after == row_of(case)["state"]
            transaction.set_rollback(True)
    except StepError as why:
        assert (row_of(case), case.log.count(), OutboxEntry.objects.count()) == before
        return why.refused_by
    return after


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(CaseState))
def test_move_by_everybody_does_what_the_table_says(state, step):
    sources, target, allowed = TABLE[step]
    case, who = ready_case(state, step), actors()
    expected = {}
    for name in who:
        refused = "actor" if name in ("system", "person") else "permission"
        expected[name] = target.value if name in map(str, allowed) else refused
    if state not in sources:
        expected = dict.fromkeys(who, "state")
    assert {name: outcome_of(case, step, actor) for name, actor in who.items()} == expected


def test_table_knows_every_step():
    assert set(TABLE) == set(Step)


def test_steps_for_lists_what_the_table_lets_an_officer_do():
    case = ready_case(S.VALIDATING)
    assert steps_for(case, Actor.of(make_user(OFFICER))) == [
        Step.ASK_IDENTITY, Step.CONFIRM_IDENTITY, Step.CLOSE,
    ]  # fmt: skip


def test_move_with_a_word_that_is_no_step_is_refused_before_anything_is_read():
    with pytest.raises(ValueError, match="delete"):
        move(uuid.uuid4(), "delete", actor=SYSTEM)


# -- conditions ------------------------------------------------------------------------------


def unconfirmed_web_request(case):
    ErasureCase.objects.filter(pk=case.pk).update(channel=Channel.WEB)


def unknown_identity(case):
    case.verifications.update(state="OPEN")


def no_ground(case):
    ErasureCase.objects.filter(pk=case.pk).update(grounds=[])


def names_alone(case):
    case.identifiers.update(kind=IdentifierKind.NAME)


def not_asked(case):
    case.verifications.exclude(state="CONFIRMED").delete()


def store_not_asked(case):
    case.searches.update(status="")


def store_unanswered(case):
    case.searches.update(status=StoreStatus.UNANSWERED)


def no_store_at_all(case):
    case.searches.all().delete()


def system_not_searched(case):
    make_connection()


def identifier_in_question(case):
    case.identifiers.update(state=IdentifierState.IN_QUESTION)


def identifier_not_searched(case):
    case.identifiers.update(searched_at=None)


def record_in_question(case):
    case.items.update(certain=False)


def record_protected(case):
    case.items.update(protected=True)


def inventory_drifted(case):
    case.items.update(article="17(3)(a)")


def nothing_frozen(case):
    ErasureCase.objects.filter(pk=case.pk).update(inventory_digest="")


def item_open(case):
    case.items.update(state=ItemState.REQUESTED)


def another_item_open(case):
    make_item(case, case.searches.get().connection, state=ItemState.REQUESTED)


def item_failed(case):
    case.items.update(state=ItemState.FAILED)


def item_manual(case):
    case.items.update(state=ItemState.MANUAL)


def item_kept(case):
    case.items.update(state=ItemState.EXEMPT)


def item_gone(case):
    case.items.update(state=ItemState.ERASED, verdict="VERIFIED_ABSENT")


def unanswered(case):
    ErasureCase.objects.filter(pk=case.pk).update(answered_at=None)


def hold_stands(case):
    Hold.objects.filter(items__case=case).update(state=HoldState.REVIEW_DUE)


@pytest.mark.parametrize(
    ("step", "state", "who", "missing"),
    [
        (Step.START_VALIDATION, S.RECEIVED, OFFICER, unconfirmed_web_request),
        (Step.ASK_IDENTITY, S.VALIDATING, OFFICER, not_asked),
        (Step.CONFIRM_IDENTITY, S.VALIDATING, OFFICER, unknown_identity),
        (Step.CONFIRM_IDENTITY, S.VALIDATING, OFFICER, no_ground),
        (Step.CONFIRM_IDENTITY, S.VALIDATING, OFFICER, names_alone),
        (Step.FINISH_DISCOVERY, S.DISCOVERY, None, unknown_identity),
        (Step.FINISH_DISCOVERY, S.DISCOVERY, None, store_not_asked),
        (Step.FINISH_DISCOVERY, S.DISCOVERY, None, no_store_at_all),
        (Step.APPROVE, S.DPO_REVIEW, DPO, unknown_identity),
        (Step.APPROVE, S.DPO_REVIEW, DPO, store_not_asked),
        (Step.APPROVE, S.DPO_REVIEW, DPO, store_unanswered),
        (Step.APPROVE, S.DPO_REVIEW, DPO, system_not_searched),
        (Step.APPROVE, S.DPO_REVIEW, DPO, identifier_in_question),
        (Step.APPROVE, S.DPO_REVIEW, DPO, identifier_not_searched),
        (Step.APPROVE, S.DPO_REVIEW, DPO, record_in_question),
        (Step.APPROVE, S.DPO_REVIEW, DPO, record_protected),
        (Step.APPROVE, S.DPO_REVIEW, DPO, inventory_drifted),
        (Step.APPROVE, S.DPO_REVIEW, DPO, nothing_frozen),
        (Step.COMPLETE, S.EXECUTING, None, item_open),
        (Step.COMPLETE, S.EXECUTING, None, item_failed),
        (Step.COMPLETE, S.AWAITING_VENDOR, None, item_manual),
        (Step.COMPLETE, S.EXECUTING, None, item_kept),
        (Step.COMPLETE, S.EXECUTING, None, store_unanswered),
        (Step.COMPLETE, S.EXECUTING, None, unanswered),
        (Step.HOLD_BACK, S.EXECUTING, None, another_item_open),
        (Step.HOLD_BACK, S.EXECUTING, None, item_gone),
        (Step.HOLD_BACK, S.AWAITING_VENDOR, None, unanswered),
        (Step.RELEASE, S.PARTIAL_HOLD, LEGAL, hold_stands),
        (Step.REFUSE, S.VALIDATING, DPO, unanswered),
    ],
)
def test_move_without_one_condition_is_refused_by_it(step, state, who, missing):
    case = ready_case(state, step)
    actor = Actor.of(make_user(who)) if who else SYSTEM
    missing(case)
    if missing not in (inventory_drifted, nothing_frozen):
        digest = ErasureCase.objects.get(pk=case.pk).current_digest()
        ErasureCase.objects.filter(pk=case.pk).update(inventory_digest=digest)
    assert outcome_of(case, step, actor) == "condition"
    assert len(refusals(ErasureCase.objects.get(pk=case.pk), step, actor)) == 1


# -- four eyes -------------------------------------------------------------------------------


def test_approve_by_who_prepared_is_refused_even_with_both_roles():
    both = Actor.of(make_user(OFFICER, DPO))
    case = ready_case(S.DPO_REVIEW, Step.APPROVE)
    case.preparers.add(both.user)
    assert outcome_of(case, Step.APPROVE, both) == "four eyes"
    assert steps_for(case, both) == [Step.REDISCOVER, Step.REFUSE, Step.CLOSE]


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (Step.START_VALIDATION, S.RECEIVED),
        (Step.ASK_IDENTITY, S.VALIDATING),
        (Step.IDENTITY_ANSWERED, S.AWAITING_IDENTITY),
        (Step.CONFIRM_IDENTITY, S.VALIDATING),
        (Step.REDISCOVER, S.DPO_REVIEW),
    ],
)
def test_move_by_a_preparing_step_makes_its_taker_a_preparer(step, state):
    actor = Actor.of(make_user(OFFICER, DPO))
    case = ready_case(state, step)
    move(case.pk, step, actor=actor)
    assert [user.pk for user in case.preparers.all()] == [actor.user.pk]


def test_approve_and_halt_make_nobody_a_preparer():
    actor = Actor.of(make_user(OFFICER, DPO))
    case = ready_case(S.DPO_REVIEW, Step.APPROVE)
    move(case.pk, Step.APPROVE, actor=actor, **WITH[Step.APPROVE])
    move(case.pk, Step.HALT, actor=actor)
    assert case.preparers.count() == 0


def test_release_by_who_placed_the_hold_is_refused():
    placer = Actor.of(make_user(LEGAL))
    case = ready_case(S.PARTIAL_HOLD, Step.RELEASE)
    item = case.items.get()
    item.hold = make_hold(placer.user, HoldState.RELEASED)
    item.save()
    assert outcome_of(case, Step.RELEASE, placer) == "four eyes"
    assert outcome_of(case, Step.RELEASE, Actor.of(make_user(LEGAL))) == S.DISCOVERY


# -- what a step writes ----------------------------------------------------------------------


def test_move_writes_one_log_entry_whose_private_half_opens_it():
    officer = Actor.of(make_user(OFFICER))
    case = make_case()
    before = list(case.log.values_list("pk", flat=True))
    move(case.pk, Step.CLOSE, actor=officer, close_reason="DUPLICATE")
    (row,) = case.log.exclude(pk__in=before)
    entry = canonical.decode(bytes(OutboxEntry.objects.get(uuid=row.pk).bytes), canonical=True)
    said = {"actor": f"staff:{officer.user.pk}", "reason": "DUPLICATE"}
    keys = CaseKeys(case_key(case, "log"))
    assert (row.type, row.scope, private_half(row)) == ("step", "c/1", said)
    assert entry == {
        "v": 1, "type": "step", "at": row.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tag": keys.tag("c/1"), "com": keys.commitment("c/1", said),
        "step": "close", "from": "RECEIVED", "to": "CLOSED",
    }  # fmt: skip
    assert row.facts == {"step": "close", "from": "RECEIVED", "to": "CLOSED"}


def test_move_that_is_rolled_back_leaves_neither_state_nor_entry():
    case = make_case()
    before = (row_of(case), case.log.count(), OutboxEntry.objects.count())
    with transaction.atomic():
        move(case.pk, Step.CLOSE, actor=SYSTEM, close_reason="WITHDRAWN")
        assert OutboxEntry.objects.count() == before[2] + 1
        transaction.set_rollback(True)
    assert (row_of(case), case.log.count(), OutboxEntry.objects.count()) == before


def test_move_counts_the_scopes_of_a_case_without_gaps():
    officer, dpo = Actor.of(make_user(OFFICER)), Actor.of(make_user(DPO))
    case = make_case()
    for _ in range(3):
        move(case.pk, Step.CLOSE, actor=officer, close_reason="WITHDRAWN")
        move(case.pk, Step.REOPEN, actor=dpo, reason="The person wrote again.")
    scopes = [row.scope for row in case.log.order_by("number")]
    assert scopes == [f"c/{number}" for number in range(7)]
    assert private_half(case.log.order_by("number").last())["reason"] == "The person wrote again."


def test_move_wakes_the_case_by_its_id_alone_after_the_commit(django_capture_on_commit_callbacks):
    sent = []

    def note(sender=None, body=None, **_):
        sent.append((sender, body[0], body[1]))

    case = make_case()
    before_task_publish.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            move(case.pk, Step.START_VALIDATION, actor=SYSTEM)
            assert sent == []
    finally:
        before_task_publish.disconnect(note)
    assert [(name, list(args), kwargs) for name, args, kwargs in sent] == [
        ("erasure.tasks.wake", [str(case.pk)], {})
    ]


def test_move_forgets_when_and_why_the_case_before_waited():
    case = make_case(waiting_for="A system is busy.", due_at=clock.now())
    moved = move(case.pk, Step.START_VALIDATION, actor=SYSTEM)
    assert (moved.waiting_for, moved.due_at) == ("", None)


def test_complete_and_hold_back_count_from_receipt_and_call_for_a_certificate():
    for step in (Step.COMPLETE, Step.HOLD_BACK):
        case = ready_case(S.EXECUTING, step)
        done = move(case.pk, step, actor=SYSTEM)
        assert done.certificate_due
        passed = done.completed_at - done.received_at
        assert done.seconds_to_complete == int(passed.total_seconds())
        assert timedelta(days=3) <= passed < timedelta(days=3, minutes=1)


@pytest.mark.parametrize("step", [Step.HALT, Step.REOPEN_REVIEW, Step.RELEASE])
def test_move_back_withdraws_approval_and_the_answer_that_told_of_it(step):
    dpo = make_user(DPO)
    state = S.PARTIAL_HOLD if step is Step.RELEASE else S.EXECUTING
    case = ready_case(state, step, approved_by=dpo, approved_at=clock.now())
    actor = SYSTEM if step is Step.REOPEN_REVIEW else Actor.of(make_user(LEGAL))
    back = move(case.pk, step, actor=actor)
    left = (back.approved_by, back.approved_at, back.inventory_digest, back.answered_at)
    assert left == (None, None, "", None)


def test_approve_after_a_refusal_letter_asks_for_a_new_answer():
    case = ready_case(S.DPO_REVIEW, Step.APPROVE)
    approved = move(case.pk, Step.APPROVE, actor=Actor.of(make_user(DPO)), **WITH[Step.APPROVE])
    assert approved.answered_at is None


def test_reopen_forgets_outcome_and_answer():
    case = ready_case(S.REFUSED, refusal_article="12(5)", closed_at=clock.now())
    back = move(case.pk, Step.REOPEN, actor=Actor.of(make_user(DPO)))
    left = (back.refusal_article, back.close_reason, back.closed_at, back.answered_at)
    assert left == ("", "", None, None)


def test_close_with_an_unknown_reason_changes_nothing():
    case = make_case()
    with pytest.raises(ValueError, match="BORED"):
        move(case.pk, Step.CLOSE, actor=PERSON, close_reason="BORED")
    assert (row_of(case)["state"], case.log.count()) == (S.RECEIVED, 1)


# -- who an actor can be ---------------------------------------------------------------------


def test_actor_of_an_inactive_user_or_of_no_staff_is_refused():
    gone, guest = make_user(DPO), make_user(DPO)
    gone.is_active, guest.is_staff = False, False
    for user in (gone, guest, None):
        with pytest.raises(PermissionError):
            Actor.of(user)


def test_createsuperuser_is_refused_and_makes_nobody(capsys):
    users = get_user_model().objects
    before = users.count()
    with pytest.raises(CommandError) as refused:
        call_command("createsuperuser", interactive=False, username="root", email="r@example.org")
    assert str(refused.value).split(".")[0] == "There are no superusers here"
    assert users.count() == before


def test_user_table_has_no_superuser_column():
    columns = {field.column for field in get_user_model()._meta.get_fields() if field.concrete}
    assert "is_superuser" not in columns
    assert "is_active" in columns


def test_user_made_with_the_superuser_flag_may_still_do_nothing():
    user = get_user_model().objects.create_user(
        "root", password="invented-phrase", is_staff=True, is_superuser=True
    )
    case = ready_case(S.DPO_REVIEW, Step.APPROVE)
    again = get_user_model().objects.get(pk=user.pk)
    assert (again.is_superuser, again.get_all_permissions()) == (None, set())
    assert outcome_of(case, Step.APPROVE, Actor.of(again)) == "permission"


def test_state_cannot_be_set_past_the_door():
    case = make_case()
    with pytest.raises(AttributeError):
        case.state = S.COMPLETE
    with pytest.raises(TypeError):
        case.refresh_from_db()
