"""Recipients of the data, and what each was told (Art. 19)."""

from datetime import timedelta

import pytest

from erasure import clock
from erasure.cases import recipients
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import Actor, Recipient, RecipientNotice
from erasure.values import CaseState, Role
from tests.factories import make_case, make_connection, make_item, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case():
    return make_case(CaseState.EXECUTING)


@pytest.fixture
def shop(case, officer):
    return recipients.name_recipient(case.pk, name=" Shop Ltd ", kind="CONTROLLER", actor=officer)


def told(row, actor, **given):
    standard = {"channel": "email", "told_at": clock.now() - HOUR, "proof": "Mail 7."}
    recipients.tell_recipient(row.pk, actor=actor, **{**standard, **given})


def test_known_recipients_of_a_system_are_named_once_where_the_person_was_found(case):
    here, elsewhere = make_connection(), make_connection()
    make_item(case, here)
    for where, name, enabled in ((here, "Shop", True), (here, "Old", False),
                                 (elsewhere, "Bank", True)):  # fmt: skip
        Recipient.objects.create(connection=where, name=name, kind="CONTROLLER", channel="email",
                                 enabled=enabled)  # fmt: skip
    recipients.name_known(case)
    recipients.name_known(case)
    assert [row.name for row in case.recipients.all()] == ["Shop"]


def test_told_and_not_told_are_counted_and_stand_in_the_log(case, shop, officer):
    assert recipients.counted(case) == (0, 1)
    told(shop, officer)
    recipients.record_reply(shop.pk, answered_at=clock.now(), answer="Erased.", actor=officer)
    assert recipients.counted(case) == (1, 0)
    found = [(row.facts["decision"], private_half(row)["reason"])
             for row in case.log.filter(type="decision").order_by("number")]  # fmt: skip
    assert found == [
        ("RECIPIENT_NAMED", "Shop Ltd"), ("RECIPIENT_TOLD", "Shop Ltd: Mail 7."),
        ("RECIPIENT_ANSWERED", "Shop Ltd: Erased."),
    ]  # fmt: skip


def test_recipient_left_out_needs_a_reason_and_may_be_told_later(case, shop, officer):
    with pytest.raises(InputError):
        recipients.excuse(shop.pk, reason=" ", actor=officer)
    recipients.excuse(shop.pk, reason="It was dissolved.", actor=officer)
    assert RecipientNotice.objects.outstanding().count() == 0
    told(shop, officer)
    row = case.recipients.get()
    assert (row.excused_at, row.excuse, row.told_at is None) == (None, "", False)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"channel": "pigeon"}, "channel"), ({"proof": " "}, "proof"),
     ({"told_at": clock.now() + timedelta(days=400)}, "told_at"),
     ({"told_at": clock.now() - timedelta(days=400)}, "told_at")],
)  # fmt: skip
def test_notice_without_channel_proof_or_possible_time_is_refused(shop, officer, given, field):
    with pytest.raises(InputError) as refused:
        told(shop, officer, **given)
    assert refused.value.field == field


def test_what_was_told_is_neither_told_again_nor_left_out(shop, officer):
    with pytest.raises(StepError):
        recipients.record_reply(shop.pk, answered_at=clock.now(), answer="Yes.", actor=officer)
    told(shop, officer)
    with pytest.raises(StepError):
        told(shop, officer)
    with pytest.raises(StepError):
        recipients.excuse(shop.pk, reason="Too late.", actor=officer)


def test_auditor_records_nothing(case):
    with pytest.raises(StepError) as refused:
        recipients.name_recipient(
            case.pk, name="Shop", kind="CONTROLLER", actor=Actor.of(make_user(Role.AUDITOR))
        )
    assert refused.value.refused_by == "permission"
