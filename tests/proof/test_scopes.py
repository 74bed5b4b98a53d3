import json

import pytest

from erasure.proof.scopes import CaseKeys, case_scope, item_scope, subject_scope
from tests.proof.given import ENTRIES, SECRET, SET, VECTORS

KEYS = CaseKeys(SECRET)
OF_CASE = [one for one in ENTRIES if "scope" in one]


def test_case_keys_of_published_secret():
    assert KEYS.tag_key.hex() == VECTORS["case_secret"]["tag_key_hex"]
    assert KEYS.row_key.hex() == VECTORS["private_row"]["row_key_hex"]


@pytest.mark.parametrize("vector", OF_CASE, ids=lambda one: one["scope"])
def test_tag_salt_and_commitment_of_published_entry(vector):
    entry = json.loads(vector["entry_utf8"])
    assert KEYS.tag(vector["scope"]) == entry["tag"]
    assert KEYS.salt(vector["scope"]).hex() == vector["salt_hex"]
    assert KEYS.commitment(vector["scope"], vector["private"]) == entry["com"]


@pytest.mark.parametrize("vector", SET["subject_identifiers"], ids=lambda one: one["scope"])
def test_commitment_of_published_identifier(vector):
    assert KEYS.commitment(vector["scope"], vector["value"]) == vector["com"]


def test_scopes_are_the_texts_of_the_format():
    assert (case_scope(3), item_scope(12, 0), subject_scope(1)) == ("c/3", "i/12/0", "s/1")


def test_case_keys_repr_hides_them():
    assert repr(KEYS) == "CaseKeys()"
