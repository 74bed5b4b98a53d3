import base64
import json
from pathlib import Path
from uuid import UUID

import pytest

from erasure.crypto.cipher import unseal
from erasure.crypto.keys import Keyring, Purpose, kek_number, new_secret, row_aad
from erasure.errors import KeyMissingError

VECTORS = json.loads((Path(__file__).parents[1] / "proof" / "vectors.json").read_text())
WRAPPED = VECTORS["case_secrets_wrapped"]
CASE = WRAPPED["case_id"]
ONE, TWO = bytes([1]) * 32, bytes([2]) * 32


def text(number, key):
    return f"{number}:{base64.b64encode(key).decode()}"


@pytest.mark.parametrize("vector", WRAPPED["secrets"], ids=lambda one: one["purpose"])
def test_unwrap_of_published_secret_gives_it(vector):
    ring = Keyring({1: bytes.fromhex(WRAPPED["kek_hex"])})
    stored = b"\x00\x01" + bytes.fromhex(vector["wrapped_hex"])
    secret = ring.unwrap(stored, UUID(CASE), Purpose(vector["purpose"]))
    assert secret.hex() == vector["secret_hex"]


@pytest.mark.parametrize("vector", WRAPPED["secrets"], ids=lambda one: one["purpose"])
def test_row_aad_of_published_secret_is_case_then_purpose(vector):
    assert row_aad(CASE, vector["purpose"]) == vector["aad_utf8"].encode()


def test_private_row_of_published_case_opens():
    row = VECTORS["private_row"]
    plain = unseal(
        bytes.fromhex(row["row_key_hex"]),
        bytes.fromhex(row["stored_hex"]),
        row_aad(CASE, row["scope"]),
    )
    assert plain.hex() == row["plaintext_hex"]


def test_parse_of_two_keys_wraps_with_the_higher():
    ring = Keyring.parse(f"{text(2, TWO)}, {text(1, ONE)}")
    secret = new_secret()
    wrapped = ring.wrap(secret, CASE, Purpose.LOG)
    assert (ring.current, kek_number(wrapped)) == (2, 2)
    assert ring.unwrap(wrapped, CASE, Purpose.LOG) == secret


def test_rewrap_moves_secret_to_current_key():
    secret = new_secret()
    old = Keyring({1: ONE}).wrap(secret, CASE, Purpose.FILE)
    new = Keyring({1: ONE, 2: TWO}).rewrap(old, CASE, Purpose.FILE)
    assert Keyring({2: TWO}).unwrap(new, CASE, Purpose.FILE) == secret


def test_unwrap_after_key_was_destroyed_names_its_number():
    wrapped = Keyring({1: ONE}).wrap(new_secret(), CASE, Purpose.LOG)
    with pytest.raises(KeyMissingError) as missing:
        Keyring({2: TWO}).unwrap(wrapped, CASE, Purpose.LOG)
    assert str(missing.value) == "Key-encryption key 1 is not there."


@pytest.mark.parametrize(
    ("case", "purpose"),
    [(CASE, Purpose.FILE), ("0b6f3c1e-9a57-4d0e-8f2b-6c1d2e3f4a5c", Purpose.LOG)],
)
def test_unwrap_for_other_case_or_purpose_refuses(case, purpose):
    ring = Keyring({1: ONE})
    wrapped = ring.wrap(new_secret(), CASE, Purpose.LOG)
    with pytest.raises(KeyMissingError):
        ring.unwrap(wrapped, case, purpose)


def test_register_secret_belongs_to_no_case():
    ring, secret = Keyring({1: ONE}), new_secret()
    wrapped = ring.wrap(secret, None, Purpose.REGISTER)
    assert unseal(ONE, wrapped[2:], b"register") == secret
    assert ring.unwrap(wrapped, None, Purpose.REGISTER) == secret


@pytest.mark.parametrize(
    ("case", "purpose"),
    [(CASE, Purpose.REGISTER), (CASE, Purpose.SUPPRESSION), (None, Purpose.LOG)],
)
def test_wrap_with_case_and_purpose_at_odds_raises(case, purpose):
    with pytest.raises(ValueError, match="belong to no case"):
        Keyring({1: ONE}).wrap(new_secret(), case, purpose)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "1",
        "1:",
        "1:AAAA",
        "0:" + text(1, ONE)[2:],
        "70000:" + text(1, ONE)[2:],
        text(1, ONE) + "," + text(1, TWO),
        text(1, ONE) + ",",
        text(1, ONE + b"x"),
        "1:not base64",
        text(1, ONE)[:-1],
    ],
)
def test_parse_of_malformed_keys_refuses_without_showing_them(given):
    with pytest.raises(KeyMissingError) as missing:
        Keyring.parse(given)
    assert base64.b64encode(ONE).decode()[:8] not in str(missing.value)


def test_keyring_repr_hides_keys():
    assert repr(Keyring({1: ONE})) == "Keyring()"


def test_new_secret_is_32_bytes_and_never_the_same():
    assert (len(new_secret()), new_secret() == new_secret()) == (32, False)
