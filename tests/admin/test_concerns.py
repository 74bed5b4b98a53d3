"""Complaints and questions of authorities on the page of a case."""

import pytest
from django.urls import reverse

from erasure.admin.forms import just_now
from erasure.values import CaseState, Role
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
NOTE = "Ada Beispiel wrote to the authority."


def section(client, case):
    page = client.get(reverse("admin:erasure_erasurecase_change", args=[case.pk]))
    text = page.content.decode()
    return text.partition('<section id="concerns">')[2].partition("</section>")[0], text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DPO])
def test_complaint_is_recorded_and_closed_and_stands_on_the_timeline(client, role):
    client.force_login(make_user(role))
    case = make_case(CaseState.COMPLETE)
    assert "Nothing was raised about this case." in section(client, case)[0]
    new = reverse("admin:case_concern_new", args=[case.pk])
    assert client.get(new).status_code == 200
    client.post(new, {"kind": "COMPLAINT", "raised_at": just_now(), "note": NOTE})
    row = case.concerns.get()
    end = reverse("admin:case_concern", args=[case.pk, row.pk])
    shown, whole = section(client, case)
    assert (">Complaint<" in shown, "Open" in shown, end in shown) == (True, True, True)
    assert "recorded what was raised about the case" in whole
    assert NOTE not in whole
    client.post(end, {"outcome": "UPHELD", "article": "", "closed_at": just_now()})
    shown, whole = section(client, case)
    assert ("Upheld" in shown, end in shown, "recorded how it ended" in whole) == (
        True, False, True,
    )  # fmt: skip


def test_note_is_shown_while_the_person_is_revealed(client):
    client.force_login(make_user(Role.DPO))
    case = make_case(CaseState.COMPLETE)
    given = {"kind": "AUTHORITY", "raised_at": just_now(), "note": NOTE}
    client.post(reverse("admin:case_concern_new", args=[case.pk]), given)
    assert NOTE not in section(client, case)[0]
    client.post(reverse("admin:case_reveal", args=[case.pk]), {"reason": "To answer it."})
    assert NOTE in section(client, case)[0]


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.AUDITOR, True), (Role.LEGAL, True), (Role.CLERK, False)],
)
def test_other_roles_record_nothing(client, role, sees):
    client.force_login(make_user(role))
    case = make_case(CaseState.COMPLETE)
    new = reverse("admin:case_concern_new", args=[case.pk])
    shown, _ = section(client, case)
    assert (bool(shown), new in shown) == (sees, False)
    given = {"kind": "COMPLAINT", "raised_at": just_now(), "note": NOTE}
    assert (client.post(new, given).status_code, case.concerns.count()) == (403, 0)


def test_end_of_another_cases_concern_is_not_found(client):
    client.force_login(make_user(Role.DPO))
    case, other = make_case(CaseState.COMPLETE), make_case(CaseState.COMPLETE)
    given = {"kind": "COMPLAINT", "raised_at": just_now(), "note": NOTE}
    client.post(reverse("admin:case_concern_new", args=[case.pk]), given)
    end = reverse("admin:case_concern", args=[other.pk, case.concerns.get().pk])
    assert client.get(end).status_code == 404
