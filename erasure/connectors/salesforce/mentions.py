"""Free text of other records that names the person: leads for the officer, never a proof."""

from collections.abc import Iterator, Sequence
from typing import Any

from erasure.connectors.base import Found, Searched
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.kinds import CASE, MENTIONS
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.soql import find, id18
from erasure.connectors.salesforce.tally import Tally
from erasure.connectors.salesforce.wanted import Wanted
from erasure.errors import BusyError, RefusedError
from erasure.values import StoreStatus

READ = (
    *("Account", "Campaign", "Case", "CaseComment", "Contact", "ContentVersion", "EmailMessage"),
    *("Event", "FeedComment", "FeedItem", "Lead", "LiveChatTranscript", "Note", "Opportunity"),
    "Task",
)
SHORTEST = 4  # characters of a phrase worth searching for
INDEX = "By the vendor's search index, which lags and shows at most 2000 records: no proof."
FAILED = "The search index did not answer: {}"
BY_HAND = (
    "Search the org for the person's addresses and numbers and take them out of the text of "
    "other records; attach what was done."
)


class Mentions:
    """Asks the search index of one org."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog

    def of(self, wanted: Wanted, custom: Sequence[str], tally: Tally) -> Iterator[Found]:
        """GET search, once for each identifier. What fails is left to a person and blocks nothing.

        ``custom``: further objects to search.
        """
        found: dict[str, Found] = {}
        try:
            names = self.catalog.names()
            shown = [each for each in (*READ, *custom) if each in names]
            for phrase in (*wanted.emails, *wanted.phones):
                found |= {each.remote_id: each for each in self._search(phrase, shown)}
        except (BusyError, RefusedError) as error:
            note = FAILED.format(error)
            tally.said[MENTIONS] = Searched(MENTIONS, StoreStatus.MANUAL, 0, note, BY_HAND)
            return
        others = [each for each in found.values() if each.remote_id not in tally.ids]
        status = StoreStatus.FOUND if others else StoreStatus.EMPTY
        tally.said[MENTIONS] = Searched(MENTIONS, status, len(others), INDEX)
        yield from others

    def _search(self, phrase: str, shown: Sequence[str]) -> Iterator[Found]:
        if len(phrase.strip()) < SHORTEST:
            return
        returning = ",".join(f"{name}(Id)" for name in shown)
        sosl = f"FIND {find(phrase)} IN ALL FIELDS RETURNING {returning}"
        told = self.org.send("GET", "/search", params={"q": sosl}).json_object()
        rows = told.get("searchRecords")
        if not isinstance(rows, list):
            raise RefusedError("Salesforce: a search answered what cannot be read.")
        for row in rows:
            yield _lead(row, shown)


def _lead(row: Any, shown: Sequence[str]) -> Found:
    attributes = row.get("attributes") if isinstance(row, dict) else None
    name = str(attributes.get("type")) if isinstance(attributes, dict) else ""
    if name not in shown:
        raise RefusedError("Salesforce: a search answered what cannot be read.")
    own = id18(row.get("Id"))
    return Found(
        MENTIONS,
        own,
        parent_id=own if own.startswith(CASE) else "",
        division=name,
        label=name,
        facts={"object": name},
        certain=False,
    )
