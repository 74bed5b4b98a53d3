"""Files: the document itself if it is the person's alone, else only its link to the person."""

from collections.abc import Iterable, Iterator
from itertools import chain

from erasure.connectors.base import Found
from erasure.connectors.http import Json
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.kinds import CASE, FILES, USER
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.soql import among, id18, in_portions
from erasure.connectors.salesforce.tally import Tally
from erasure.errors import BusyError, RefusedError

STORE = "files"
DOCUMENT, LINK = (each.name for each in FILES)
SHARED = "{} also hang on other records: only the link to the person goes, the file stays."


class Files:
    """Searches what hangs on the records found."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog

    def below(self, tally: Tally) -> Iterator[Found]:
        """GET query on ContentDocumentLink (Query All Files): by record, then by document."""
        if LINK not in self.catalog.names():
            return
        tally.there.add(STORE)
        try:
            mine = self._links("LinkedEntityId", tally.ids)
            every = self._links("ContentDocumentId", {row["ContentDocumentId"] for row in mine})
        except (BusyError, RefusedError) as error:
            tally.fail(STORE, error, LINK)
            return
        foreign = {row["ContentDocumentId"] for row in every if not _is_ours(row, tally.ids)}
        firm, loose = (
            {
                row["ContentDocumentId"]
                for row in mine
                if (row["LinkedEntityId"] in tally.joint) is j
            }
            for j in (False, True)
        )
        foreign |= firm & loose
        if foreign:
            tally.notes[STORE] = SHARED.format(len(foreign))
        found = {each.remote_id: each for each in _found(mine, foreign, tally.joint)}
        for each in found.values():
            tally.count(STORE)
            yield each

    def _links(self, field: str, ids: Iterable[str]) -> list[Json]:
        wheres = (among(field, some) for some in in_portions(sorted(ids)))
        fields = "Id,ContentDocumentId,LinkedEntityId"
        rows = chain.from_iterable(
            self.org.rows(f"SELECT {fields} FROM {LINK} WHERE {where}")  # noqa: S608
            for where in wheres
        )
        named = fields.split(",")
        return [{name: id18(row.get(name)) for name in named} for row in rows]


def _is_ours(link: Json, ids: set[str]) -> bool:
    """A record of the person, or the colleague who put the file there: every file has one."""
    return link["LinkedEntityId"] in ids or link["LinkedEntityId"].startswith(USER)


def _found(links: Iterable[Json], foreign: set[str], joint: set[str]) -> Iterator[Found]:
    """A link comes later than a document of the same case would: the case is told of both."""
    for link in links:
        shared = link["ContentDocumentId"] in foreign
        name = LINK if shared else DOCUMENT
        parent = link["LinkedEntityId"]
        yield Found(
            STORE,
            link["Id"] if shared else link["ContentDocumentId"],
            parent_id=parent if parent.startswith(CASE) else "",
            division=name,
            label=name,
            facts={"object": name},
            joint=parent in joint,
        )
