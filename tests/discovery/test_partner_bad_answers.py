"""Salesforce and ServiceNow with the answers of one endpoint mangled: silent, never empty.

All pairs of endpoint and kind were tried once; these are one of each way to read an answer.
"""

import pytest

from erasure import clock
from erasure.connectors.base import Account, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.connectors.servicenow import ServiceNow
from erasure.discovery.search import collect, walk_identifiers
from erasure.sandbox import salesforce, servicenow
from erasure.sandbox.people import find, populate
from erasure.sandbox.vendor import Wire
from erasure.values import Identifier, IdentifierKind, IdentifierState
from tests.connectors.given import CountingLimiter
from tests.connectors.wsgi import WsgiAdapter
from tests.mangling import Mangler

PEOPLE = populate("demo")
MARIA = find(PEOPLE, "maria")
DATA = "GET /services/data/v62.0"
TABLE = "GET /api/now/v2/table"
OF_SALESFORCE = [
    ("POST /services/oauth2/token", "list for object"),
    (f"{DATA}/sobjects", "huge numbers"),
    (f"{DATA}/sobjects/Contact/describe", "text for a list"),
    (f"{DATA}/query", "html"),
    (f"{DATA}/query", "fields missing"),
    (f"{DATA}/query", "huge numbers"),
    (f"{DATA}/queryAll", "truncated"),
    (f"{DATA}/queryAll", "error told as success"),
]
OF_SERVICENOW = [
    ("POST /oauth_token.do", "nothing"),
    (f"{TABLE}/sys_dictionary", "null for a list"),
    (f"{TABLE}/csm_consumer", "numbers in a list"),
    (f"{TABLE}/incident", "html"),
    (f"{TABLE}/sys_email", "deep nesting"),
    (f"{TABLE}/sys_journal_field", "object for list"),
]
TABLES = [(salesforce, *pair) for pair in OF_SALESFORCE]
TABLES += [(servicenow, *pair) for pair in OF_SERVICENOW]


def connected(module):
    """A connector, and the mangler before its vendor."""
    kind = "Salesforce" if module is salesforce else "ServiceNow"
    vendor = getattr(module, kind)()
    name = kind.lower()
    vendor.reset(PEOPLE, {name: {"objects": True, "holds": True}}, clock.now())
    secrets, mangler = vendor.credentials(), Mangler(Wire(vendor))
    url = f"http://127.0.0.1:9/{name}"
    account = Account(name, url, url, secrets["client_id"], secrets["client_secret"], region="GB")
    made = Salesforce if module is salesforce else ServiceNow
    return made(account, CountingLimiter(), adapter=WsgiAdapter(mangler, f"/{name}")), mangler


def searched(connector):
    """The certain records by store, and the stores that did not answer."""
    start = [Identifier(IdentifierKind.EMAIL, MARIA.email)]
    names = [MARIA.name, *MARIA.other_names]
    found, answers = walk_identifiers({"it": connector}, start, names, [], [])
    part = collect("it", connector, found)
    sure = [e.record.found for e in found.sightings if e.state is IdentifierState.CONFIRMED]
    records = {}
    for each in (*sure, *part.found):
        if each.certain and not each.joint:
            records.setdefault(each.store, set()).add(each.remote_id)
    silent = {each.store for each in part.stores if isinstance(each, Unanswered)}
    silent |= answers.unanswered.get("it", {}).keys()
    silent |= {s.name for s in connector.stores if not silent.isdisjoint(s.through)}
    return records, silent


@pytest.fixture(scope="module")
def undisturbed():
    return {}


@pytest.mark.parametrize(("module", "endpoint", "kind"), TABLES)
def test_store_whose_answer_is_none_is_silent_never_short(undisturbed, module, endpoint, kind):
    if module not in undisturbed:
        undisturbed[module], silent = searched(connected(module)[0])
        assert silent == set()
    connector, mangler = connected(module)
    mangler.set(endpoint, kind)
    records, silent = searched(connector)
    assert mangler.seen[endpoint]
    whole = undisturbed[module]
    short = {name for name in whole if not whole[name] <= records.get(name, set())}
    assert short <= silent
    assert {name for name in records if records[name] - whole.get(name, set())} == set()
    assert silent
