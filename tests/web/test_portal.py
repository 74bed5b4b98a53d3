import re

import pytest
from django.test import Client

from erasure.models import ErasureCase
from tests.intake.test_portal import make_portal, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(person):
    make_portal()

    def send(text, **more):
        return person.post("/portal/", {"token": text}, **more)

    return send


def heading(response):
    return re.sub("<.*?>", "", re.search(r"<h1>(.*?)</h1>", response.content.decode())[1])


def test_portal_hands_over_and_the_person_gets_reference_and_code(sent, person):
    response = sent(token())
    case = ErasureCase.objects.get()
    assert heading(response) == f"We have received your request {case.reference}"
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", response.content.decode())[0]
    shown = person.post("/status/", {"reference": case.reference, "code": code})
    assert (shown.status_code, heading(shown)) == (200, f"Request {case.reference}")
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_portal_of_another_site_needs_no_token_of_ours(sent):
    make_portal("EdDSA")
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://my.example.com"})
    assert strict.post("/portal/", {"token": token("EdDSA")}).status_code == 200


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * 20_000])
def test_portal_refusal_leads_to_the_form_with_a_sentence(sent, text):
    response = sent(text)
    assert (response.status_code, heading(response)) == (
        400, "Your account could not be taken over",
    )  # fmt: skip
    assert 'href="/request/"' in response.content.decode()


def test_portal_replay_shows_no_reference_and_no_code(sent):
    text = token()
    sent(text)
    again = sent(text)
    assert again.status_code == 400
    assert ErasureCase.objects.get().reference not in again.content.decode()


def test_portal_refuses_a_body_beyond_any_token_and_the_61st_of_an_hour(sent):
    assert sent("x" * 40_000).status_code == 413
    statuses = [sent("x").status_code for _ in range(61)]
    assert statuses == [400] * 60 + [429]


def test_portal_looked_at_leads_to_the_start(person):
    response = person.get("/portal/")
    assert (response.status_code, response["Location"]) == (302, "/")
