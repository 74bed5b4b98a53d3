import http.client
import json
import threading

import pytest

from erasure.sandbox.server import leaks, make_server
from erasure.sandbox.vendor import DroppedError
from tests.sandbox.asking import MARIA, Genesys, ask, recording, talk


def control(app, method, path, body=None, **query):
    return ask(app, method, f"/sandbox/{path}", body, query=query)


def test_health_tells_the_moved_time(app, later):
    later(days=400)
    now = control(app, "GET", "health").json["now"]
    assert now > control(app, "GET", "people").headers.get("Date", "")
    assert control(app, "GET", "health").json["status"] == "ok"


def test_people_and_credentials_are_told(app):
    people = control(app, "GET", "people").json["people"]
    assert people[0]["name"] == "Maria Beispiel"
    known = control(app, "GET", "credentials").json
    assert sorted(known) == ["genesys", "opendsr", "salesforce", "servicenow"]
    assert sorted(known["genesys"]["clients"]) == ["executor", "home", "narrow", "reader"]


def test_reset_brings_the_same_ids_back_and_ends_every_fault(app, client, later):
    before = app.holdings("maria")
    app.fault("division-lost", True)
    client.delete(f"/externalcontacts/contacts/{MARIA}")
    assert control(app, "POST", "reset", {"population": "demo"}).status == 200
    assert app.holdings("maria") == before
    assert client.get("/tokens/me").status == 401
    client.sign_in()
    assert client.get(f"/externalcontacts/contacts/{MARIA}").status == 200


def test_reset_to_a_benchmark_makes_as_much_as_asked(app):
    bench = {"conversations": 20, "recordings": 2, "evaluations": 0.25, "bystanders": 5}
    body = {"population": "bench", "options": {"bench": bench}}
    control(app, "POST", "reset", body)
    counts = {}
    for row in app.holdings("bench"):
        if row["system"] == "genesys":
            counts[row["store"]] = counts.get(row["store"], 0) + 1
    assert counts == {
        "external_contacts": 1,
        "voice_recordings": 40,
        "evaluations": 5,
        **dict.fromkeys(("conversations", "participant_attributes", "speech_transcripts"), 20),
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("reset", {"population": "nobody"}),
        ("faults", {"earthquake": True}),
        ("faults", {"genesys.earthquake": True}),
        ("faults", [1]),
    ],
)
def test_control_that_makes_no_sense_is_400(app, path, body):
    assert control(app, "POST", path, body).status == 400


def test_unknown_control_and_vendor_are_404(app):
    assert control(app, "GET", "nothing").status == 404
    assert ask(app, "GET", "/zendesk/api").status == 404


def test_requests_are_recorded_by_template_without_credentials(app, client):
    client.get(f"/externalcontacts/contacts/{MARIA}")
    rows = control(app, "GET", "requests", since=1).json["requests"]
    assert [(row["method"], row["template"], row["status"]) for row in rows] == [
        ("GET", "/api/v2/externalcontacts/contacts/{contactId}", 200)
    ]
    assert (rows[0]["client"], rows[0]["headers"]) == (client.id, {})
    control(app, "POST", "requests/clear")
    assert app.requests() == []


def test_leaks_finds_identifiers_where_none_belong(app, client):
    values = ["maria.beispiel@example.org", "+441632960101"]
    client.get("/gdpr/subjects", searchType="EMAIL", searchValue=values[0])
    client.get("/externalcontacts/contacts", q=values[0])
    client.post(
        "/externalcontacts/identifierlookup/contacts", {"type": "Email", "value": values[0]}
    )
    assert leaks(app.requests(), values) == []
    client.get("/externalcontacts/reversewhitepageslookup", lookupVal="+441632960101")
    client.get("/externalcontacts/contacts/maria.beispiel@example.org")
    assert [row["template"].rsplit("/", 1)[-1] for row in leaks(app.requests(), values)] == [
        "reversewhitepageslookup",
        "{contactId}",
    ]


def test_leaks_looks_into_headers(app):
    ask(app, "GET", "/genesys/api/v2/tokens/me", headers={"Referer": "/?x=m.beispiel@example.com"})
    found = leaks(app.requests(), ["m.beispiel@example.com"])
    assert [row["template"] for row in found] == ["/api/v2/tokens/me"]


@pytest.mark.parametrize("sent", ["+441632960101", "%2B441632960101", "%2b441632960101"])
def test_leaks_knows_a_number_however_its_plus_was_sent(sent):
    entry = {"url": f"/api/v2/tokens/me?phone={sent}", "headers": {}}
    assert leaks([entry], ["+441632960101"]) == [entry]


@pytest.mark.parametrize(("name", "status"), [("5xx", 503), ("429", 429)])
def test_fault_of_a_status_speaks_as_the_vendor(app, client, name, status):
    app.fault(name, 1)
    reply = client.get("/tokens/me")
    assert (reply.status, reply.json["status"]) == (status, status)
    assert reply.headers.get("Retry-After") == ("2" if status == 429 else None)
    app.fault(name, 0)
    assert client.get("/tokens/me").status == 200


def test_fault_as_a_fraction_strikes_that_often(app, client):
    app.fault("genesys.5xx", 0.3)
    failed = sum(client.get("/tokens/me").status == 503 for _ in range(200))
    assert 40 < failed < 80


def test_fault_html_answers_a_page(app, client):
    app.fault("html", True)
    reply = client.get("/tokens/me")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html")


def test_fault_truncated_breaks_off_before_the_announced_length(app, client):
    app.fault("truncated", 1)
    reply = client.get("/tokens/me")
    assert len(reply.data) < int(reply.headers["Content-Length"])
    assert client.get("/tokens/me").status == 200  # once, as asked


def test_fault_reset_before_loses_the_call_and_reset_after_its_answer(app, client, stores):
    path = f"/externalcontacts/contacts/{MARIA}"
    app.fault("reset-before", 1)
    with pytest.raises(DroppedError):
        client.delete(path)
    assert [row["status"] for row in app.requests()] == [200, 0]
    assert MARIA in stores()["external_contacts"]
    app.fault("reset-after", 1)
    with pytest.raises(DroppedError):
        client.delete(path)
    assert MARIA not in stores()["external_contacts"]


def test_fault_down_at_one_vendor_leaves_the_other_up(app, client):
    app.fault("salesforce.down", True)
    assert client.get("/tokens/me").status == 200
    with pytest.raises(DroppedError):
        ask(app, "GET", "/salesforce/services/data")


def test_fault_slow_and_latency_make_calls_take_longer(app, client):
    app.fault("slow", 0.02)
    assert app.wires["genesys"].faults == {"slow": 0.02}
    app.reset("demo", {"latency_ms": 5})
    assert app.wires["genesys"].latency == 0.005


def test_every_division_has_bystanders_of_every_kind(app, client):
    rows = client.post(
        "/analytics/conversations/details/jobs",
        {"interval": "2010-01-01T00:00:00Z/2060-01-01T00:00:00Z"},
    )
    assert rows.status == 202
    held = [one for one in app.people if one.bystander]
    stores = {
        (one.divisions[0], row["store"])
        for one in held
        for row in app.holdings(one.key)
        if row["system"] == "genesys"
    }
    kinds = {row["store"] for row in app.holdings("maria") if row["system"] == "genesys"}
    assert stores == {(division, store) for division in ("Home", "Sales") for store in kinds}
    assert len(kinds) == 19 - 1  # gdpr_subjects are no records of their own


@pytest.fixture
def address(clock_file):
    server, port = make_server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield "127.0.0.1", port
    server.shutdown()
    server.server_close()
    thread.join()


def test_socket_is_kept_alive_between_calls(address):
    line = http.client.HTTPConnection(*address)
    line.request("GET", "/sandbox/health")
    assert json.loads(line.getresponse().read())["status"] == "ok"
    first = line.sock
    line.request("POST", "/sandbox/faults", body=b'{"slow": 0}')
    assert line.getresponse().read() == b'{"status": "ok"}'
    assert line.sock is first


def test_socket_of_a_dropped_call_is_reset(address):
    line = http.client.HTTPConnection(*address)
    line.request("POST", "/sandbox/faults", body=b'{"down": true}')
    line.getresponse().read()
    line.request("GET", "/genesys/api/v2/tokens/me")
    with pytest.raises(ConnectionError):
        line.getresponse()


def test_socket_of_a_truncated_answer_ends_early(address):
    line = http.client.HTTPConnection(*address)
    line.request("POST", "/sandbox/faults", body=b'{"truncated": true}')
    line.getresponse().read()
    line.request("GET", "/genesys/api/v2/tokens/me")
    with pytest.raises(http.client.IncompleteRead):
        line.getresponse().read()


def test_socket_with_an_empty_answer_stays_usable(address):
    line = http.client.HTTPConnection(*address)
    line.request("GET", "/sandbox/credentials")
    clients = json.loads(line.getresponse().read())["genesys"]["clients"]
    assert clients["reader"]["client_id"]
    line.request("HEAD", "/sandbox/health")
    assert line.getresponse().read() == b""
    line.request("GET", "/sandbox/health")
    assert line.getresponse().status == 200


def test_server_listens_on_loopback_only():
    with pytest.raises(ValueError, match="loopback only"):
        make_server(host="0.0.0.0")  # noqa: S104


def test_many_threads_at_once_lose_nothing(app):
    callers = [Genesys(app) for _ in range(4)]
    for caller in callers:
        caller.sign_in()

    def work(caller, number):
        caller.get(f"/conversations/{talk(number)}/recordings/{recording(number)}", formatId="NONE")

    threads = [
        threading.Thread(target=work, args=(caller, number))
        for caller in callers
        for number in range(1, 5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(row["method"] == "GET" and row["status"] == 200 for row in app.requests()) == 16
