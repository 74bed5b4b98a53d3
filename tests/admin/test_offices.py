"""Holds, systems, users and the report: what their pages do."""

from datetime import timedelta

import pytest
import responses

from erasure import clock
from erasure.models import Hold, SystemConnection, User
from erasure.values import CaseState, Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import at
from tests.factories import PASSWORD, make_case, make_hold, make_user

HOLDS = "/admin/erasure/hold/"
REVIEW = clock.now().date() + timedelta(days=30)
HOLD = {
    "reference": "MATTER-1", "article": "17(3)(e)", "reason": "A claim.",
    "public_wording": "Kept for a claim.", "review_on": REVIEW.isoformat(),
}  # fmt: skip


def test_hold_on_the_person_of_a_case_is_placed(sign_in: SignIn) -> None:
    case = make_case(CaseState.DPO_REVIEW)
    legal = sign_in(Role.LEGAL)
    legal.post(HOLDS + "add/?scope=SUBJECT", {**HOLD, "case_reference": case.reference.lower()})
    hold = Hold.objects.get()
    assert (hold.state, hold.placed_by, hold.targets.count()) == ("ACTIVE", legal.user, 1)


def test_hold_on_conversations_is_placed(sign_in: SignIn, genesys: SystemConnection) -> None:
    given = {**HOLD, "connection": str(genesys.pk), "conversations": "c-1\nc-2"}
    sign_in(Role.LEGAL).post(HOLDS + "add/?scope=CONVERSATION", given)
    assert Hold.objects.get().targets.count() == 2


def test_hold_on_a_time_range_is_placed(sign_in: SignIn) -> None:
    given = {**HOLD, "starts_at": "2026-01-01T00:00", "ends_at": "2026-02-01T00:00"}
    sign_in(Role.LEGAL).post(HOLDS + "add/?scope=TIME_RANGE", given)
    assert Hold.objects.get().starts_at.isoformat() == "2025-12-31T23:00:00+00:00"


@pytest.mark.parametrize(("change", "said"), [
    ({"review_on": "", "identifiers": "a@example.org"}, "A hold needs an expiry date or a review"),
    ({"case_reference": "ER-0"}, "There is no case with this reference."),
    ({}, "Give at least one e-mail address or phone number."),
])  # fmt: skip
def test_hold_with_something_missing_is_not_placed(
    sign_in: SignIn, change: dict[str, str], said: str
) -> None:
    answer = sign_in(Role.LEGAL).post(HOLDS + "add/?scope=SUBJECT", {**HOLD, **change})
    assert said in Page(answer).said()
    assert Hold.objects.count() == 0


def test_hold_placed_by_officer_is_forbidden(sign_in: SignIn) -> None:
    answer = sign_in(Role.OFFICER).post(HOLDS + "add/", {**HOLD, "identifiers": "a@example.org"})
    assert (answer.status_code, Hold.objects.count()) == (403, 0)


def test_hold_release_needs_two_others(sign_in: SignIn) -> None:
    placer, second, third = (sign_in(Role.LEGAL) for _ in range(3))
    hold = make_hold(placer.user)
    propose, confirm = (at("hold_release", hold.pk, step) for step in ("propose", "confirm"))
    assert second.get(propose).status_code == 200
    assert Hold.objects.get().state == "ACTIVE"
    assert second.post(propose).status_code == 302
    assert second.post(confirm).status_code == 403
    assert placer.post(confirm).status_code == 403
    assert Hold.objects.get().state == "RELEASE_PROPOSED"
    assert third.post(confirm).status_code == 302
    assert Hold.objects.get().released_by == third.user


def test_hold_release_by_auditor_is_refused(sign_in: SignIn) -> None:
    hold = make_hold(make_user(Role.LEGAL))
    answer = sign_in(Role.AUDITOR).post(at("hold_release", hold.pk, "propose"))
    assert (answer.status_code, Hold.objects.get().state) == (403, "ACTIVE")


def test_holds_with_overdue_review_come_first(sign_in: SignIn) -> None:
    placer = make_user(Role.LEGAL)
    for state in ("RELEASED", "ACTIVE", "REVIEW_DUE", "RELEASE_PROPOSED"):
        make_hold(placer, state)
    listed = sign_in(Role.LEGAL).get(HOLDS).context["cl"].result_list
    assert [hold.state for hold in listed] == [
        "REVIEW_DUE", "RELEASE_PROPOSED", "ACTIVE", "RELEASED",
    ]  # fmt: skip


# -- systems ---------------------------------------------------------------------------------

CONNECTION = {
    "slug": "sales", "name": "Salesforce", "system": "salesforce", "enabled": "on",
    "base_url": "https://sales.example.org", "login_url": "https://login.example.org",
    "client_id": "client", "secret": "s3cret-phrase", "region": "DE", "per_minute": "300",
    "width": "8", "options": "{}",
}  # fmt: skip


def test_connection_secret_goes_in_and_never_comes_out(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    assert admin.post("/admin/erasure/systemconnection/add/", CONNECTION).status_code == 302
    row = SystemConnection.objects.get()
    assert row.kept_secret() == "s3cret-phrase"
    url = at("erasure_systemconnection_change", row.pk)
    assert b"s3cret-phrase" not in admin.get(url).content
    admin.post(url, {**CONNECTION, "secret": "", "name": "Sales"})
    row = SystemConnection.objects.get()
    assert (row.name, row.kept_secret()) == ("Sales", "s3cret-phrase")


def test_connection_short_name_is_never_changed(sign_in: SignIn, genesys: SystemConnection) -> None:
    url = at("erasure_systemconnection_change", genesys.pk)
    sign_in(Role.ADMINISTRATOR).post(url, {**CONNECTION, "slug": "other"})
    assert SystemConnection.objects.get().slug == "genesys-eu"


def test_connection_changed_by_dpo_is_forbidden(sign_in: SignIn, genesys: SystemConnection) -> None:
    url = at("erasure_systemconnection_change", genesys.pk)
    dpo = sign_in(Role.DPO)
    assert dpo.get(url).status_code == 200
    assert b'name="secret"' not in dpo.get(url).content
    assert dpo.post(url, CONNECTION).status_code == 403
    assert dpo.post(at("connection_check", genesys.pk)).status_code == 403


@responses.activate
def test_connection_test_that_is_refused_says_why(
    sign_in: SignIn, genesys: SystemConnection
) -> None:
    responses.post("https://login.genesys-eu.example.org/oauth/token", status=401, json={})
    genesys.set_secret("wrong")
    genesys.save()
    url = at("connection_check", genesys.pk)
    admin = sign_in(Role.ADMINISTRATOR)
    assert admin.get(url).status_code == 405
    shown = Page(admin.post(url)).said()
    assert "Missing" in shown or "401" in shown
    assert "Everything an erasure needs is there." not in shown


# -- users -----------------------------------------------------------------------------------


def roles_of(user: User) -> list[str]:
    return list(User.objects.get(pk=user.pk).groups.order_by("name").values_list("name", flat=True))


def test_user_made_by_administrator_is_staff_and_nothing_more(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    given = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    admin.post("/admin/erasure/user/add/", given)
    user = User.objects.get(username="new")
    assert (user.is_staff, user.is_superuser, roles_of(user)) == (True, None, [])
    assert user.check_password(PASSWORD)


def test_user_is_given_roles_by_somebody_else(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    user = make_user(Role.CLERK)
    wanted = make_user(Role.DPO).groups.get()
    given = {"username": user.username, "is_active": "on", "groups": [wanted.pk]}
    admin.post(at("erasure_user_change", user.pk), given)
    assert roles_of(user) == ["DPO"]


def test_own_roles_stay_as_they_are(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    wanted = make_user(Role.DPO).groups.get()
    given = {"username": admin.user.username, "is_active": "on", "groups": [wanted.pk]}
    admin.post(at("erasure_user_change", admin.user.pk), given)
    assert roles_of(admin.user) == ["Administrator"]


def test_password_of_another_is_set_by_administrator_alone(sign_in: SignIn) -> None:
    user = make_user(Role.CLERK)
    url = at("user_password", user.pk)
    given = {"new_password1": "another-long-phrase", "new_password2": "another-long-phrase"}
    assert sign_in(Role.AUDITOR).post(url, given).status_code == 403
    assert sign_in(Role.ADMINISTRATOR).post(url, given).status_code == 302
    assert User.objects.get(pk=user.pk).check_password("another-long-phrase")


@pytest.mark.parametrize("path", ["user", "systemconnection", "hold", "erasurecase"])
def test_nothing_is_deleted(sign_in: SignIn, genesys: SystemConnection, path: str) -> None:
    client = sign_in(*Role)
    row = {
        "user": client.user, "systemconnection": genesys, "hold": make_hold(client.user),
        "erasurecase": make_case(),
    }[path]  # fmt: skip
    url = f"/admin/erasure/{path}/{row.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


# -- report ----------------------------------------------------------------------------------


def test_report_shows_the_figures_and_what_they_count(sign_in: SignIn) -> None:
    make_case()
    month = f"{clock.now():%Y-%m}"
    shown = Page(sign_in(Role.DPO).get("/admin/report/", {"month": month})).said()
    assert "Requests received 1 Requests whose receipt lies in the month" in shown
    assert "This month is not over" in shown


@pytest.mark.parametrize("month", ["2026-13", "2999-01", "<script>"])
def test_report_of_no_month_says_how_to_write_one(sign_in: SignIn, month: str) -> None:
    answer = sign_in(Role.DPO).get("/admin/report/", {"month": month})
    page = Page(answer)
    assert page.refused == []
    assert "month" in page.said().lower()
    assert answer.context["error"] != ""
