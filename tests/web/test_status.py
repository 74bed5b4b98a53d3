"""Where a request stands: reference and status code, and nothing of the person."""

import re
from html import unescape

import pytest
from django.core.cache import cache

from erasure import clock
from erasure.models import ErasureCase, StatusCode
from erasure.values import CaseState, CloseReason
from tests.factories import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_case(CaseState.VALIDATING, email="ada.beispiel@example.org", text="Alles bitte.")


@pytest.fixture
def code(case):
    return StatusCode.make(case)


def look(person, case, code, path="/status/", **more):
    return person.post(path, {"reference": case.reference, "code": code, **more})


def lead(response):
    return unescape(re.search(r'<p class="lead">(.*?)</p>', response.content.decode())[1])


def moved(case, state, **columns):
    ErasureCase.objects.filter(pk=case.pk).update(state=state, **columns)


def test_status_says_where_it_stands_and_by_when_the_answer_comes(person, case, code):
    response = look(person, case, code)
    assert (response.status_code, lead(response)) == (200, "We are looking at your request.")
    assert f"by {case.statutory_due:%-d %b %Y} at the latest" in response.content.decode()
    assert response["Cache-Control"].split(", ").count("no-store") == 1


@pytest.mark.parametrize("how", ["lower", "spaced", "dashes"])
def test_status_takes_the_code_however_it_was_typed(person, case, code, how):
    typed = {"lower": code.lower(), "spaced": code.replace("-", " "),
             "dashes": code.replace("-", "–")}[how]  # fmt: skip
    assert person.post("/status/", {"reference": f" {case.reference.lower()} ", "code": typed})
    assert look(person, case, typed).status_code == 200


@pytest.mark.parametrize("state", CaseState)
def test_status_of_every_state_has_its_words_and_no_personal_value(person, case, code, state):
    moved(case, state)
    page = look(person, case, code).content.decode()
    assert [word for word in ("beispiel", "alles bitte") if word in page.lower()] == []
    assert lead(look(person, case, code))


@pytest.mark.parametrize("reason", CloseReason)
def test_status_of_a_closed_case_never_says_that_data_is_or_is_not_held(person, case, code, reason):
    moved(case, CaseState.CLOSED, close_reason=reason)
    page = look(person, case, code).content.decode().lower()
    assert [word for word in ("no data", "not held", "nothing was found") if word in page] == []
    assert "at the latest" not in page


@pytest.mark.parametrize("state", [CaseState.EXECUTING, CaseState.AWAITING_VENDOR])
def test_status_while_erasing_claims_no_erasure(person, case, code, state):
    moved(case, state)
    said = lead(look(person, case, code))
    assert said == "Your request is decided, and the decision is being carried out."


def test_status_of_a_request_by_the_form_waits_for_its_link(person, case, code):
    moved(case, CaseState.RECEIVED, channel="web")
    said = "We have received your request and wait for you to confirm it."
    assert lead(look(person, case, code)) == said


def test_status_of_an_unknown_reference_and_of_a_wrong_code_are_one_answer(person, case, code):
    StatusCode.make(make_case())
    wrong = [
        {"reference": case.reference, "code": "AAAA-AAAA-AAAA-AAAA"},
        {"reference": "ER-2026-ZZZZZZ", "code": code},
        {"reference": make_case().reference, "code": code},
        {"reference": "nonsense", "code": "'; DROP TABLE"},
    ]
    answers = [person.post("/status/", given) for given in wrong]
    plain = {re.sub(r'value="[^"]*"', "", each.content.decode()) for each in answers}
    assert ([each.status_code for each in answers], len(plain)) == ([400] * 4, 1)


def test_status_code_made_anew_stops_the_earlier_one(person, case, code):
    newer = StatusCode.make(case)
    assert [look(person, case, each).status_code for each in (code, newer)] == [400, 200]


def test_status_code_is_kept_as_its_hash_alone(case, code):
    assert code.replace("-", "") not in str(list(StatusCode.objects.values()))


def test_status_tried_too_often_is_refused_alike_for_right_and_wrong(person, case, code):
    for _ in range(30):
        look(person, case, "wrong")
    answers = [look(person, case, each) for each in ("wrong", code)]
    assert [(each.status_code, each["Retry-After"]) for each in answers] == [(429, "3600")] * 2
    cache.clear()
    assert look(person, case, code).status_code == 200


def test_status_with_nothing_filled_in_names_the_fields(person):
    page = person.post("/status/", {}).content.decode()
    assert re.findall(r'<a href="#(id_\w+)">', page) == ["id_reference", "id_code"]


# --- taking it back --------------------------------------------------------------------------


def test_withdrawal_first_says_what_it_means_and_changes_nothing(person, case, code):
    response = look(person, case, code, "/status/withdraw/")
    heading = re.sub("<.*?>", "", re.search(r"<h1>(.*?)</h1>", response.content.decode())[1])
    assert heading == f"Take request {case.reference} back?"
    assert ErasureCase.objects.get(pk=case.pk).state == CaseState.VALIDATING


@pytest.mark.parametrize(
    "state",
    [CaseState.RECEIVED, CaseState.VALIDATING, CaseState.AWAITING_IDENTITY, CaseState.DISCOVERY,
     CaseState.DPO_REVIEW],
)  # fmt: skip
def test_withdrawal_before_execution_closes_the_case_with_its_entry(person, case, code, state):
    moved(case, state)
    response = look(person, case, code, "/status/withdraw/", confirm="yes")
    again = ErasureCase.objects.get(pk=case.pk)
    assert (again.state, again.close_reason) == (CaseState.CLOSED, CloseReason.WITHDRAWN)
    step = case.log.order_by("number").last()
    assert (step.type, step.facts) == ("step", {"step": "close", "from": state, "to": "CLOSED"})
    assert lead(response) == "You took this request back."


@pytest.mark.parametrize(
    "state",
    [CaseState.EXECUTING, CaseState.AWAITING_VENDOR, CaseState.PARTIAL_HOLD, CaseState.COMPLETE,
     CaseState.REFUSED],
)  # fmt: skip
def test_withdrawal_from_execution_on_is_refused_with_what_to_do(person, case, code, state):
    moved(case, state)
    page = look(person, case, code, "/status/withdraw/", confirm="yes").content.decode()
    assert "It can no longer be taken back here." in page
    assert "Take the request back" not in page
    assert ErasureCase.objects.get(pk=case.pk).state == state


def test_withdrawal_sent_twice_is_one(person, case, code):
    for _ in range(2):
        response = look(person, case, code, "/status/withdraw/", confirm="yes")
    assert (lead(response), case.log.filter(type="step").count()) == (
        "You took this request back.", 1,
    )  # fmt: skip


def test_withdrawal_with_a_wrong_code_does_nothing(person, case, code):
    assert look(person, case, "wrong", "/status/withdraw/", confirm="yes").status_code == 400
    assert ErasureCase.objects.get(pk=case.pk).state == CaseState.VALIDATING


def test_withdrawal_is_told_to_a_proven_address_in_the_language_of_the_request(
    person, case, code, mailoutbox
):
    moved(case, CaseState.VALIDATING, requester_confirmed_at=clock.now())
    look(person, case, code, "/status/withdraw/", confirm="yes")
    assert [mail.to for mail in mailoutbox] == [["ada.beispiel@example.org"]]
    assert mailoutbox[0].subject == f"Your request {case.reference} is withdrawn"


def test_withdrawal_is_told_to_no_address_that_nobody_proved(person, case, code, mailoutbox):
    look(person, case, code, "/status/withdraw/", confirm="yes")
    assert mailoutbox == []
