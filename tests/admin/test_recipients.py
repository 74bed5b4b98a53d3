"""Recipients on the page of a case."""

import pytest
from django.urls import reverse

from erasure.admin.forms import just_now
from erasure.admin.recipient_rows import TITLES
from erasure.cases import recipients
from erasure.models import Actor
from erasure.values import CaseState, Role
from tests.factories import make_case, make_connection, make_user

pytestmark = pytest.mark.django_db


def test_officer_names_a_recipient_and_records_the_notice(client):
    client.force_login(make_user(Role.OFFICER))
    case = make_case(CaseState.COMPLETE)
    page = reverse("admin:erasure_erasurecase_change", args=[case.pk])
    assert "No recipient of the data is known." in client.get(page).content.decode()
    client.post(reverse("admin:case_recipient_new", args=[case.pk]),
                {"name": "Shop Ltd", "kind": "CONTROLLER"})  # fmt: skip
    row = case.recipients.get()
    shown = client.get(page).content.decode()
    assert [text in shown for text in ("Shop Ltd", "To be told", TITLES["told"])] == [True] * 3
    client.post(reverse("admin:case_recipient", args=[case.pk, row.pk, "told"]),
                {"channel": "email", "told_at": just_now(), "proof": "Mail 7."})  # fmt: skip
    assert recipients.counted(case) == (1, 0)
    shown = client.get(page).content.decode()
    assert (TITLES["told"] in shown, TITLES["answered"] in shown) == (False, True)


def test_auditor_sees_recipients_and_records_none(client):
    case = make_case(CaseState.COMPLETE)
    officer = Actor.of(make_user(Role.OFFICER))
    row = recipients.name_recipient(case.pk, name="Shop", kind="CONTROLLER", actor=officer)
    client.force_login(make_user(Role.AUDITOR))
    shown = client.get(reverse("admin:erasure_erasurecase_change", args=[case.pk]))
    assert ("Shop" in shown.content.decode(), TITLES["told"] in shown.content.decode()) == (
        True, False,
    )  # fmt: skip
    url = reverse("admin:case_recipient", args=[case.pk, row.pk, "told"])
    assert client.get(url).status_code == 403


def test_dpo_keeps_the_recipients_of_a_system(client):
    client.force_login(make_user(Role.DPO))
    where = make_connection()
    client.post(reverse("admin:erasure_recipient_add"),
                {"connection": where.pk, "name": "Shop", "kind": "CONTROLLER", "channel": "email",
                 "address": "", "enabled": "on"})  # fmt: skip
    assert [row.name for row in where.recipients.all()] == ["Shop"]
