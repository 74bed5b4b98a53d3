import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from erasure.proof import canonical
from tests.proof.given import ENTRIES

WITH_PRIVATE = [one for one in ENTRIES if "private" in one]


@pytest.mark.parametrize("vector", WITH_PRIVATE, ids=lambda one: one["scope"])
def test_encode_of_published_private_half_gives_its_bytes(vector):
    assert canonical.encode(vector["private"]).hex() == vector["private_jcs_hex"]


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda one: one["leaf_hash_hex"][:8])
def test_decode_of_published_entry_is_canonical(vector):
    data = vector["entry_utf8"].encode()
    assert canonical.encode(canonical.decode(data, canonical=True)) == data


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"b": 1, "a": [True, None, "ü\n"]}, '{"a":[true,null,"ü\\n"],"b":1}'),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'),
        (-(2**53 - 1), "-9007199254740991"),
        ((), "[]"),
    ],
)
def test_encode_gives_rfc_8785_bytes(value, data):
    assert canonical.encode(value) == data.encode()


TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical.MOST, canonical.MOST) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_encode_of_any_value_gives_the_bytes_of_the_reference(value):
    data = canonical.encode(value)
    assert data == rfc8785.dumps(value)
    assert canonical.decode(data, canonical=True) == value


@pytest.mark.parametrize(
    "value", [1.0, [float("nan")], {"a": 2**53}, -(2**53), {1: 2}, {"a": {1}}, "\ud800", b"x"]
)
def test_encode_of_what_has_no_exact_form_raises(value):
    with pytest.raises(ValueError, match="[a-z]"):
        canonical.encode(value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"a":1,"a":1}', "duplicate key"),
        (b'{"x":{"a":1,"a":2}}', "duplicate key"),
        (b"1.0", "no integer"),
        (b"1e2", "no integer"),
        (b"NaN", "no integer"),
        (b"[Infinity]", "no integer"),
        (b"9007199254740992", "beyond"),
        (b"\xff", "UTF-8"),
        (b"\xef\xbb\xbf{}", "is not JSON"),
        (b"{} {}", "is not JSON"),
        (b"", "is not JSON"),
        (b"[" * 100_000, "nested"),
        (b"[" * 40 + b"]" * 40, "nested"),
        (b"1" * 5000, r"^holds an integer beyond 2\^53 - 1$"),
        (b'{"a":-' + b"1" * 5000 + b"}", r"^holds an integer beyond 2\^53 - 1$"),
    ],
)
def test_decode_of_ambiguous_bytes_raises(data, why):
    with pytest.raises(ValueError, match=why):
        canonical.decode(data)


@pytest.mark.parametrize(
    "data", [b'{"a": 1}', b'{"b":1,"a":1}', b'"\\u0061"', b"{}\n", b"-0", b'"\\ud800"']
)
def test_decode_of_other_form_raises_when_canonical_is_asked(data):
    with pytest.raises(ValueError, match="canonical form"):
        canonical.decode(data, canonical=True)


def test_decode_of_other_form_reads_when_it_is_not_asked():
    assert canonical.decode(b'{"b": 1, "a": [2]}\n') == {"b": 1, "a": [2]}
