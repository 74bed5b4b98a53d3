"""A case in which only state, role or four eyes can refuse a step."""

from erasure import clock
from erasure.models import PERSON, SYSTEM, Actor, ErasureCase, Verification
from erasure.values import CloseReason, HoldState, ItemState, Role, Step, StoreStatus
from tests.factories import (
    confirm_person,
    make_case,
    make_connection,
    make_hold,
    make_item,
    make_search,
    make_user,
)

WITH = {
    Step.APPROVE: {"decided_role": "dpo", "opinion": "Nothing stands against it."},
    Step.REFUSE: {"article": "17(3)(b)"},
    Step.CLOSE: {"close_reason": CloseReason.WITHDRAWN},
}


def actors():
    """Each role, staff of no role, an account that was switched off, the system, the person."""
    found = {str(role): Actor.of(make_user(role)) for role in Role}
    found["no role"] = Actor.of(make_user())
    gone = make_user(*Role)
    found["inactive"] = Actor.of(gone)
    gone.is_active = False
    gone.save()
    return found | {"system": SYSTEM, "person": PERSON}


def ready_case(state, step=None, **columns):
    """Every condition of the step holds."""
    case = make_case(state)
    confirm_person(case)
    if step is Step.ASK_IDENTITY:
        Verification.objects.create(case=case, state="ASKED")
    case.identifiers.update(searched_at=clock.now())
    connection = make_connection()
    make_search(case, connection, status=StoreStatus.FOUND)
    if step is Step.HOLD_BACK:
        make_item(case, connection, state=ItemState.EXEMPT, article="17(3)(b)")
    elif step is Step.RELEASE:
        hold = make_hold(make_user(Role.DPO), HoldState.RELEASED)
        make_item(case, connection, state=ItemState.HELD, hold=hold, article="17(3)(e)")
    elif step is Step.APPROVE:
        make_item(case, connection)
    else:
        make_item(case, connection, state=ItemState.ERASED, verdict="VERIFIED_ABSENT")
    digest = ErasureCase.objects.get(pk=case.pk).current_digest()
    given = {"inventory_digest": digest, "answered_at": clock.now(), **columns}
    ErasureCase.objects.filter(pk=case.pk).update(**given)
    return ErasureCase.objects.get(pk=case.pk)
