"""Stores by the names people know them by."""

from erasure.models import SystemConnection
from erasure.systems import stores_of


def store_titles() -> dict[str, str]:
    """``genesys-eu.recordings`` → ``Genesys Cloud EU: Voice recordings``; one query."""
    return {
        f"{connection.slug}.{store.name}": f"{connection.name}: {store.title}"
        for connection in SystemConnection.objects.all()
        for store in stores_of(connection)
    }
