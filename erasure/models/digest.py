"""The digest under which an inventory is frozen for review."""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erasure.models.cases import ErasureCase


def inventory_digest(case: "ErasureCase") -> str:
    """SHA-256 (hex) over stores, items with their decisions, and identifiers.

    Vendor ids enter as keyed indexes. What approval releases is exactly this.
    """
    stores = case.searches.order_by("connection__slug", "store").values_list(
        "connection__slug", "store", "status", "decision"
    )
    items = case.items.order_by("number").values_list(
        "number", "connection__slug", "store", "remote_index", "state", "article", "certain"
    )
    people = case.identifiers.order_by("kind", "blind_index").values_list(
        "kind", "blind_index", "state"
    )
    frozen = [[list(row) for row in rows] for rows in (stores, items, people)]
    return hashlib.sha256(json.dumps(frozen, separators=(",", ":")).encode()).hexdigest()
