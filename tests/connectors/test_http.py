"""One client for every system: what leaves, what comes back, what is never told."""

import logging
import threading
import traceback
from datetime import timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
from responses import matchers

from erasure import clock
from erasure.connectors.http import Http, TokenCall, fill, require_https, vendor_code
from erasure.errors import BusyError, RefusedError, StoppedError
from tests.connectors.given import BASE, PLANTED, TOKEN, CountingLimiter, account, with_token

THING = f"{BASE}/things/t-1"
SEARCH = f"{BASE}/search"


@pytest.fixture
def limiter():
    return CountingLimiter()


@pytest.fixture
def http(limiter):
    return Http(account(), limiter)


def get(http, **given):
    return http.send("GET", "/things/{thing}", thing="t-1", **given)


def test_send_signs_in_once_for_several_calls(replies, http, limiter):
    with_token(replies)
    replies.get(THING, json={"id": "t-1"})
    assert [get(http).json_object(), get(http).json_object()] == [{"id": "t-1"}] * 2
    assert [call.request.url for call in replies.calls] == [TOKEN, THING, THING]
    assert (http.calls, limiter.waits) == (3, 3)


def test_sign_in_sends_the_secret_as_basic_auth_and_a_form(replies, http):
    with_token(replies)
    http.sign_in()
    request = replies.calls[0].request
    assert request.body == "grant_type=client_credentials"
    assert request.headers["Authorization"].partition(" ")[0] == "Basic"


def test_sign_in_with_another_token_request_uses_the_base_it_names(replies, limiter):
    replies.post(TOKEN, json={"access_token": "t-2", "instance_url": "https://org.example.com/"})
    replies.get("https://org.example.com/things/t-1", json={})
    http = Http(
        account(),
        limiter,
        lambda given: TokenCall("/oauth/token", {"client_id": given.client_id}),
        base_from=lambda given, answer: answer["instance_url"],
    )
    assert get(http).json_object() == {}
    assert replies.calls[0].request.body == "client_id=client-1"
    assert "Authorization" not in replies.calls[0].request.headers


@pytest.mark.parametrize("header", ["900", None])
def test_send_when_the_limit_is_reached_blocks_everybody(replies, http, limiter, header):
    with_token(replies)
    replies.get(THING, status=429, headers={"Retry-After": header} if header else {})
    with pytest.raises(BusyError) as busy:
        get(http)
    expected = 180.0 if header else 5.0
    assert (busy.value.retry_after, busy.value.status) == (expected, 429)
    assert limiter.blocked == [expected]


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_send_when_the_system_is_busy_blocks_nobody(replies, http, limiter, status):
    with_token(replies)
    replies.get(THING, status=status, headers={"Retry-After": "7"})
    with pytest.raises(BusyError) as busy:
        get(http)
    assert (busy.value.retry_after, limiter.blocked) == (7.0, [])


def test_retry_after_as_a_date_is_read_in_seconds(replies, http):
    with_token(replies)
    when = format_datetime(clock.now() + timedelta(seconds=60), usegmt=True)
    replies.get(THING, status=503, headers={"Retry-After": when})
    with pytest.raises(BusyError) as busy:
        get(http)
    assert 55 < busy.value.retry_after <= 60


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (requests.exceptions.ConnectTimeout(PLANTED), BusyError),
        (requests.exceptions.ReadTimeout(PLANTED), BusyError),
        (requests.exceptions.ConnectionError(PLANTED), BusyError),
        (requests.exceptions.ChunkedEncodingError(PLANTED), BusyError),
        (requests.exceptions.SSLError(PLANTED), RefusedError),
        (requests.exceptions.InvalidURL(PLANTED), RefusedError),
    ],
)
def test_send_when_no_answer_comes_says_so_without_the_url(replies, http, failure, error):
    with_token(replies)
    replies.get(SEARCH, body=failure)
    with pytest.raises(error) as caught:
        http.send("GET", "/search", params={"q": PLANTED})
    told = "".join(traceback.format_exception(caught.value))
    assert PLANTED not in told
    assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 409, 410, 422])
def test_send_refused_names_method_template_and_status(replies, http, status):
    with_token(replies)
    body = {"message": PLANTED, "code": "bad.request", "contextId": "c"}
    replies.get(THING, status=status, json=body, headers={"Location": f"{SEARCH}?q={PLANTED}"})
    with pytest.raises(RefusedError) as refused:
        get(http)
    assert str(refused.value) == f"GET /things/{{thing}} answered {status} bad.request"
    assert (refused.value.status, refused.value.code) == (status, "bad.request")
    assert len(replies.calls) == 2


def test_send_without_permission_names_it_and_nothing_else(replies, http):
    with_token(replies)
    message = f"{PLANTED} lacks permission(s): [recording:job:add]"
    params = {"permissions": "recording:job:add, recording:job:edit"}
    body = {"code": "missing.permissions", "message": message, "messageParams": params}
    replies.get(THING, status=403, json=body)
    with pytest.raises(RefusedError) as refused:
        get(http)
    assert str(refused.value) == (
        "GET /things/{thing} answered 403 missing.permissions"
        " (recording:job:add, recording:job:edit)"
    )


def test_send_with_an_accepted_status_returns_the_answer(replies, http):
    with_token(replies)
    replies.get(THING, status=404, json={"code": "not.found"})
    assert get(http, ok=(404,)).status == 404


def test_send_with_a_busy_code_means_later(replies, limiter):
    with_token(replies)
    replies.get(THING, status=403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "-"}])
    http = Http(account(), limiter, busy_codes=["REQUEST_LIMIT_EXCEEDED"])
    with pytest.raises(BusyError) as busy:
        get(http)
    assert str(busy.value) == "GET /things/{thing} answered 403 REQUEST_LIMIT_EXCEEDED"


def test_send_after_a_401_renews_the_token_once_and_asks_the_guard_again(replies, http, limiter):
    with_token(replies)
    replies.delete(THING, status=401, json={"code": "bad.credentials"})
    replies.delete(THING, status=204)
    asked = []
    answer = http.send("DELETE", "/things/{thing}", thing="t-1", before=lambda: asked.append(1))
    assert (answer.status, asked, http.calls, limiter.waits) == (204, [1, 1], 4, 4)


def test_send_after_a_second_401_is_refused(replies, http):
    with_token(replies)
    replies.get(THING, status=401, json={"code": "bad.credentials"})
    with pytest.raises(RefusedError) as refused:
        get(http)
    assert (refused.value.status, http.calls) == (401, 4)


def test_token_is_renewed_before_it_ends(replies, http):
    replies.post(TOKEN, json={"access_token": "t-1", "expires_in": 0})
    replies.get(THING, json={})
    get(http)
    get(http)
    assert [call.request.url for call in replies.calls] == [TOKEN, THING, TOKEN, THING]


def test_sign_in_after_too_many_means_later_and_blocks_nobody(replies, http, limiter):
    replies.post(TOKEN, status=400, json={"error": "x", "description": "Rate limit exceeded"})
    with pytest.raises(BusyError) as busy:
        http.sign_in()
    assert (busy.value.retry_after, limiter.blocked) == (30.0, [])


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": "invalid_client"}, "POST /oauth/token answered 401 invalid_client"),
        (400, {"error": "invalid_grant"}, "POST /oauth/token answered 400 invalid_grant"),
        (200, {"token_type": "bearer"}, "POST /oauth/token answered without a token"),
    ],
)
def test_sign_in_refused_is_final(replies, http, status, body, told):
    replies.post(TOKEN, status=status, json=body)
    with pytest.raises(RefusedError) as refused:
        http.sign_in()
    assert str(refused.value) == told
    assert "invented-secret" not in str(refused.value)


def test_guard_that_stops_lets_nothing_leave(replies, http, limiter):
    with_token(replies)

    def stop():
        raise StoppedError("held", held=True)

    with pytest.raises(StoppedError):
        http.send("DELETE", "/things/{thing}", thing="t-1", before=stop)
    assert ([call.request.url for call in replies.calls], http.calls) == ([TOKEN], 1)
    assert limiter.waits == 2


def test_guard_is_asked_after_the_limiter(replies):
    order = []

    class Limiter(CountingLimiter):
        def wait(self):
            order.append("limiter")

    with_token(replies)
    replies.delete(THING, status=204)
    Http(account(), Limiter()).send(
        "DELETE", "/things/{thing}", thing="t-1", before=lambda: order.append("guard")
    )
    assert order == ["limiter", "limiter", "guard"]


@pytest.mark.parametrize("body", ["", "<html>", '{"id": "t', "null", "[1]", '"text"', b"\xff\xfe{"])
def test_json_object_from_anything_else_is_refused(replies, http, body):
    with_token(replies)
    replies.get(THING, body=body)
    with pytest.raises(RefusedError) as refused:
        get(http).json_object()
    assert str(refused.value) == "GET /things/{thing} answered 200 with a body we cannot read"


def test_json_list_from_an_object_is_refused(replies, http):
    with_token(replies)
    replies.get(THING, json={"entities": []})
    with pytest.raises(RefusedError):
        get(http).json_list()


def test_path_values_are_percent_encoded(replies, http):
    with_token(replies)
    replies.get(f"{BASE}/things/a%2Fb%3Fc%20%2B", json={})
    assert http.send("GET", "/things/{thing}", thing="a/b?c +").status == 200


@pytest.mark.parametrize("value", ["", " ", ".", ".."])
def test_path_value_that_names_another_resource_is_refused(value):
    with pytest.raises(RefusedError):
        fill("/things/{thing}", {"thing": value})


def test_params_are_encoded_and_never_concatenated(replies, http):
    with_token(replies)
    wanted = [matchers.query_param_matcher({"searchValue": "+441632960101"})]
    replies.get(SEARCH, json={}, match=wanted)
    http.send("GET", "/search", params={"searchValue": "+441632960101"})
    assert replies.calls[1].request.url == f"{SEARCH}?searchValue=%2B441632960101"


def test_every_call_has_timeouts_its_own_verify_and_no_redirects(replies):
    with_token(replies)
    replies.get(THING, json={})
    given = account(connect_timeout=1.5, read_timeout=2.5, options={"ca_bundle": "ca.pem"})
    get(Http(given, CountingLimiter()))
    sent = [call.request.req_kwargs for call in replies.calls]
    assert [(one["timeout"], one["verify"]) for one in sent] == [((1.5, 2.5), "ca.pem")] * 2


def test_environment_neither_redirects_nor_trusts_for_us(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "other.pem")
    sent = []

    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request, **given):
            sent.append((given["verify"], dict(given["proxies"])))
            reply = requests.Response()
            reply.status_code, reply.request, reply.url = 200, request, request.url
            reply._content = b'{"access_token": "t-1"}'
            return reply

        def close(self):
            """Nothing is open."""

    get(Http(account(), CountingLimiter(), adapter=Adapter()))
    assert sent == [(True, {})] * 2


@pytest.mark.parametrize(
    "url", ["http://api.example.org", "ftp://api.example.org", "api.example.org", "https://"]
)
def test_address_without_https_is_refused(url):
    with pytest.raises(RefusedError):
        require_https(url)


@pytest.mark.parametrize("url", ["https://api.example.org", "http://127.0.0.1:8000/genesys"])
def test_https_and_loopback_addresses_are_accepted(url):
    assert require_https(url) is None


def test_two_threads_share_one_token_but_no_session(replies, http):
    with_token(replies)
    replies.get(THING, json={})
    sessions = []

    def work():
        get(http)
        sessions.append(http._session())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sessions[0] is not sessions[1]
    assert [call.request.url for call in replies.calls].count(TOKEN) == 1
    assert http.calls == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"code": "not.found"}', "not.found"),
        (b'[{"errorCode": "NOT_FOUND"}]', "NOT_FOUND"),
        (b'{"error": "invalid_client"}', "invalid_client"),
        (b'{"code": "ada.beispiel@example.org"}', ""),
        (b'{"code": "+44 1632 960101"}', ""),
        (b'{"code": ["not.found"]}', ""),
        (b"<html>", ""),
        (b"[]", ""),
    ],
)
def test_vendor_code_is_a_code_or_nothing(body, code):
    assert vendor_code(body) == (code, ())


def test_log_line_has_method_template_status_and_correlation_only(replies, http, caplog):
    caplog.set_level(logging.DEBUG)
    with_token(replies)
    replies.get(SEARCH, json={"email": PLANTED}, headers={"ININ-Correlation-Id": "c-77"})
    http.send("GET", "/search", params={"q": PLANTED})
    told = [(one.name, one.getMessage()) for one in caplog.records]
    assert told == [
        ("erasure.connectors.http", "POST /oauth/token 200 -"),
        ("erasure.connectors.http", "GET /search 200 c-77"),
    ]


def test_log_line_drops_a_correlation_that_is_none(replies, http, caplog):
    caplog.set_level(logging.DEBUG)
    with_token(replies)
    replies.get(SEARCH, json={}, headers={"ININ-Correlation-Id": f"c {PLANTED}"})
    http.send("GET", "/search")
    assert caplog.records[-1].getMessage() == "GET /search 200 -"


@responses.activate
def test_answer_and_account_show_no_content():
    with_token(responses)
    responses.get(THING, json={"email": PLANTED})
    answer = get(Http(account(), CountingLimiter()))
    assert repr(answer) == "Answer(method='GET', template='/things/{thing}', status=200)"
