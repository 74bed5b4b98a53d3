"""Every store says how it is searched, erased and read back, and none waits for itself."""

import pytest

from erasure.connectors.salesforce import Salesforce
from erasure.connectors.salesforce.kinds import BY_STORE
from tests.connectors.test_salesforce_whole import in_order

NAMES = [store.name for store in Salesforce.stores]


@pytest.mark.parametrize("store", Salesforce.stores, ids=lambda store: store.name)
def test_store_says_how_it_is_searched_erased_and_read_back(store):
    texts = (store.title, store.search, store.erase, store.verify)
    assert [text for text in texts if not text or len(text) > 300] == []
    assert store.manual == store.manual[:300]
    assert set(store.after) | set(store.through) <= set(NAMES) - {store.name}


def test_every_object_belongs_to_a_declared_store():
    assert set(BY_STORE) <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_no_store_waits_for_itself_and_history_is_last_of_the_records():
    order = [name for name in in_order(Salesforce.stores) if name in BY_STORE]
    assert order[-2:] == ["individuals", "history"]
    assert order.index("cases") < order.index("contacts")
    assert order.index("portal_users") < order.index("contacts")
