"""The processor of the sandbox, asked over WSGI as the server asks it."""

import base64
import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256

from erasure.sandbox import clock
from erasure.sandbox.opendsr import OpenDSR
from erasure.sandbox.opendsr.callbacks import Callback, is_local, send
from erasure.sandbox.people import find, populate
from erasure.sandbox.server import application

PEOPLE = populate("demo")
MARIA = find(PEOPLE, "maria")
KEY = "a7551968-d5d6-44b2-9831-815ac9017798"
STATUS = f"/v2/requests/{KEY}"


def asked(**changed):
    identity = {"identity_type": "email", "identity_value": MARIA.email, "identity_format": "raw"}
    given = {
        "regulation": "gdpr",
        "subject_request_id": KEY,
        "subject_request_type": "erasure",
        "submitted_time": "2026-03-02T15:00:00Z",
        "subject_identities": [identity],
    }
    return {key: value for key, value in (given | changed).items() if value is not None}


class Client:
    def __init__(self, **own):
        self.vendor = OpenDSR()
        self.vendor.reset(PEOPLE, {"opendsr": own}, clock.now())
        known = self.vendor.credentials()
        pair = f"{known['client_id']}:{known['client_secret']}".encode()
        self.basic = f"Basic {base64.b64encode(pair).decode()}"

    def call(self, method, path, body=None):
        held, data = [], json.dumps(body).encode() if body is not None else b""
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "/opendsr", "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(data)), "HTTP_HOST": "127.0.0.1:9",
            "HTTP_AUTHORIZATION": self.basic, "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(data),
        }  # fmt: skip
        chunks = self.vendor(environ, lambda status, headers: held.append((status, dict(headers))))
        raw = b"".join(chunks)
        status, headers = held[-1]
        is_json = headers["Content-Type"] == "application/json"
        told = json.loads(raw) if is_json else None
        return SimpleNamespace(status=int(status[:3]), headers=headers, raw=raw, json=told)

    def is_signed(self, answer):
        leaf = x509.load_pem_x509_certificate(self.call("GET", "/v2/cert.pem").raw)
        signature = base64.b64decode(answer.headers["X-OpenDSR-Signature"])
        how = (ec.ECDSA(SHA256()),)
        if self.vendor.key == "rsa":
            how = (padding.PKCS1v15(), SHA256())
        try:
            leaf.public_key().verify(signature, answer.raw, *how)
        except InvalidSignature:
            return False
        return True

    def held(self):
        return [row["remote_id"] for row in self.vendor.holdings("maria")]


@pytest.fixture
def hours(tmp_path, monkeypatch):
    """Moves the sandbox's clock to so many hours after now."""
    path = tmp_path / "clock"
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(path))
    return lambda count: path.write_text(str(timedelta(hours=count).total_seconds()))


@pytest.fixture
def receiver():
    """A server on loopback that keeps callbacks and answers 202."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(SimpleNamespace(raw=body, headers=self.headers))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(got=got, url=f"http://127.0.0.1:{server.server_port}/cb/t-1")
    server.shutdown()
    server.server_close()


def until(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.05)


def test_discovery_names_identities_and_its_certificate():
    told = Client().call("GET", "/v2/discovery").json
    assert told["api_version"] == "2.0"
    assert told["supported_subject_request_types"] == ["erasure"]
    assert told["processor_certificate"] == "http://127.0.0.1:9/opendsr/v2/cert.pem"


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_answers_are_signed_over_their_bytes(key):
    client = Client(key=key)
    answers = [client.call("POST", "/v2/requests", asked()), client.call("GET", STATUS)]
    assert [(answer.status, client.is_signed(answer)) for answer in answers] == [
        (201, True), (200, True),
    ]  # fmt: skip
    assert json.loads(base64.b64decode(answers[0].json["encoded_request"])) == asked()


def test_data_goes_when_the_request_is_completed(hours):
    client = Client()
    client.call("POST", "/v2/requests", asked())
    told = []
    for hour in (0, 1, 2):
        hours(hour + 0.1)
        told.append((client.held(), client.call("GET", STATUS).json["request_status"]))
    assert told == [(["subject"], "pending"), (["subject"], "in_progress"), ([], "completed")]
    assert len(client.vendor.holdings("jo1")) == 1


def test_completes_after_is_an_option(hours):
    client = Client(completes_after=60)
    client.call("POST", "/v2/requests", asked())
    hours(0.02)
    assert client.held() == []


@pytest.mark.parametrize(
    "change",
    [
        {"regulation": None},
        {"subject_request_id": KEY.upper()},
        {"subject_request_id": "a7551968-d5d6-14b2-9831-815ac9017798"},
        {"subject_request_type": "access"},
        {"submitted_time": None},
        {"subject_identities": []},
    ],
)
def test_invalid_request_is_400(change):
    answer = Client().call("POST", "/v2/requests", asked(**change))
    assert (answer.status, answer.json["error"]["code"]) == (400, 400)


def test_wrong_credentials_are_401():
    client = Client()
    client.basic = "Basic bm86bm8="
    assert client.call("POST", "/v2/requests", asked()).status == 401


def test_same_id_twice_already_exists():
    client = Client()
    client.call("POST", "/v2/requests", asked())
    again = client.call("POST", "/v2/requests", asked())
    assert (again.status, again.json["error"]["message"]) == (400, "Subject request already exists")


def test_recall_only_while_pending(hours):
    client = Client()
    client.call("POST", "/v2/requests", asked())
    assert client.call("DELETE", STATUS).status == 202
    assert client.call("DELETE", STATUS).status == 400
    hours(3)
    assert (client.held(), client.call("GET", STATUS).json["request_status"]) == (
        ["subject"], "cancelled",
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["never-completes", "callback-forged", "cancelled"])
def test_fault_that_keeps_the_data(fault, hours):
    client = Client()
    assert client.vendor.fault(fault, True)
    client.call("POST", "/v2/requests", asked())
    hours(1000)
    assert client.held() == ["subject"]
    assert client.call("GET", STATUS).json["request_status"] != "completed"


def test_failed_distribution_completes_and_keeps_the_data(hours):
    client = Client()
    client.vendor.fault("failed-distribution", True)
    client.call("POST", "/v2/requests", asked())
    hours(3)
    told = client.call("GET", STATUS).json
    rows = told["extensions"]["127.0.0.1"]["distribution_status"]
    assert (told["request_status"], [row["status"] for row in rows]) == (
        "completed", ["failed", "sent"],
    )  # fmt: skip
    assert client.held() == ["subject"]


def test_small_faults_show():
    client = Client()
    for fault in ("no-zone", "unwrapped-errors", "wrong-domain", "bad-signature"):
        assert client.vendor.fault(fault, True)
    answer = client.call("POST", "/v2/requests", asked())
    assert not answer.json["received_time"].endswith("Z")
    assert answer.headers["X-OpenDSR-Processor-Domain"] == "other.example.org"
    assert not client.is_signed(answer)
    assert client.call("POST", "/v2/requests", asked()).json["code"] == 400
    client.vendor.fault("null-times", True)
    assert client.call("GET", STATUS).json["expected_completion_time"] is None
    assert not client.vendor.fault("no-such-fault", True)
    assert not client.vendor.fault("certificate", "nonsense")


def test_callback_is_sent_signed_when_it_is_completed(hours, receiver):
    client = Client()
    client.call("POST", "/v2/requests", asked(status_callback_urls=[receiver.url]))
    hours(3)
    until(lambda: receiver.got)
    answer = receiver.got[0]
    assert client.is_signed(answer)
    told = json.loads(answer.raw)
    assert (told["request_status"], told["status_callback_url"]) == ("completed", receiver.url)
    until(lambda: client.vendor.callback_answers == [202])


def test_forged_callback_claims_completion_with_a_bad_signature(receiver):
    client = Client()
    client.vendor.fault("callback-forged", True)
    client.call("POST", "/v2/requests", asked(status_callback_urls=[receiver.url]))
    until(lambda: receiver.got)
    answer = receiver.got[0]
    assert json.loads(answer.raw)["request_status"] == "completed"
    assert not client.is_signed(answer)
    client.vendor.reset((), {}, clock.now())


def test_callback_goes_to_this_machine_only():
    assert is_local("https://localhost/x")
    assert not is_local("http://example.org/x")
    assert not is_local("file:///etc/hosts")
    assert send(Callback("http://example.org/x", b"{}", {})) == 0


def test_whole_sandbox_knows_the_processor_and_holds_there_when_asked():
    app = application()
    assert [row for row in app.holdings("maria") if row["system"] == "opendsr"] == []
    app.reset("demo", {"opendsr": {"holds": True}})
    assert [row["remote_id"] for row in app.holdings("maria") if row["system"] == "opendsr"] == [
        "subject"
    ]
