import pytest

from tests.sandbox.asking import Genesys, ask


def test_token_with_basic_auth_is_issued(app):
    reply = Genesys(app).sign_in()
    assert (reply.status, sorted(reply.json)) == (
        200,
        ["access_token", "expires_in", "token_type"],
    )


def test_token_with_wrong_secret_is_401(app):
    reply = Genesys(app).sign_in(secret="wrong")
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_token_with_another_grant_is_400(app):
    reply = Genesys(app).sign_in(form=b"grant_type=password")
    assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


def test_token_by_get_is_405(app):
    assert ask(app, "GET", "/genesys/oauth/token").status == 405


def test_token_burst_is_400_rate_limit_exceeded(app):
    app.reset("demo", {"token_burst": 2})
    caller = Genesys(app)
    replies = [caller.sign_in() for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 400]
    assert replies[2].json["description"] == "rate limit exceeded"


@pytest.mark.parametrize(
    ("token", "code"), [("", "authentication.required"), ("made-up", "bad.credentials")]
)
def test_call_without_a_good_token_is_401(client, token, code):
    client.token = token
    reply = client.get("/tokens/me")
    assert (reply.status, reply.json["code"]) == (401, code)


def test_call_after_the_tokens_life_is_401(client, later):
    client.renews = False
    later(seconds=86_401)
    assert client.get("/tokens/me").json["code"] == "bad.credentials"


def test_call_after_revocation_is_401(client):
    assert client.delete("/tokens/me").status == 200
    assert client.get("/tokens/me").status == 401


def test_call_without_the_permission_is_403_and_names_it(app):
    caller = Genesys(app, "narrow")
    caller.sign_in()
    reply = caller.get("/gdpr/subjects", searchType="NAME", searchValue="x")
    assert (reply.status, reply.json["code"]) == (403, "missing.permissions")
    assert reply.json["messageParams"] == {"permissions": "gdpr:subject:view"}


def test_permission_lost_takes_it_from_everybody(app, client):
    app.fault("permission-lost", "gdpr:request:view")
    assert client.get("/gdpr/requests").status == 403


def test_rate_window_counts_and_then_refuses_with_retry_after(app, client, later):
    app.reset("demo", {"rate_limit": 2, "rate_window": 60})
    client.sign_in()
    first, second, third = (client.get("/tokens/me") for _ in range(3))
    assert [first.status, second.status, third.status] == [200, 200, 429]
    assert first.headers["inin-ratelimit-count"] == "1"
    assert second.headers["inin-ratelimit-allowed"] == "2"
    assert third.json["code"] == "too.many.requests"
    assert 1 <= int(third.headers["Retry-After"]) <= 60
    later(seconds=61)
    assert client.get("/tokens/me").status == 200


def test_rate_window_of_one_token_leaves_another_alone(app):
    app.reset("demo", {"rate_limit": 1})
    one, two = Genesys(app), Genesys(app, "reader")
    one.sign_in()
    two.sign_in()
    assert [one.get("/tokens/me").status, two.get("/tokens/me").status] == [200, 200]
    assert one.get("/tokens/me").status == 429


def test_error_body_is_full_and_its_context_fresh(client):
    one, two = client.get("/nowhere"), client.get("/nowhere")
    assert one.status == 404
    assert sorted(one.json) == [
        "code", "contextId", "details", "errors", "message", "messageParams",
        "messageWithParams", "status",
    ]  # fmt: skip
    assert one.json["contextId"] == one.headers["ININ-Correlation-Id"]
    assert one.json["contextId"] != two.json["contextId"]


def test_wrong_method_is_405(client):
    assert client.delete("/organizations/me").status == 405


def test_body_that_is_not_json_is_400_or_415(app, client):
    headers = {"Authorization": f"Bearer {client.token}"}
    path = "/genesys/api/v2/gdpr/requests"
    assert ask(app, "POST", path, b"{", headers=headers).status == 400
    assert ask(app, "POST", path, b"a=b", headers=headers, kind="text/plain").status == 415
    assert ask(app, "POST", path, b" " * 512_001, headers=headers).status == 413


def test_tokens_me_names_organisation_and_client(client):
    body, org = client.get("/tokens/me").json, client.get("/organizations/me").json
    assert body["organization"]["id"] == org["id"]
    assert body["OAuthClient"]["id"] == client.id


def test_limits_of_the_gdpr_namespace_are_unknown_and_of_no_namespace_404(client):
    assert client.get("/organizations/limits/namespaces/gdpr").json == {"entities": []}
    assert client.get("/organizations/limits/namespaces/none").status == 404
