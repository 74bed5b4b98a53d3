"""Whole lists of the vendor's, page by page: one that may be cut off is no answer."""

from collections.abc import Mapping
from typing import Any

from erasure.connectors.genesys.reading import number, objects, required, text
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError

PAGE = 100
MOST_PAGES = 200


def whole(
    reading: Http, template: str, params: Mapping[str, Any] | None = None, *, queue: str = ""
) -> list[Json]:
    """Every entry of a list with numbered pages, each once; ``queue`` if its path names one.

    Raises:
        BusyError: no answer now.
        RefusedError: entries without an id, fewer than announced, or no end.
    """
    found: dict[str, Json] = {}
    for page in range(1, MOST_PAGES + 1):
        given = {**(params or {}), "pageSize": PAGE, "pageNumber": page}
        listing = reading.send("GET", template, params=given, queueId=queue).json_object()
        if "entities" not in listing and number(listing, "total") != 0:
            raise RefusedError(f"GET {template} answered without a list")
        entries = objects(listing, "entities")
        found.update((required(one, "id"), one) for one in entries)
        if len(entries) < PAGE and not text(listing, "nextUri"):
            if len(found) < (number(listing, "total") or 0):
                raise RefusedError(f"GET {template} announces more than it shows")
            return list(found.values())
    raise RefusedError(f"GET {template} has more than {MOST_PAGES} pages")
