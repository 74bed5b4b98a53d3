"""To a provider and back: bound to one link, one browser, a quarter of an hour and one use."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from erasure import verification
from erasure.models import Actor
from erasure.values import CaseState, Role
from erasure.verification.electronic import PlayedIdentity, electronic_identity
from tests.factories import make_case, make_user, post_letters

NAME = "Ada Beispiel"


@pytest.fixture
def asked(db, last_link):
    """A case that waits for an electronic identity, and the path of its page."""
    case = make_case(CaseState.VALIDATING, name=NAME)
    verification.ask(
        case.pk, actor=Actor.of(make_user(Role.OFFICER)), doubt="It came by letter.",
        offered=["ELECTRONIC_ID"],
    )  # fmt: skip
    post_letters(case)
    return case, last_link()


def begin(person, path):
    """The state that goes to the provider."""
    answer = person.get(f"{path}electronic/")
    assert answer.status_code == 302, answer.status_code
    return parse_qs(urlsplit(answer.url).query)["state"][0]


def come_back(person, state, name=NAME, level="high"):
    code = PlayedIdentity.vouch(name, level)
    return person.get("/identity/electronic/", {"state": state, "code": code})


def row(case):
    return case.verifications.get()


def test_identity_of_the_same_name_is_proof(person, asked):
    case, path = asked
    answer = come_back(person, begin(person, path))
    assert (answer.status_code, row(case).state) == (200, "ANSWERED")
    assert (row(case).provider, row(case).proven_at is not None) == (
        "Played electronic identity", True,
    )  # fmt: skip
    assert NAME not in str(vars(row(case)))
    assert person.get(path).status_code == 410


@pytest.mark.parametrize(
    ("name", "level", "said"),
    [
        ("Otto Anders", "high", "is not the one of the request"),
        ("", "high", "is not the one of the request"),
        (NAME, "low", "is not enough"),
    ],
)
def test_identity_of_somebody_else_or_too_weak_is_refused_and_the_link_stays(
    person, asked, name, level, said
):
    case, path = asked
    answer = come_back(person, begin(person, path), name, level)
    assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert (row(case).state, person.get(path).status_code) == ("ASKED", 200)


def test_identity_lured_into_another_browser_is_refused(person, asked):
    """Who began must be who comes back: a stranger's proof is worth nothing."""
    case, path = asked
    state = begin(person, path)
    assert come_back(Client(), state).status_code == 410
    assert row(case).state == "ASKED"


def test_way_back_forged_late_or_replayed_is_gone(person, asked):
    case, path = asked
    state = begin(person, path)
    assert come_back(person, f"{state}x").status_code == 410
    assert come_back(person, "").status_code == 410
    assert come_back(person, state).status_code == 200
    assert come_back(person, state).status_code == 410


def test_way_back_after_a_quarter_of_an_hour_is_gone(person, asked, monkeypatch):
    case, path = asked
    state = begin(person, path)
    real = __import__("time").time
    monkeypatch.setattr("time.time", lambda: real() + 15 * 60 + 1)
    assert (come_back(person, state).status_code, row(case).state) == (410, "ASKED")


def test_code_is_redeemed_once(person, asked):
    state, code = begin(person, asked[1]), PlayedIdentity.vouch("Otto Anders", "high")
    given = {"state": state, "code": code}
    assert person.get("/identity/electronic/", given).status_code == 400
    answer = person.get("/identity/electronic/", given)
    assert "Nothing came back" in answer.content.decode()


def test_way_that_was_not_offered_is_gone(person, asked):
    case, path = asked
    case.verifications.update(offered=["CALL_BACK"])
    assert person.get(f"{path}electronic/").status_code == 410


@pytest.mark.parametrize(("name", "production"), [("", False), ("other", False), ("played", True)])
def test_without_a_provider_nothing_is_offered(person, asked, settings, name, production):
    settings.ELECTRONIC_ID, settings.PRODUCTION = name, production
    assert electronic_identity() is None
    assert person.get(f"{asked[1]}electronic/").status_code == 410


def test_played_provider_is_not_there_in_production(person, settings, db):
    settings.PRODUCTION = True
    assert person.get("/dev/electronic-id/").status_code == 410


def test_played_provider_sends_the_browser_back_with_its_state(person, asked):
    state = begin(person, asked[1])
    shown = person.get("/dev/electronic-id/", {"state": state}).content.decode()
    assert state in re.findall(r'name="state" value="([^"]+)"', shown)
    answer = person.post("/dev/electronic-id/", {"state": state, "name": NAME, "level": "high"})
    assert person.get(answer.url).status_code == 200
