import pytest

from erasure.crypto.cipher import seal, unseal
from erasure.errors import KeyMissingError

KEY = bytes(range(32))


def test_unseal_with_same_key_and_aad_gives_plain():
    assert unseal(KEY, seal(KEY, b"Ada Beispiel", b"row-1"), b"row-1") == b"Ada Beispiel"


def test_seal_twice_gives_different_bytes():
    assert seal(KEY, b"same", b"") != seal(KEY, b"same", b"")


def test_seal_length_is_nonce_and_tag_more():
    assert len(seal(KEY, b"12345", b"")) == 12 + 5 + 16


@pytest.mark.parametrize(
    ("key", "aad"), [(bytes(32), b"row-1"), (KEY, b"row-2"), (KEY[:16], b"row-1")]
)
def test_unseal_with_other_key_or_row_refuses(key, aad):
    sealed = seal(KEY, b"secret", b"row-1")
    with pytest.raises(KeyMissingError):
        unseal(key, sealed, aad)


def test_unseal_with_any_byte_flipped_refuses():
    sealed = seal(KEY, b"secret", b"row-1")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(KeyMissingError):
            unseal(KEY, bytes(altered), b"row-1")


@pytest.mark.parametrize("data", [b"", b"short", bytes(27)])
def test_unseal_of_too_few_bytes_refuses(data):
    with pytest.raises(KeyMissingError):
        unseal(KEY, data, b"")


def test_unseal_error_names_no_content():
    with pytest.raises(KeyMissingError) as missing:
        unseal(KEY, seal(KEY, b"ada@example.org", b"a"), b"b")
    assert (missing.value.__cause__, "ada" in str(missing.value)) == (None, False)
