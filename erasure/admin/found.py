"""How a record or an identifier was found, said with the names of systems and stores."""

import re

from erasure.admin.words import KIND
from erasure.documents.words import listed
from erasure.models import SystemConnection
from erasure.systems import stores_of
from erasure.values import IdentifierKind

WHERE = re.compile(r"(Found|Seen) in (\S+?)(?: by (\w+))?")
BY = re.compile(r"Found by ([\w, ]+)\.")


def store_titles() -> dict[str, str]:
    """``genesys-eu.recordings`` → ``Genesys Cloud EU: Recordings and transcripts``; one query."""
    return {
        f"{connection.slug}.{store.name}": f"{connection.name}: {store.title}"
        for connection in SystemConnection.objects.all()
        for store in stores_of(connection)
    }


def where_found(provenance: str, titles: dict[str, str]) -> str:
    """What is kept of an identifier's origin, in words; other text stays as it is."""
    kept = WHERE.fullmatch(provenance)
    if kept is None:
        return provenance
    by = f", by {kind(kept[3])}" if kept[3] else ""
    return f"{kept[1]} in {titles.get(kept[2], kept[2])}{by}"


def by_what(reason: str) -> str:
    """What is kept of a record's origin, in words; other text stays as it is."""
    kept = BY.fullmatch(reason)
    return f"Found by {listed([kind(each) for each in kept[1].split(', ')])}." if kept else reason


def kind(name: str) -> str:
    """``crm_contact`` → ``customer id``."""
    if name not in list(IdentifierKind):
        return name
    said = KIND[IdentifierKind(name)]
    return f"{said[0].lower()}{said[1:]}"
