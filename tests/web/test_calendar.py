"""The calendar address: secret, renewable, and no wider than the role."""

from datetime import timedelta

import pytest

from erasure import clock
from erasure.models import DataItem, TaskDetail
from erasure.values import CaseState, Role
from tests.factories import make_case, make_connection, make_hold, make_item, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def feed(client, token):
    answer = client.get(f"/calendar/{token}.ics")
    text = answer.content.decode().replace("\r\n ", "")
    return answer, [line[8:] for line in text.split("\r\n") if line.startswith("SUMMARY:")]


@pytest.fixture
def office():
    """An open case with a task, an answered case, and a hold."""
    officer = make_user(Role.OFFICER)
    case = make_case(CaseState.EXECUTING)
    make_case(CaseState.EXECUTING, answered_at=clock.now())
    make_case(CaseState.CLOSED)
    item = make_item(case, make_connection(), state="MANUAL")
    TaskDetail.objects.create(item=item, assignee=officer, due_on=clock.now().date() + DAY)
    make_hold(make_user(Role.LEGAL))
    return officer, case


def test_calendar_of_an_officer_names_cases_holds_and_own_tasks(client, office):
    officer, case = office
    answer, said = feed(client, officer.new_calendar())
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    number = DataItem.objects.get().place
    assert said == [
        f"Answer due: {case.reference}", "Hold to review",
        f"Task by hand: {case.reference}\\, record {number}",
    ]  # fmt: skip


def test_calendar_names_nothing_of_a_person(client, office):
    officer, case = office
    text = feed(client, officer.new_calendar())[0].content.decode()
    known = [row.value for row in case.identifiers.all()] + ["Ada", "Beispiel", "MATTER"]
    assert [value for value in known if value in text] == []
    assert f"DTSTART;VALUE=DATE:{case.statutory_due:%Y%m%d}" in text


@pytest.mark.parametrize(
    ("role", "count"), [(Role.ADMINISTRATOR, 0), (Role.CLERK, 1), (Role.LEGAL, 2)]
)
def test_calendar_is_no_wider_than_the_role(client, office, role, count):
    assert len(feed(client, make_user(role).new_calendar())[1]) == count


def test_calendar_of_an_old_or_unknown_address_is_not_found(client, office):
    officer, _ = office
    old = officer.new_calendar()
    new = officer.new_calendar()
    assert [feed(client, token)[0].status_code for token in (old, new, "x")] == [404, 200, 404]
    officer.end_calendar()
    assert feed(client, new)[0].status_code == 404


def test_calendar_of_somebody_who_left_is_not_found(client, office):
    officer, _ = office
    token = officer.new_calendar()
    officer.is_active = False
    officer.save()
    assert feed(client, token)[0].status_code == 404


def test_calendar_without_a_token_is_not_found(client, office):
    assert client.get("/calendar/.ics").status_code == 404
