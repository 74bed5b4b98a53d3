"""Values that try to break out of their literal: they reach no statement and nobody else."""

import copy
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erasure.connectors.base import Found, ItemRef, NotErased
from erasure.connectors.salesforce import Salesforce
from erasure.connectors.salesforce.kinds import FILES, INDIVIDUALS, KINDS, PEOPLE
from erasure.values import Identifier
from tests.connectors.salesforce_rig import COMPLETE, CRM, EMAIL, NAME, PHONE, Rig, go

HOSTILE = [
    "' OR Email != '",
    "' OR Name != '",
    "\\' OR Name != '",
    "\\",
    "'",
    '"',
    "') OR (Name != '",
    "x' LIMIT 2000",
    "%",
    "_____________________",
    "%@%",
    "_@example.org",
    "\n' OR Id != null",
    "\\u0027 OR Name != \\u0027",
    "null",
    "\x00' OR Name != '",
    "javascript:alert(1)",
    "{} IN ALL FIELDS RETURNING Contact(Id)",
    '"} IN ALL FIELDS RETURNING User(Id) {"',
    "*",
    "' OR Name != '" * 1_000,
    "'\\%_^\n\"{}" * 1_250,
]
LETTERS = "'\\\n\"()=,%_*?{}[] aORLIMITNULLnull@.+-0163"
KEYWORDS = {
    *("SELECT", "FROM", "WHERE", "IN", "OR", "AND", "LIKE", "LIMIT", "true", "CreatedDate"),
    *("FIND", "ALL", "FIELDS", "RETURNING", "Id", "IsDeleted", "SystemModstamp"),
    *("PermissionsViewAllData", "UserPermissionAccess", "ContentDocumentId", "LinkedEntityId"),
    *("CaseComment", "Campaign", "ContentVersion", "Opportunity", "Note", "IsPersonAccount"),
}
NAMES = {
    word
    for kind in (*PEOPLE, INDIVIDUALS, *KINDS, *FILES)
    for word in (
        *(kind.name, kind.conversation, kind.feature, *kind.emails, *kind.phones, *kind.names),
        *(*kind.lists, *kind.also, *(field for field, _ in kind.links)),
    )
}
KINDS_OF_VALUE = st.sampled_from([EMAIL, PHONE, NAME, CRM])


@pytest.fixture(params=[{}, COMPLETE], ids=["plain", "whole"], scope="module")
def org(request):
    return Rig(request.param)


def outside(statement):
    """What stands outside the literals, read letter by letter."""
    inside = escaped = False
    for letter in statement:
        if not inside:
            inside = letter in "'\""
            yield letter
        elif escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter in "'\"":
            inside = False
            yield letter


def asked_only_by_our_words(rig):
    """No word of a value stands outside a literal, in any statement the vendor received."""
    for each in rig.vendor.requests:
        for statement in parse_qs(urlsplit(each["url"]).query).get("q", []):
            words = set(re.findall(r"\w+", "".join(outside(statement))))
            if not words <= KEYWORDS | NAMES | set(map(str, range(3000))):
                return False
    return True


def everything(rig):
    """Every row of the org, whoever's it is."""
    return {key: copy.deepcopy(each.values) for key, each in rig.vendor.org.records.items()}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("kind", [EMAIL, PHONE, NAME, CRM])
def test_lookup_with_hostile_value_finds_nobody(org, kind, value):
    org.vendor.requests.clear()
    before = everything(org)
    assert [each for each in org.lookup(kind, value) if isinstance(each, Found)] == []
    assert asked_only_by_our_words(org)
    assert everything(org) == before


@pytest.mark.parametrize("kind", [EMAIL, PHONE, CRM])
def test_collect_with_hostile_values_finds_nothing(org, kind):
    org.vendor.requests.clear()
    before = everything(org)
    answers = list(org.connector.collect([Identifier(kind, value) for value in HOSTILE], []))
    assert [each for each in answers if isinstance(each, Found)] == []
    assert {each.store for each in answers} == {store.name for store in Salesforce.stores}
    assert asked_only_by_our_words(org)
    assert everything(org) == before


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=st.text(alphabet=LETTERS, max_size=60), kind=KINDS_OF_VALUE)
def test_lookup_with_any_value_never_finds_a_stranger(org, value, kind):
    org.vendor.requests.clear()
    assert [each for each in org.lookup(kind, value) if isinstance(each, Found)] == []
    assert asked_only_by_our_words(org)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=st.text(alphabet=LETTERS, max_size=60), kind=KINDS_OF_VALUE)
def test_collect_with_any_value_finds_nothing_certain(org, value, kind):
    org.vendor.requests.clear()
    answers = org.connector.collect([Identifier(kind, value)], [])
    assert [each for each in answers if isinstance(each, Found) and each.certain] == []
    assert asked_only_by_our_words(org)


@pytest.mark.parametrize("value", HOSTILE)
def test_erase_of_a_hostile_id_deletes_nothing(org, value):
    before = everything(org)
    stores = ("contacts", "cases", "leads", "portal_users", "individuals")
    refs = [ItemRef(store, value) for store in stores]
    refs.append(ItemRef("custom", value, facts={"object": value}))
    refs.append(ItemRef("files", value, facts={"object": "ContentDocument"}))
    answers = [each for ref in refs for each in org.connector.erase([ref], go)]
    assert {type(each) for each in answers} == {NotErased}
    assert everything(org) == before
