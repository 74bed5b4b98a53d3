"""Mail to staff: each event once, no personal data, and nothing lost when the mail server is."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from erasure import clock, notices
from erasure.models import StaffNotice
from erasure.values import Role
from tests.factories import make_case, make_user
from tests.world import moving

__all__ = ["moving"]
pytestmark = pytest.mark.django_db
UNREACHABLE = "django.core.mail.backends.smtp.EmailBackend"


def staff(role, address="", *, active=True):
    user = make_user(role)
    user.email, user.is_active = address, active
    user.save()
    return user


def test_tell_dpo_mails_active_dpos_alone():
    staff(Role.DPO, "dpo@example.org")
    staff(Role.DPO, "gone@example.org", active=False)
    staff(Role.OFFICER, "officer@example.org")
    notices.tell_dpo("Something to look at", "See ER-2026-ABCDEF.")
    assert (notices.send_due(), notices.send_due()) == (1, 0)
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (
        ["dpo@example.org"], "Something to look at", "See ER-2026-ABCDEF.",
    )  # fmt: skip


def test_tell_of_a_case_mails_those_who_prepared_it_too():
    staff(Role.DPO, "dpo@example.org")
    officer = staff(Role.OFFICER, "officer@example.org")
    case = make_case(prepared_by=officer)
    notices.tell("late", "A date is near", "See the case.", case=case)
    notices.send_due()
    assert mail.outbox[0].to == ["dpo@example.org", "officer@example.org"]


def test_tell_the_same_event_twice_mails_once():
    staff(Role.DPO, "dpo@example.org")
    assert notices.tell("late", "A date is near", "See the case.")
    assert not notices.tell("late", "A date is near", "See the case.")
    assert (notices.send_due(), notices.send_due()) == (1, 0)
    assert len(mail.outbox) == 1


def test_tell_in_a_transaction_that_fails_tells_nothing():
    staff(Role.DPO, "dpo@example.org")
    with suppress(LookupError), transaction.atomic():
        notices.tell("late", "A date is near", "See the case.")
        raise LookupError
    assert StaffNotice.objects.count() == 0


def test_tell_when_the_mail_server_is_down_goes_out_later(moving, settings, caplog):
    staff(Role.DPO, "dpo@example.org")
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = UNREACHABLE, "127.0.0.1", 1
    notices.tell_dpo("Something to look at", "Text.")
    assert notices.send_due() == 0
    assert [record.getMessage() for record in caplog.records] == [
        "A notice could not be mailed (ConnectionRefusedError); it is tried again."
    ]
    settings.EMAIL_BACKEND = working
    assert notices.send_due() == 0  # not at once again
    clock.advance(timedelta(minutes=3))
    assert notices.send_due() == 1
    assert [each.subject for each in mail.outbox] == ["Something to look at"]


def test_tell_with_nobody_to_mail_waits_for_an_address(moving, caplog):
    dpo = staff(Role.DPO)
    notices.tell_dpo("Something to look at", "Text.")
    assert notices.send_due() == 0
    assert len(caplog.records) == 1
    dpo.email = "dpo@example.org"
    dpo.save()
    clock.advance(timedelta(hours=2))
    assert notices.send_due() == 1


def test_tell_a_user_mails_that_one_alone():
    staff(Role.DPO, "dpo@example.org")
    officer = staff(Role.OFFICER, "officer@example.org")
    notices.tell("digest", "Your cases", "Two are due.", user=officer)
    notices.send_due()
    assert mail.outbox[0].to == ["officer@example.org"]


def test_tell_a_role_mails_that_one_alone():
    staff(Role.DPO, "dpo@example.org")
    staff(Role.LEGAL, "legal@example.org")
    notices.tell("hold", "A hold is due", "See the hold.", role=Role.LEGAL)
    notices.send_due()
    assert mail.outbox[0].to == ["legal@example.org"]
