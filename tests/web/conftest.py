import re

import pytest
from django.core.cache import cache
from django.test import Client

from erasure import verification
from erasure.models import Actor
from erasure.values import CaseState, Role
from tests.factories import make_case, make_user, post_letters

FORM = {
    "on_behalf": "myself",
    "name": "Ada O’Beispiel",
    "emails": ["Ada.O'Beispiel+shop@example.org", "ada@example.com", ""],
    "phones": ["030 23125 999"],
    "text": "Alles bitte.",
    "language": "de",
    "website": "",
}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def person(db):
    """A browser of somebody; an error on a page fails the test instead of showing the 500 page."""
    return Client()


@pytest.fixture
def ask(person):
    """Sends the public form with these changes."""

    def send(**changed):
        return person.post("/request/", {**FORM, **changed})

    return send


@pytest.fixture
def last_link(mailoutbox):
    """The path of the link in the newest mail."""

    def find():
        return re.search(r"http://127\.0\.0\.1:8000(/\S+)", mailoutbox[-1].body)[1]

    return find


@pytest.fixture
def asked(db, mailoutbox, last_link):
    """A case that waits for a copy, and the path of the upload page."""
    officer, second = (Actor.of(make_user(role)) for role in (Role.OFFICER, Role.DPO))
    case = make_case(CaseState.VALIDATING)
    verification.propose_copy(
        case.pk, actor=officer, doubt="The address is new to us.", alternatives=["CALL_BACK"],
        reason="Nobody answers the number on file.",
    )  # fmt: skip
    verification.approve_copy(case.pk, actor=second)
    post_letters(case)
    return case, last_link()
