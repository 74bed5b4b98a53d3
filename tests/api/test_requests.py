"""The contract of the API: what it takes, what it answers, what it never tells."""

import base64
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from erasure import clock
from erasure.api.problems import TITLES
from erasure.models import ApiClient, Arrival, ErasureCase
from erasure.values import CaseState, Scope
from tests.factories import make_case

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/requests"
ALL = [Scope.CREATE, Scope.STATUS, Scope.WITHDRAW]
BODY = {
    "name": "Ada Quendel", "emails": ["Quendel@Example.org"], "phones": ["030 23125 999"],
    "customer_numbers": ["C-4711"], "other_names": ["Ada Muster"], "language": "de",
    "text": "Alles bitte.",
}  # fmt: skip
PERSONAL = ("quendel", "23125999", "C-4711", "Alles")


class Caller:
    """A client with its key."""

    def __init__(self, *scopes, name="shop"):
        self.row = ApiClient(name=f"The {name}", controller_id=name, scopes=list(scopes))
        self.secret = self.row.make_key()
        self.row.save()
        self.browser = Client(enforce_csrf_checks=True)

    def call(self, method, path, body=None, secret=None, **headers):
        pair = f"{self.row.key_id}:{self.secret if secret is None else secret}"
        basic = base64.b64encode(pair.encode()).decode()
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        headers = {"Authorization": f"Basic {basic}", **headers}
        return getattr(self.browser, method)(path, headers=headers, **given)

    def send(self, key="first-key", **changed):
        body = {name: value for name, value in {**BODY, **changed}.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("post", REQUESTS, json.dumps(body), **headers)

    def look(self, reference):
        return self.call("get", f"{REQUESTS}/{reference}")

    def withdraw(self, reference):
        return self.call("post", f"{REQUESTS}/{reference}/withdrawal")


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def shop(db):
    return Caller(*ALL)


def problem(response):
    """Status and fields of a problem, after its form was checked."""
    told = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (told["status"], told["title"]) == (response.status_code, TITLES[response.status_code])
    assert [word for word in PERSONAL if word.lower() in response.content.decode().lower()] == []
    return response.status_code, [each["field"] for each in told.get("errors", [])]


# -- create ----------------------------------------------------------------------------------


def test_create_opens_a_case_that_nobody_has_verified(shop):
    response = shop.send()
    case = ErasureCase.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "reference": case.reference, "state": "received", "answered_at": None,
        "received_at": response.json()["received_at"], "withdrawable": True,
        "answer_due": case.statutory_due.isoformat(),
    }  # fmt: skip
    assert (case.channel, case.language, case.request) == ("api", "de", "Alles bitte.")
    assert [(row.kind, row.value) for row in case.identifiers.all()] == [
        ("email", "quendel@example.org"), ("phone", "+493023125999"), ("customer", "C-4711"),
        ("name", "Ada Muster"), ("name", "Ada Quendel"),
    ]  # fmt: skip
    assert list(case.verifications.values_list("state", flat=True)) == ["OPEN"]
    arrival = Arrival.objects.get()
    assert (arrival.case, arrival.client, arrival.sender) == (case, shop.row, "The shop")


def test_create_repeated_with_its_key_finds_the_same_case(shop):
    first, again = shop.send(), shop.send()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert ErasureCase.objects.count() == 1


def test_create_with_a_used_key_and_another_body_is_a_conflict(shop):
    shop.send()
    assert problem(shop.send(text="Nur die Anrufe.")) == (409, [])
    assert ErasureCase.objects.count() == 1


def test_create_with_the_same_key_by_another_client_is_another(shop):
    shop.send()
    assert Caller(*ALL, name="mall").send().status_code == 201
    assert ErasureCase.objects.count() == 2


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with space in it"])
def test_create_without_a_usable_key_is_refused(shop, key):
    status, (field,) = problem(shop.send(key=key))
    assert (status, field.lower(), ErasureCase.objects.count()) == (422, "idempotency-key", 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"emails": ["ada@example.org", "nonsense"]}, "emails.1"),
        ({"phones": ["12x"]}, "phones.0"),
        ({"emails": "ada@example.org"}, "emails"),
        ({"emails": [5]}, "emails.0"),
        ({"emails": [], "phones": [], "customer_numbers": []}, "identifiers"),
        ({"emails": ["a@example.org"] * 31}, "emails"),
        ({"name": "12345"}, "name"),
        ({"name": "A" * 201}, "name"),
        ({"name": "Ada\x00"}, "name"),
        ({"language": "tlh"}, "language"),
        ({"text": "x" * 4001}, "text"),
        ({"received_at": "2026-03-05T09:30:00"}, "received_at"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "received_at"),
        ({"received_at": "2001-01-01T00:00:00Z"}, "received_at"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"representative": {"name": "Rita", "email": "rita"}}, "representative.email"),
        ({"representative": {"name": "Rita"}}, "representative.email"),
        ({"email": "ada@example.org"}, "email"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_create_with_a_wrong_field_names_it_and_records_nothing(shop, changed, field):
    assert problem(shop.send(**changed)) == (422, [field])
    assert ErasureCase.objects.count() == 0


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\x00", "{" * 9000])
def test_create_with_a_body_that_is_no_request_is_refused(shop, body):
    response = shop.call("post", REQUESTS, body, **{"Idempotency-Key": "first-key"})
    assert problem(response)[0] in (400, 422)


def test_create_with_a_body_beyond_the_limit_is_not_read(shop):
    assert problem(shop.send(text="x" * 70_000)) == (413, [])


def test_create_counts_from_the_moment_the_person_asked(shop):
    asked = (clock.now() - timedelta(days=10)).replace(microsecond=0)
    shop.send(received_at=asked.isoformat())
    assert ErasureCase.objects.get().received_at == asked


def test_create_for_somebody_else_keeps_the_representative_apart(shop):
    shop.send(representative={"name": "Rita Recht", "email": "Rita@Example.net"})
    case = ErasureCase.objects.get()
    assert (case.on_behalf, case.representative.email) == (True, "rita@example.net")
    assert "rita@example.net" not in [row.value for row in case.identifiers.all()]


# -- look ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", CaseState)
def test_status_of_every_state_is_a_word_of_the_contract(shop, state):
    reference = shop.send().json()["reference"]
    ErasureCase.objects.update(state=state)
    told = shop.look(reference)
    assert told.status_code == 200
    words = {"received", "awaiting_identity", "searching", "in_review", "being_carried_out",
             "answered", "closed"}  # fmt: skip
    assert told.json()["state"] in words


def test_status_never_tells_whether_data_was_held(shop):
    reference = shop.send().json()["reference"]
    told = []
    for state in (CaseState.COMPLETE, CaseState.PARTIAL_HOLD, CaseState.REFUSED):
        ErasureCase.objects.update(state=state)
        told.append(shop.look(reference).json())
    for reason in ("NO_DATA_HELD", "WITHDRAWN"):
        ErasureCase.objects.update(state=CaseState.CLOSED, close_reason=reason)
        told.append(shop.look(reference).json())
    assert (told[0] == told[1] == told[2], told[3] == told[4]) == (True, True)


def test_status_of_a_foreign_unknown_or_other_doors_case_is_one_answer(shop):
    mall = Caller(*ALL, name="mall")
    foreign = mall.send().json()["reference"]
    answers = [shop.look(each) for each in (foreign, make_case().reference, "ER-2026-NNNNNN", "x")]
    assert {(each.status_code, each.content) for each in answers} == {
        (404, answers[0].content)
    }  # fmt: skip


# -- withdraw --------------------------------------------------------------------------------


def test_withdrawal_closes_the_case_as_the_person(shop):
    reference = shop.send().json()["reference"]
    told = shop.withdraw(reference)
    case = ErasureCase.objects.get()
    assert (told.status_code, told.json()["state"], told.json()["withdrawable"]) == (
        200, "closed", False,
    )  # fmt: skip
    assert (case.state, case.close_reason) == (CaseState.CLOSED, "WITHDRAWN")
    assert case.log.filter(type="step").count() == 1


@pytest.mark.parametrize("state", [CaseState.EXECUTING, CaseState.COMPLETE, CaseState.CLOSED])
def test_withdrawal_too_late_is_a_conflict_and_changes_nothing(shop, state):
    reference = shop.send().json()["reference"]
    ErasureCase.objects.update(state=state)
    assert problem(shop.withdraw(reference)) == (409, [])
    assert ErasureCase.objects.get().state == state


# -- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ALL)
def test_key_opens_its_own_scope_alone(shop, scope):
    reference = shop.send().json()["reference"]
    shop.row.scopes = [scope]
    shop.row.save()
    statuses = {
        Scope.STATUS: shop.look(reference).status_code,
        Scope.CREATE: shop.send(key="another-key").status_code,
        Scope.WITHDRAW: shop.withdraw(reference).status_code,
    }
    opened = {each for each, status in statuses.items() if status < 300}
    assert (opened, {status for each, status in statuses.items() if each != scope}) == (
        {scope}, {403},
    )  # fmt: skip


def test_key_of_an_opendsr_controller_opens_nothing_here(db):
    assert problem(Caller(Scope.OPENDSR).send()) == (403, [])


def test_call_without_a_valid_key_says_nothing_but_that(shop):
    nobody = Client().get(f"{REQUESTS}/ER-2026-NNNNNN")
    wrong = shop.call("get", f"{REQUESTS}/ER-2026-NNNNNN", secret="wrong")
    shop.row.enabled = False
    shop.row.save()
    disabled = shop.look("ER-2026-NNNNNN")
    for answer in (nobody, wrong, disabled):
        assert problem(answer) == (401, [])
        assert answer["WWW-Authenticate"] == 'Basic realm="erasure"'


def test_keys_guessed_too_often_from_one_network_are_refused(shop):
    statuses = [shop.call("get", REQUESTS + "/x", secret="no").status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]
    assert shop.look("x").status_code == 404  # who has a key is not kept out


def test_key_used_beyond_its_hour_is_told_when_to_come_back(shop):
    ApiClient.objects.update(per_hour=2)
    answers = [shop.look("x") for _ in range(3)]
    assert [each.status_code for each in answers] == [404, 404, 429]
    assert answers[2]["Retry-After"] == "3600"


def test_api_repeats_and_logs_no_personal_value(shop, caplog):
    caplog.set_level("INFO")
    shop.send()
    shop.send(phones=["12x"])
    shop.send(key="second-key", emails=["quendel@example.org x"])
    assert [word for word in PERSONAL if word.lower() in caplog.text.lower()] == []


# -- the description -------------------------------------------------------------------------


def test_description_is_served_and_no_page_with_foreign_scripts(client):
    told = client.get("/api/v1/openapi.json").json()
    assert {path: sorted(found) for path, found in told["paths"].items()} == {
        "/api/v1/requests": ["post"],
        "/api/v1/requests/{reference}": ["get"],
        "/api/v1/requests/{reference}/withdrawal": ["post"],
    }
    assert list(told["components"]["securitySchemes"]["ClientKey"].items()) == [
        ("type", "http"), ("scheme", "basic"),
    ]  # fmt: skip
    answers = told["paths"]["/api/v1/requests"]["post"]["responses"]
    assert list(answers) == ["201", "200", "401", "403", "404", "409", "413", "422", "429"]
    assert client.get("/api/v1/docs").status_code == 404


def test_description_names_the_languages_that_are_spoken(client, settings):
    told = client.get("/api/v1/openapi.json").json()
    language = told["components"]["schemas"]["RequestIn"]["properties"]["language"]
    assert language["enum"] == [code for code, _ in settings.LANGUAGES]
