"""Making, renewing and ending the address of one's own calendar."""

import re

from erasure.models import User
from erasure.values import Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import at


def address_on(response: object) -> str:
    found = re.search(r'value="(http[^"]+\.ics)"', response.content.decode())  # type: ignore[attr-defined]
    return found.group(1) if found else ""


def test_calendar_address_is_shown_once_and_works(sign_in: SignIn) -> None:
    officer = sign_in(Role.OFFICER)
    made = address_on(officer.post(at("own_calendar")))
    assert officer.get(made[made.index("/calendar/") :]).status_code == 200
    again = officer.get(at("own_calendar"))
    assert (address_on(again), "You have an address." in Page(again).said()) == ("", True)
    assert made.rpartition("/")[2].removesuffix(".ics") not in str(
        User.objects.filter(pk=officer.user.pk).values()
    )


def test_calendar_address_that_is_ended_stops(sign_in: SignIn) -> None:
    officer = sign_in(Role.OFFICER)
    made = address_on(officer.post(at("own_calendar")))
    officer.post(at("own_calendar"), {"end": "1"})
    assert officer.get(made[made.index("/calendar/") :]).status_code == 404


def test_calendar_page_when_looked_at_makes_no_address(sign_in: SignIn) -> None:
    officer = sign_in(Role.OFFICER)
    officer.get(at("own_calendar"))
    assert User.objects.get(pk=officer.user.pk).calendar_hash == ""


def test_calendar_page_of_a_stranger_asks_for_the_login(client, db) -> None:
    assert client.post(at("own_calendar")).status_code == 302
