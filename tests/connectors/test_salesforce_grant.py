"""Signing in with a signed assertion, the day's limit, and the escaping of search phrases."""

import base64
import json
import re

import pytest
import responses
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from requests import PreparedRequest

from erasure import clock
from erasure.connectors.base import Account
from erasure.connectors.salesforce.grant import JWT_BEARER, assertion, token_call
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.soql import find, like, like_digits, quote
from erasure.errors import RefusedError
from tests.connectors.given import CountingLimiter

BASE = "https://example.my.salesforce.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()


def account(secret=PEM, **options):
    options = {"jwt_user": "eraser@example.org"} | options
    return Account("crm", BASE, BASE, "consumer-key", secret, options=options)


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_assertion_is_signed_with_the_key_and_ends_within_three_minutes():
    head, claims, signature = assertion(account(), "eraser@example.org").split(".")
    signed = f"{head}.{claims}".encode()
    KEY.public_key().verify(decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
    told = json.loads(decoded(claims))
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    assert (told["iss"], told["sub"]) == ("consumer-key", "eraser@example.org")
    assert told["aud"] == BASE
    assert 0 < told["exp"] - clock.now().timestamp() <= 180


def test_assertion_names_the_configured_audience():
    given = account(jwt_audience="https://test.salesforce.com")
    claims = assertion(given, "eraser@example.org").split(".")[1]
    assert json.loads(decoded(claims))["aud"] == "https://test.salesforce.com"


def test_token_call_with_a_user_sends_no_secret():
    form = token_call(account()).form
    assert (form["grant_type"], set(form)) == (JWT_BEARER, {"grant_type", "assertion"})


@pytest.mark.parametrize("secret", ["", "no key", PEM[:200]])
def test_token_call_with_a_secret_that_is_no_key_is_refused_without_showing_it(secret):
    with pytest.raises(RefusedError) as refused:
        token_call(account(secret))
    assert str(refused.value) == "Salesforce: the secret is no RSA private key in PEM."


@responses.activate
@pytest.mark.parametrize(
    ("usage", "blocked"),
    [
        ("api-usage=95000/100000", []),
        ("api-usage=95001/100000", [900.0]),
        ("api-usage=14950/15000; per-app-api-usage=1/2(appName=x)", [900.0]),
        ("nonsense", []),
        ("", []),
    ],
)
def test_day_nearly_spent_leaves_the_rest_to_others(usage, blocked):
    token = {"access_token": "t", "instance_url": BASE}
    responses.post(f"{BASE}/services/oauth2/token", json=token)
    headers = {"Sforce-Limit-Info": usage} if usage else {}
    page = {"done": True, "records": []}
    responses.get(f"{BASE}/services/data/v62.0/query", json=page, headers=headers)
    pace = CountingLimiter()
    assert list(Org(account(), pace).rows("SELECT Id FROM Contact")) == []
    assert pace.blocked == blocked


@responses.activate
def test_soap_call_carries_the_token_in_its_envelope():
    token = {"access_token": "00D!a&b", "instance_url": BASE}
    responses.post(f"{BASE}/services/oauth2/token", json=token)
    responses.post(f"{BASE}/services/Soap/u/62.0", body="<ok/>")
    Org(account(), CountingLimiter()).soap("<emptyRecycleBin/>")
    sent: PreparedRequest = responses.calls[-1].request
    assert b"<sessionId>00D!a&amp;b</sessionId>" in sent.body
    assert b"<soapenv:Body><emptyRecycleBin/></soapenv:Body>" in sent.body
    assert (sent.headers["SOAPAction"], sent.headers["Content-Type"][:8]) == ('""', "text/xml")


# Escaping

MARKS = st.text(alphabet="'\\%_^\n\"{}[]()?&|!~*:+- aé", max_size=300)
LONG = ["'\\%_^\n" * 1_667, "^" * 10_000, "\\" * 10_000, "a'" * 5_000]


def phrase(text):
    """What the vendor would search for: the phrase with its escapes taken away."""
    inner = find(text)[2:-2]
    assert re.fullmatch(r"(?s)(?:[^?&|!{}\[\]()^~*:\\\"'+\-]|\\.)*", inner)
    return re.sub(r"(?s)\\(.)", r"\1", inner)


def contained(condition):
    """The letters a LIKE asks for; every wildcard left in it would be ours."""
    inner = re.fullmatch(r"(?s)Field LIKE '%(.*)%'", condition)[1]
    assert re.fullmatch(r"(?s)(?:[^'\\%_\n\r]|\\[\\'\"nrtbf%_])*", inner)
    named = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return re.sub(r"(?s)\\(.)", lambda m: named.get(m[1], m[1]), inner)


@given(MARKS)
def test_find_of_any_text_searches_for_that_text(text):
    assert phrase(text) == " ".join(text.split())


@given(MARKS)
def test_like_of_any_text_has_no_wildcard_of_its_own(text):
    assert contained(like("Field", text)) == text


@pytest.mark.parametrize("text", LONG)
def test_ten_thousand_characters_stay_inside_their_phrase(text):
    assert phrase(text) == " ".join(text.split())
    assert contained(like("Field", text)) == text
    assert quote(text)[-1] == "'"


@given(st.text(max_size=50))
def test_like_of_digits_holds_digits_and_wildcards_only(text):
    inner = like_digits("Phone", text).removeprefix("Phone LIKE '").removesuffix("'")
    assert set(inner) <= set("0123456789%")
