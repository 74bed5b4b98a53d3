"""The hand-over from the company's own portal: what counts, and what is refused."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ValidationError

from erasure import clock
from erasure.cases import refusals
from erasure.errors import InputError
from erasure.intake.portal import EXPIRED, NOTHING, UNREADABLE, USED, audience, request_by_portal
from erasure.ledger.append import private_half
from erasure.models import Actor, ErasureCase, PortalKey, StatusCode
from erasure.values import CaseState, Role, Step
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ISSUER = "https://my.example.com"
KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "RS256": rsa.generate_private_key(65537, 2048),
}
SMALL = rsa.generate_private_key(65537, 1024)  # noqa: S505


def pem(key):
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def portal():
    return make_portal()


def make_portal(algorithm="ES256", **given):
    standard = {
        "name": "My account", "issuer": ISSUER, "key_id": f"my-{algorithm}",
        "algorithm": algorithm, "public_key": pem(KEYS[algorithm]),
    }  # fmt: skip
    return PortalKey.objects.create(**{**standard, **given})


def claims(**changed):
    now = int(clock.now().timestamp())
    standard = {
        "iss": ISSUER, "aud": audience(), "iat": now, "exp": now + 300, "jti": "j-0123456789",
        "sub": "C-4711", "name": "Ada Beispiel", "email": ["Ada@Example.org"],
        "phone_number": "030 23125 999", "locale": "de-AT",
    }  # fmt: skip
    told = {**standard, **changed}
    return {name: value for name, value in told.items() if value is not None}


def token(algorithm="ES256", key=None, headers=None, **changed):
    head = {"kid": f"my-{algorithm}", **(headers or {})}
    return jwt.encode(claims(**changed), key or KEYS[algorithm], algorithm, headers=head)


def refused(sent):
    with pytest.raises(InputError) as why:
        request_by_portal(sent, "en")
    assert ErasureCase.objects.count() == 0
    return str(why.value)


# -- what counts -----------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", KEYS)
def test_hand_over_opens_a_case_that_is_verified_with_its_evidence(algorithm):
    make_portal(algorithm)
    case, code = request_by_portal(token(algorithm), "en")
    assert (case.state, case.channel, case.language) == (CaseState.VALIDATING, "portal", "de")
    assert [(row.kind, row.value) for row in case.identifiers.all()] == [
        ("email", "ada@example.org"), ("phone", "+493023125999"), ("customer", "C-4711"),
        ("name", "Ada Beispiel"),
    ]  # fmt: skip
    proof = case.verifications.get()
    said = f"Signed in at My account, by its key my-{algorithm}."
    assert (proof.state, proof.method, proof.decided_by) == ("CONFIRMED", "PORTAL", None)
    assert proof.matched == ["name", "email", "phone", "customer_number"]
    assert proof.reason == said
    entry = case.log.get(type="identity")
    assert private_half(entry) == {"method": "PORTAL", "actor": "person", "reason": said}
    assert StatusCode.opens(case.reference, code) == case


def test_hand_over_still_needs_an_officer_and_a_ground(portal):
    case, _ = request_by_portal(token(), "en")
    clerk, officer = (Actor.of(make_user(role)) for role in (Role.CLERK, Role.OFFICER))
    assert refusals(case, Step.CONFIRM_IDENTITY, officer) == [
        "No ground of Art. 17(1) is recorded."
    ]
    assert "Your role does not allow “confirm identity”." in refusals(
        case, Step.CONFIRM_IDENTITY, clerk
    )


@pytest.mark.parametrize(
    ("locale", "language"), [("fr", "fr"), ("nl-BE", "nl"), ("tlh", "it"), (None, "it"), (7, "it")]
)
def test_hand_over_answers_in_the_language_of_the_token_or_the_page(portal, locale, language):
    assert request_by_portal(token(locale=locale), "it")[0].language == language


def test_hand_over_leaves_out_what_cannot_be_read(portal):
    changed = {"email": ["nonsense", "ada@example.org", 5], "phone_number": {}, "sub": "Ü b"}
    case, _ = request_by_portal(token(**changed), "en")
    kept = [row.value for row in case.identifiers.all()]
    assert kept == ["ada@example.org", "Ada Beispiel"]


def test_hand_over_right_at_the_edges_of_its_times_counts(portal, monkeypatch):
    now = clock.now()
    ahead = token(iat=int(now.timestamp()) + 59, exp=int(now.timestamp()) + 359)
    assert request_by_portal(ahead, "en")
    old = token(jti="another-id")
    monkeypatch.setattr(time, "time", lambda: (now + timedelta(seconds=298)).timestamp())
    assert request_by_portal(old, "en")


# -- what is refused -------------------------------------------------------------------------


def test_hand_over_used_twice_opens_one_case(portal):
    sent = token()
    request_by_portal(sent, "en")
    with pytest.raises(InputError) as why:
        request_by_portal(sent, "en")
    assert (str(why.value), ErasureCase.objects.count()) == (USED, 1)


def test_hand_over_with_the_same_id_from_another_portal_is_another(portal):
    make_portal("EdDSA", issuer="https://other.example.com")
    request_by_portal(token(), "en")
    request_by_portal(token("EdDSA", iss="https://other.example.com"), "en")
    assert ErasureCase.objects.count() == 2


def test_hand_over_after_its_five_minutes_says_so(portal):
    now = int(clock.now().timestamp())
    assert refused(token(iat=now - 301, exp=now - 1)) == EXPIRED


@pytest.mark.parametrize(
    "changed",
    [{"aud": "https://elsewhere.example.org/portal/"}, {"aud": None}, {"iss": "https://evil.example"},
     {"iss": None}, {"jti": None}, {"jti": "short"}, {"jti": "x" * 129}, {"jti": 12345678},
     {"sub": None}, {"name": None}, {"name": 5}, {"exp": None}, {"iat": None}, {"exp": 10**20},
     {"iat": True}],
)  # fmt: skip
def test_hand_over_with_a_wrong_claim_is_refused(portal, changed):
    sent = jwt.api_jws.encode(
        json.dumps(claims(**changed)).encode(), KEYS["ES256"], "ES256", headers={"kid": "my-ES256"}
    )
    assert refused(sent) == UNREADABLE


@pytest.mark.parametrize(
    ("iat", "exp"),
    [(0, 301), (61, 200), (-10, -20), (0, 0)],
    ids=["long", "future", "back", "none"],
)
def test_hand_over_with_impossible_times_is_refused(portal, iat, exp):
    now = int(clock.now().timestamp())
    assert refused(token(iat=now + iat, exp=now + exp)) == UNREADABLE


def test_hand_over_with_an_audience_list_is_refused(portal):
    assert refused(token(aud=[audience(), "https://elsewhere.example.org"])) == UNREADABLE


def test_hand_over_without_an_address_to_search_for_leads_to_the_form(portal):
    assert refused(token(email=None, phone_number=None)) == NOTHING


def test_hand_over_unsigned_or_signed_with_the_public_key_as_a_secret_is_refused(portal):
    unsigned = jwt.encode(claims(), None, "none", headers={"kid": "my-ES256"})
    payload = unsigned.split(".")[1]
    assert [refused(unsigned), refused(hs256(payload))] == [UNREADABLE] * 2


def hs256(payload):
    """What a careless library takes for valid: an HMAC keyed with the public key."""
    head = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "my-ES256"}).encode())
    secret = pem(KEYS["ES256"]).encode()
    mac = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    return f"{head}.{payload}.{part(mac)}"


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_hand_over_with_another_algorithm_than_the_key_is_for_is_refused(portal):
    assert refused(token("EdDSA", headers={"kid": "my-ES256"})) == UNREADABLE


def test_hand_over_with_a_foreign_unknown_or_disabled_key_is_refused(portal):
    foreign = token(key=ec.generate_private_key(ec.SECP256R1()))
    unknown = token(headers={"kid": "nobody"})
    nameless = jwt.encode(claims(), KEYS["ES256"], "ES256")
    PortalKey.objects.create(
        name="Old", issuer=ISSUER, key_id="old", algorithm="ES256", enabled=False,
        public_key=pem(KEYS["ES256"]),
    )  # fmt: skip
    disabled = token(headers={"kid": "old"})
    sent = [foreign, unknown, nameless, disabled, "", "a.b.c", "x" * 9000, token()[:-4] + "AAAA"]
    assert [refused(one) for one in sent] == [UNREADABLE] * len(sent)


# -- keys ------------------------------------------------------------------------------------


def private(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [("ES256", pem(KEYS["RS256"])), ("RS256", pem(KEYS["EdDSA"])), ("EdDSA", pem(KEYS["ES256"])),
     ("RS256", pem(SMALL)), ("ES256", private(KEYS["ES256"])),
     ("ES256", pem(ec.generate_private_key(ec.SECP384R1()))), ("ES256", "secret")],
    ids=["rsa", "ed", "ec", "small", "private", "curve", "text"],
)  # fmt: skip
def test_portal_key_that_is_no_public_key_of_its_algorithm_is_refused(algorithm, text):
    row = PortalKey(
        name="P", issuer=ISSUER, key_id="k", algorithm=algorithm, public_key=text
    )  # fmt: skip
    with pytest.raises(ValidationError) as why:
        row.full_clean()
    assert list(why.value.message_dict) == ["public_key"]


@pytest.mark.parametrize("algorithm", KEYS)
def test_portal_key_of_its_algorithm_is_taken(algorithm):
    make_portal(algorithm).full_clean()
