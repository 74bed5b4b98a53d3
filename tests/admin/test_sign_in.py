"""Who guesses passwords at the admin is stopped; who knows theirs, or sits elsewhere, is not."""

import re

import pytest
from django.core.cache import cache, caches
from django.test import Client

from erasure.admin import sign_in
from erasure.models import FailedSignIns
from erasure.values import Role
from tests.admin.page import Page
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
URL = "/admin/login/"
HERE, THERE = "203.0.113.9", "198.51.100.7"


@pytest.fixture(autouse=True)
def _nobody_tried_yet():
    cache.clear()


@pytest.fixture
def ada():
    return make_user(Role.OFFICER, name="ada")


def enter(name="ada", password="wrong", place=HERE):  # noqa: S107
    return Client().post(URL, {"username": name, "password": password}, REMOTE_ADDR=place)


def statuses(times, **given):
    return [enter(**given).status_code for _ in range(times)]


def test_sign_in_after_too_many_failures_is_refused_with_the_right_password(ada):
    assert statuses(sign_in.MOST_PER_NAME_AND_NETWORK) == [200] * 10
    answer = enter(password=PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "Too many sign-ins failed. Wait an hour, then try again." in Page(answer).said()
    assert "_auth_user_id" not in answer.wsgi_request.session


def test_refusal_is_alike_with_and_without_such_an_account(ada):
    for name in ("ada", "nobody"):
        statuses(sign_in.MOST_PER_NAME_AND_NETWORK, name=name)
    said = {Page(enter(name=name)).said() for name in ("ada", "nobody")}
    assert len(said) == 1


def test_other_accounts_of_a_network_and_the_account_elsewhere_still_sign_in(ada):
    make_user(Role.DPO, name="bea")
    statuses(sign_in.MOST_PER_NAME_AND_NETWORK + 60)  # what is refused counts no further
    assert enter("bea", PASSWORD).status_code == 302
    assert enter("ada", PASSWORD, THERE).status_code == 302


def test_guesses_at_many_names_stop_for_their_network_alone(ada):
    tried = [enter(f"name{n}").status_code for n in range(sign_in.MOST_PER_NETWORK + 1)]
    assert tried == [200] * 60 + [429]
    assert enter(password=PASSWORD).status_code == 429
    assert enter(password=PASSWORD, place=THERE).status_code == 302


def test_guesses_at_one_name_from_many_networks_stop(ada):
    places = [f"192.0.2.{n}" for n in range(sign_in.MOST_PER_NAME)]
    assert {enter("Ada", place=place).status_code for place in places} == {200}
    assert enter(password=PASSWORD).status_code == 429


def test_successful_sign_in_is_not_counted(ada):
    statuses(sign_in.MOST_PER_NAME_AND_NETWORK - 1)
    assert statuses(20, password=PASSWORD) == [302] * 20
    assert statuses(2) == [200, 429]


def test_form_without_a_password_is_not_counted(ada):
    statuses(sign_in.MOST_PER_NAME_AND_NETWORK + 1, password="")
    assert enter(password=PASSWORD).status_code == 302


def test_keys_of_the_cache_are_fingerprints_alone(ada):
    enter()
    keys = list(caches["default"]._cache)
    assert len(keys) == 3
    assert all(re.fullmatch(r":1:limit:[0-9a-f]{64}", key) for key in keys)


def test_wrong_passwords_are_counted_and_refused_tries_are_not(ada):
    statuses(sign_in.MOST_PER_NAME_AND_NETWORK + 5)
    enter(password=PASSWORD, place=THERE)
    assert FailedSignIns.objects.get().count == 10
