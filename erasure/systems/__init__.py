"""From a connection's row to a connector that speaks to the system (rank 4)."""

from erasure.systems.connect import all_stores, checked, connector_for, store_of, stores_of

__all__ = ["all_stores", "checked", "connector_for", "store_of", "stores_of"]
