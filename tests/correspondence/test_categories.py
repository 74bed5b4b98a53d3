from erasure.correspondence.categories import CATEGORIES, category
from erasure.documents.letters import Category
from erasure.systems.connect import _STORES


def test_every_declared_store_has_a_category_and_no_other_has():
    declared = {(system, store.name) for system, stores in _STORES.items() for store in stores}
    assert set(CATEGORIES) == declared


def test_store_this_version_does_not_know_holds_other_records():
    assert category("genesys", "former") == Category.OTHER
