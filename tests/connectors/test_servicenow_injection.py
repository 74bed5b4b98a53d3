"""Values that try to become part of a query: they find, change and evaluate nothing.

The instance of the sandbox takes encoded queries as the vendor does: nothing can be
escaped, a condition on a column that is not there is left out, scripts are evaluated.
"""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from erasure.connectors.base import Erased, Found, ItemRef, NotErased, Searched, Unanswered
from erasure.connectors.servicenow import ServiceNow
from erasure.connectors.servicenow.stores import BY_NAME, STORES
from erasure.errors import RefusedError
from erasure.sandbox.servicenow.schema import TABLES
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import CountingLimiter, account, allow
from tests.world import served

__all__ = ["served"]
EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
MARIA = "maria.beispiel@example.org"
HOSTILE = [
    "",
    " ",
    "\n",
    "%",
    "^",
    "^NQ",
    "=",
    "javascript:gs.getUserID()",
    "JavaScript:gs.getUserID()",
    "x@example.orgjavascript:gs.getUserID()",
    "^NQsys_idISNOTEMPTY",
    "^ORsys_idISNOTEMPTY",
    "nobody@example.org^ORemailISNOTEMPTY",
    "nobody@example.org^NQu_emial=nobody@example.org",
    "nobody@example.org^EQ",
    "nobody@example.org^ORDERBYDESCsys_created_on",
    "nobody@example.org^RLQUERYsn_customerservice_case.contact,>=1^ENDRLQUERY",
    "nobody@example.org,maria.beispiel@example.org",
    f"{MARIA}^ORemailISNOTEMPTY",
    f"{MARIA}^NQemailISNOTEMPTY",
    f"{MARIA}\n^NQemailISNOTEMPTY",
    "123TEXTQUERY321=example",
    "ISNOTEMPTY",
    "emailISNOTEMPTY^u_emial=x",
    "\x00^NQsys_idISNOTEMPTY",
    "\u2028^NQ",
    "a" * 10_000,
    "^NQsys_idISNOTEMPTY" * 600,
]
FRAGMENTS = ["^", "^OR", "^NQ", "^EQ", "=", "!=", "IN", "LIKE", "%", "@", ",", "\n", "email",
             "sys_id", "ISNOTEMPTY", "javascript:", "gs.getUserID()", "ORDERBY", "a", "0163",
             "@example.org", "+44", " "]  # fmt: skip
VALUES = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.text(max_size=40)
KINDS = st.sampled_from([EMAIL, PHONE, NAME])
CONDITION = re.compile(
    r"(?:OR(?!DERBY))?[a-z][a-z0-9_]*(?:ISNOTEMPTY\Z|(?:STARTSWITH|ENDSWITH|LIKE|IN|=|>)[^^]+\Z)",
    re.DOTALL,
)
over_one_instance = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Rig:
    def __init__(self, served):
        self.app = served.app
        self.vendor = self.app.wires["servicenow"].vendor
        known, url = self.vendor.credentials(), f"{served.url}/servicenow"
        made = account(
            base_url=url, login_url=url, region="GB", client_id=known["client_id"],
            client_secret=known["client_secret"],
        )  # fmt: skip
        self.connector = ServiceNow(made, CountingLimiter())
        self.clean()

    def clean(self):
        self.app.reset("demo", {"servicenow": {"holds": True, "audit_open": True}})
        self.before = self.rows()

    def rows(self):
        return sorted(repr(each) for each in self.vendor.instance.records.values())

    def asked(self):
        """Table and query of every list the instance was asked for."""
        for each in self.vendor.requests:
            told = parse_qs(urlsplit(each["url"]).query, keep_blank_values=True)
            if "sysparm_query" in told:
                yield each["path"].rpartition("/")[2], told["sysparm_query"][0]

    def search(self, kind, value):
        self.vendor.requests.clear()
        who = Identifier(kind, value)
        people = [each for each in self.connector.lookup(who) if isinstance(each, Found)]
        sure = [each for each in people if each.certain]
        return [*people, *self.connector.collect([who], sure)]

    def unharmed(self):
        """Nothing was changed or evaluated; each query is ours, on columns there are."""
        instance = self.vendor.instance
        assert self.rows() == self.before
        assert instance.evaluated == []
        for table, query in self.asked():
            assert table not in TABLES or instance.parsed(table, query).ignored == []
            conditions = [one for one in query.split("^") if one != "ORDERBYsys_id"]
            assert [one for one in conditions if not CONDITION.match(one)] == []


@pytest.fixture(scope="module")
def rig(served):
    return Rig(served)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("kind", [EMAIL, PHONE, NAME])
def test_hostile_value_finds_nobody(rig, kind, value):
    answers = rig.search(kind, value)
    assert [each for each in answers if isinstance(each, Found)] == []
    ends = [each.store for each in answers if isinstance(each, Searched | Unanswered)]
    assert sorted(ends) == sorted(store.name for store in STORES)
    rig.unharmed()


@over_one_instance
@example(value=f"{MARIA}^", kind=EMAIL)
@given(value=VALUES, kind=KINDS)
def test_any_value_finds_only_who_carries_it(rig, value, kind):
    for each in rig.search(kind, value):
        if isinstance(each, Found) and each.store in ("users", "consumers"):
            carried = {one.value for one in each.identifiers} | {n.casefold() for n in each.names}
            assert value.strip().casefold() in carried
    rig.unharmed()


@over_one_instance
@given(value=VALUES)
def test_value_beside_the_persons_own_finds_no_more_than_that(rig, value):
    rig.vendor.requests.clear()
    who = [Identifier(EMAIL, MARIA), Identifier(EMAIL, value)]
    people = [each for each in rig.connector.lookup(who[0]) if isinstance(each, Found)]
    records = rig.vendor.instance.records
    found = [each for each in rig.connector.collect(who, people) if isinstance(each, Found)]
    assert {records[each.remote_id].owner for each in found} <= {"maria"}
    rig.unharmed()


@over_one_instance
@given(value=VALUES, store=st.sampled_from(sorted(BY_NAME)))
@example(value="sys_id=1^NQsys_idISNOTEMPTY", store="cases")
@example(value="../sys_user", store="cases")
def test_hostile_record_id_erases_nothing(rig, value, store):
    rig.vendor.requests.clear()
    ref = ItemRef(store, value, facts={"of": value, "table": value})
    assert {type(each) for each in rig.connector.erase([ref], allow)} == {NotErased}
    with pytest.raises(RefusedError):
        list(rig.connector.verify([ref], (), ()))
    assert rig.vendor.requests == []
    assert rig.rows() == rig.before


@pytest.mark.parametrize("local", ["x^y", "x^NQsys_idISNOTEMPTY", "xyz^ORx"])
def test_address_with_a_caret_is_found_and_erased_alone(served, local):
    """``^`` is legal in an address: the part before it is asked for, the rest compared here."""
    rig = Rig(served)
    instance = rig.vendor.instance
    address, near = f"long.{local}@example.org", f"long.{local}z@example.org"
    own, other = (
        instance.create("csm_consumer_user", {"email": one, "first_name": "A", "last_name": "B"})
        for one in (address, near)
    )
    found = [each for each in rig.search(EMAIL, address) if isinstance(each, Found)]
    users = {each.remote_id for each in found if each.store == "users"}
    assert users == {own.id}
    assert [type(e) for e in rig.connector.erase([ItemRef("users", own.id)], allow)] == [Erased]
    assert (own.id in instance.records, other.id in instance.records) == (False, True)
    assert instance.evaluated == []
    rig.clean()
