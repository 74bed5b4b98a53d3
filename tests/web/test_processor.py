"""We as a processor: what a controller may send, what it is told, and that no word is too early."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from erasure import clock, tasks
from erasure.connectors.base import Account
from erasure.connectors.opendsr import OpenDSR
from erasure.intake import callbacks, inbound
from erasure.models import Actor, ApiClient, ErasureCase, InboundRequest, StatusCallback
from erasure.systems.seal import seal
from erasure.values import CaseState, Identifier, IdentifierKind, ItemState, JobState, Role
from tests.connectors.given import CountingLimiter, allow
from tests.factories import make_connection, make_item, make_user
from tests.web.listener import Listener
from tests.web.wsgi import Inside

EMAIL = "ada.beispiel+dsr@example.org"
REQUESTS = "/opendsr/v2/requests"


@pytest.fixture
def controller(db, settings, tmp_path):
    settings.DATA, settings.SANDBOX = tmp_path, True
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    return Controller()


@pytest.fixture
def listener():
    """A controller's callback address on this machine."""
    with Listener() as made:
        yield made


class Controller:
    """A client with its key."""

    def __init__(self, controller_id="shop"):
        self.row = ApiClient(
            name=f"The {controller_id}", controller_id=controller_id, scopes=["opendsr"]
        )
        self.secret = self.row.make_key()
        self.row.save()
        self.browser = Client(enforce_csrf_checks=True)

    def call(self, method, path, body=None, secret=None):
        pair = f"{self.row.key_id}:{self.secret if secret is None else secret}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.browser, method)(path, headers=headers, **given)

    def send(self, **changed):
        return self.call("post", REQUESTS, json.dumps(told(**changed)))


def told(**changed):
    whole = {
        "regulation": "gdpr",
        "subject_request_id": str(uuid4()),
        "subject_request_type": "erasure",
        "submitted_time": (clock.now() - timedelta(days=2)).isoformat(),
        "subject_identities": [
            {"identity_type": "email", "identity_value": EMAIL, "identity_format": "raw"}
        ],
        "api_version": "2.0",
    } | changed
    return {key: value for key, value in whole.items() if value is not None}


def stand(state, **fields):
    ErasureCase.objects.update(state=state, **fields)


def standing(controller):
    made = InboundRequest.objects.get()
    answer = controller.call("get", f"{REQUESTS}/{made.subject_request_id}")
    return answer.json()["request_status"]


# -- what is served -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["discovery", "v2/discovery", "cert.pem"])
def test_nothing_is_served_before_a_controller_has_a_key(client, db, path):
    assert client.get(f"/opendsr/{path}").status_code == 404


def test_nothing_is_served_in_production_without_a_key_of_its_own(controller, settings):
    settings.PRODUCTION = True
    assert controller.browser.get("/opendsr/discovery").status_code == 404


def test_discovery_says_what_is_taken(controller):
    told_us = controller.browser.get("/opendsr/v2/discovery").json()
    assert told_us["api_version"] == "2.0"
    assert told_us["supported_subject_request_types"] == ["erasure"]
    assert told_us["processor_certificate"] == "http://127.0.0.1:8000/opendsr/cert.pem"
    assert {row["identity_format"] for row in told_us["supported_identities"]} == {"raw"}


def test_key_of_a_trial_is_readable_by_its_owner_alone(controller, tmp_path):
    seal()
    assert (tmp_path / "keys" / "opendsr-key.pem").stat().st_mode & 0o777 == 0o600


# -- who may send -------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["wrong", "", "ü"])
def test_wrong_secret_is_refused(controller, secret):
    answer = controller.call("post", REQUESTS, json.dumps(told()), secret=secret)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="opendsr"')
    assert not ErasureCase.objects.exists()


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer abc", "Basic bm9jb2xvbg=="])
def test_header_that_is_no_key_is_refused(controller, header):
    answer = controller.browser.get(f"{REQUESTS}/{uuid4()}", headers={"Authorization": header})
    assert answer.status_code == 401


def test_client_that_is_switched_off_is_refused(controller):
    Controller("other")
    ApiClient.objects.filter(pk=controller.row.pk).update(enabled=False)
    assert controller.send().status_code == 401


def test_more_calls_than_agreed_wait(controller):
    ApiClient.objects.update(per_hour=2)
    assert [controller.send().status_code for _ in range(3)] == [201, 201, 429]


# -- a request ----------------------------------------------------------------------------------


def test_request_becomes_a_case_that_nobody_has_verified(controller):
    phones = [{"identity_type": "mobile_number", "identity_value": "+441632960101"}]
    submitted = clock.now() - timedelta(days=3)
    answer = controller.send(
        submitted_time=submitted.isoformat(), extensions={"127.0.0.1": {"identities": phones}}
    )
    case = ErasureCase.objects.get()
    assert answer.status_code == 201
    assert (case.state, case.channel, case.received_at) == (
        CaseState.RECEIVED,
        "opendsr",
        submitted,
    )
    assert case.identity_verified_at is None
    found = {(row.kind, row.value) for row in case.identifiers.all()}
    assert found == {("email", EMAIL), ("phone", "+441632960101")}
    assert "The shop" in case.request


def test_receipt_is_signed_over_its_bytes_and_brings_the_request_back(controller):
    body = json.dumps(told()).encode()
    answer = controller.call("post", REQUESTS, body.decode())
    ours = seal()
    assert base64.b64decode(answer.json()["encoded_request"]) == body
    assert answer["X-OpenDSR-Processor-Domain"] == "127.0.0.1"
    assert answer["X-OpenDSR-Signature"]
    assert ours.domain == "127.0.0.1"


def test_same_request_again_finds_the_same_case(controller):
    body = json.dumps(told())
    first, second = (controller.call("post", REQUESTS, body) for _ in range(2))
    assert [first.status_code, second.status_code] == [201, 201]
    assert ErasureCase.objects.count() == 1
    other = told(subject_request_id=json.loads(body)["subject_request_id"], api_version="2.1")
    third = controller.call("post", REQUESTS, json.dumps(other))
    assert third.json()["error"]["message"] == "Subject request already exists"


def test_same_request_after_its_end_is_no_new_one(controller):
    body = json.dumps(told())
    controller.call("post", REQUESTS, body)
    stand(CaseState.COMPLETE)
    assert controller.call("post", REQUESTS, body).status_code == 400
    assert ErasureCase.objects.count() == 1


def test_two_controllers_may_use_the_same_id(controller):
    body = json.dumps(told())
    assert controller.call("post", REQUESTS, body).status_code == 201
    other = Controller("bank")
    assert other.call("post", REQUESTS, body).status_code == 201
    assert ErasureCase.objects.count() == 2


NOT_A_LIST = [{"identity_type": "email"}, "text", 7]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("regulation", {"regulation": "ccpa"}),
        ("regulation", {"regulation": ["gdpr"]}),
        ("subject_request_type", {"subject_request_type": "access"}),
        ("subject_request_id", {"subject_request_id": None}),
        ("subject_request_id", {"subject_request_id": str(uuid4()).upper()}),
        ("subject_request_id", {"subject_request_id": "00000000-0000-1000-8000-000000000000"}),
        ("submitted_time", {"submitted_time": "yesterday"}),
        ("submitted_time", {"submitted_time": "2026-11-20T10:00:00"}),
        ("submitted_time", {"submitted_time": "2999-01-01T00:00:00Z"}),
        ("submitted_time", {"submitted_time": "2001-01-01T00:00:00Z"}),
        ("address", {"subject_identities": []}),
        ("subject_identities", {"subject_identities": {"a": 1}}),
        ("identity", {"subject_identities": NOT_A_LIST}),
        ("type or format", {"subject_identities": [
            {"identity_type": "email", "identity_value": "0" * 64, "identity_format": "sha256"}]}),
        ("type or format", {"subject_identities": [
            {"identity_type": "roku_advertising_id", "identity_value": "x",
             "identity_format": "raw"}]}),
        ("cannot be read", {"subject_identities": [
            {"identity_type": "email", "identity_value": "no address",
             "identity_format": "raw"}]}),
        ("address", {"subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": "C-1",
             "identity_format": "raw"}]}),
        ("extensions", {"extensions": []}),
        ("extensions", {"extensions": {"127.0.0.1": {"identities": 7}}}),
        ("https", {"status_callback_urls": ["http://controller.example.org/x"]}),
        ("https", {"status_callback_urls": ["https://a:b@controller.example.org/x"]}),
        ("https", {"status_callback_urls": ["https://[bad"]}),
        ("addresses", {"status_callback_urls": ["https://c.example.org/"] * 6}),
    ],
)  # fmt: skip
def test_bad_request_is_answered_with_its_field_and_leaves_nothing(controller, field, changed):
    answer = controller.send(**changed)
    told_us = answer.json()["error"]
    assert (answer.status_code, told_us["code"]) == (400, 400)
    assert field in told_us["message"]
    assert EMAIL not in answer.content.decode()
    assert not ErasureCase.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", "null", "[" * 30_000, "\x00"])
def test_body_that_is_no_request_is_refused(controller, body):
    assert controller.call("post", REQUESTS, body).status_code == 400


def test_huge_body_is_refused_before_it_is_read(controller):
    assert controller.call("post", REQUESTS, " " * 70_000).status_code == 413


# -- where it stands ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (CaseState.RECEIVED, "pending"),
        (CaseState.AWAITING_IDENTITY, "pending"),
        (CaseState.DISCOVERY, "pending"),
        (CaseState.EXECUTING, "in_progress"),
        (CaseState.AWAITING_VENDOR, "in_progress"),
        (CaseState.PARTIAL_HOLD, "in_progress"),
        (CaseState.COMPLETE, "completed"),
        (CaseState.REFUSED, "cancelled"),
        (CaseState.CLOSED, "cancelled"),
    ],
)
def test_word_follows_the_case_and_never_runs_ahead(controller, state, word):
    controller.send()
    stand(state)
    assert standing(controller) == word


def test_halted_case_is_pending_no_more(controller):
    controller.send()
    case = ErasureCase.objects.get()
    make_item(case, make_connection(), log_number=0, state=ItemState.PLANNED)
    stand(CaseState.DPO_REVIEW)
    assert standing(controller) == "in_progress"


def test_request_of_another_controller_is_not_there(controller):
    controller.send()
    made = InboundRequest.objects.get()
    other = Controller("bank")
    for method in ("get", "delete"):
        assert other.call(method, f"{REQUESTS}/{made.subject_request_id}").status_code == 404


def test_pending_request_is_taken_back_once(controller):
    controller.send()
    where = f"{REQUESTS}/{InboundRequest.objects.get().subject_request_id}"
    assert [controller.call("delete", where).status_code for _ in range(2)] == [202, 400]
    case = ErasureCase.objects.get()
    assert (case.state, case.close_reason) == (CaseState.CLOSED, "WITHDRAWN")
    assert standing(controller) == "cancelled"


def test_request_under_way_cannot_be_taken_back(controller):
    controller.send()
    stand(CaseState.EXECUTING)
    where = f"{REQUESTS}/{InboundRequest.objects.get().subject_request_id}"
    assert controller.call("delete", where).status_code == 400
    assert ErasureCase.objects.get().state == CaseState.EXECUTING


# -- callbacks ----------------------------------------------------------------------------------


def test_change_is_told_once_and_signed(controller, listener):
    controller.send(status_callback_urls=[listener.url])
    assert (callbacks.note_changes(), callbacks.due()) == (0, [])
    stand(CaseState.EXECUTING)
    assert (callbacks.note_changes(), callbacks.note_changes()) == (1, 0)
    assert [callbacks.send(pk) for pk in callbacks.due()] == [True]
    [(headers, body)] = listener.got
    assert json.loads(body)["request_status"] == "in_progress"
    assert json.loads(body)["status_callback_url"] == listener.url
    assert headers["X-OpenDSR-Processor-Domain"] == "127.0.0.1"
    assert callbacks.due() == []


def test_sweep_notes_the_change_and_rings_for_each_address(controller, listener, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.tell, "delay", rung.append)
    monkeypatch.setattr(tasks.wake, "delay", lambda case_id: None)
    controller.send(status_callback_urls=[listener.url, f"{listener.url}/too"])
    stand(CaseState.EXECUTING)
    tasks.sweep()
    assert len(rung) == 2
    for callback_id in rung:
        tasks.tell(callback_id)
        tasks.tell(callback_id)
    assert len(listener.got) == 2


def test_address_that_is_busy_is_asked_again_and_given_up_in_the_end(controller, listener):
    listener.status = 503
    controller.send(status_callback_urls=[listener.url])
    stand(CaseState.EXECUTING)
    callbacks.note_changes()
    [pk] = callbacks.due()
    for _ in range(callbacks.TRIES):
        StatusCallback.objects.update(next_try=clock.now())
        assert not callbacks.send(pk)
    row = StatusCallback.objects.get()
    assert (row.attempts, row.delivered_at) == (callbacks.TRIES, None)
    assert row.ended_at
    assert len(listener.got) == callbacks.TRIES


@pytest.mark.parametrize("status", [302, 400, 404])
def test_redirect_or_refusal_ends_it(controller, listener, status):
    listener.status = status
    controller.send(status_callback_urls=[listener.url])
    stand(CaseState.EXECUTING)
    callbacks.note_changes()
    assert [callbacks.send(pk) for pk in callbacks.due()] == [False]
    assert StatusCallback.objects.get().reason == f"The callback was answered {status}."
    assert len(listener.got) == 1


def test_address_inside_is_never_called(controller, listener, settings, monkeypatch):
    controller.send(status_callback_urls=["https://inside.example.org/x"])
    stand(CaseState.EXECUTING)
    callbacks.note_changes()
    inside = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(callbacks.socket, "getaddrinfo", lambda *given, **named: inside)
    assert [callbacks.send(pk) for pk in callbacks.due()] == [False]
    assert StatusCallback.objects.get().reason == "The callback address is not a public one."


def test_own_machine_is_no_address_outside_a_trial(controller, settings):
    settings.SANDBOX = False
    assert not inbound.is_callable("http://127.0.0.1:8000/x")


def test_later_word_overtakes_one_that_was_not_told(controller, listener):
    listener.status = 503
    controller.send(status_callback_urls=[listener.url])
    stand(CaseState.EXECUTING)
    callbacks.note_changes()
    stand(CaseState.COMPLETE)
    callbacks.note_changes()
    assert list(StatusCallback.objects.open().values_list("word", flat=True)) == ["completed"]


# -- one protocol, both roles --------------------------------------------------------------------


def test_our_own_connector_and_our_own_server_understand_each_other(controller, tmp_path):
    trusted = seal().chain.decode()
    account = Account(
        slug="ourselves", base_url="http://127.0.0.1:8000/opendsr/v2",
        login_url="http://127.0.0.1:8000/opendsr/v2", client_id=controller.row.key_id,
        client_secret=controller.secret, options={"trusted_ca": trusted},
    )  # fmt: skip
    partner = OpenDSR(account, CountingLimiter(), adapter=Inside(), callback_key="k")
    who = [Identifier(IdentifierKind.EMAIL, EMAIL)]
    found, searched = list(partner.collect(who, []))
    ref = Inside.ref(found)
    [erased] = list(partner.erase([ref], allow))
    job = Inside.job(erased, ref)
    assert ErasureCase.objects.get().state == CaseState.RECEIVED
    assert partner.poll(job, allow).state in (JobState.SUBMITTED, JobState.RUNNING)
    stand(CaseState.COMPLETE)
    assert partner.poll(job, allow).state == JobState.DONE
    [seen] = list(partner.verify([ref], who, []))
    assert seen.seen == "ATTESTED"


def test_administrator_makes_a_client_and_sees_its_secret_once(client, db):
    client.force_login(make_user(Role.ADMINISTRATOR))
    given = {"name": "Shop", "controller_id": "shop", "scopes": ["opendsr"],
             "per_hour": 60, "enabled": "on"}  # fmt: skip
    shown = client.post("/admin/erasure/apiclient/add/", given, follow=True).content.decode()
    row = ApiClient.objects.get()
    secret = shown.split("secret ")[1].split(" ")[0]
    assert (row.knows(secret), row.scopes) == (True, ["opendsr"])
    assert secret not in client.get("/admin/erasure/apiclient/").content.decode()
    client.post(f"/admin/erasure/apiclient/{row.pk}/key/")
    assert not ApiClient.objects.get().knows(secret)


def test_officer_makes_no_key(client, db):
    row = ApiClient(name="Shop", controller_id="shop")
    row.make_key()
    row.save()
    client.force_login(Actor.of(make_user(Role.OFFICER)).user)
    assert client.post(f"/admin/erasure/apiclient/{row.pk}/key/").status_code == 403
    assert ApiClient.objects.get().key_id == row.key_id
