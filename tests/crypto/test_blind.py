import hashlib
import hmac

import pytest

from erasure.crypto.blind import blind_index
from erasure.errors import KeyMissingError

KEY = bytes(range(32))


def test_blind_index_is_keyed_sha256_of_kind_and_value():
    message = b"erasure-blind/v1\0email\0ada@example.org"
    expected = hmac.new(KEY, message, hashlib.sha256).hexdigest()
    assert blind_index(KEY, "email", "ada@example.org") == expected


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [(bytes(32), "phone", "4711"), (KEY, "account", "4711"), (KEY, "phone", "4712")],
)
def test_blind_index_of_other_key_kind_or_value_differs(key, kind, value):
    assert blind_index(key, kind, value) != blind_index(KEY, "phone", "4711")


@pytest.mark.parametrize("value", ["", "ü" * 500])
def test_blind_index_of_any_value_is_64_characters(value):
    assert len(blind_index(KEY, "name", value)) == 64


def test_blind_index_with_short_key_refuses():
    with pytest.raises(KeyMissingError):
        blind_index(KEY[:31], "email", "ada@example.org")


def test_blind_index_with_separator_in_kind_refuses():
    with pytest.raises(ValueError, match="kind"):
        blind_index(KEY, "em\0ail", "ada@example.org")
