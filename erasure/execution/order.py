"""Which system's contacts go first: one that syncs contacts would re-create them elsewhere.

Only the calls that remove a contact record wait, and only for the contacts of a
source: an enabled connection marked ``syncs_contacts``. A source waits for sources of
a lower short name alone, so that no two ever wait for each other. What the source
keeps by decision (held, exempt, excluded), what it shows as gone and what lies in its
recycle bin is waited for no longer; what failed there or is with a person is, until
somebody settles it.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from erasure.models import UNFINISHED, DataItem, ErasureCase, SystemConnection
from erasure.systems import store_of, stores_of
from erasure.values import ItemState

IN_THE_BIN = Q(state=ItemState.REQUESTED, recoverable_until__isnull=False)
STUCK = (ItemState.FAILED, ItemState.MANUAL)


def after_sources(due: "QuerySet[DataItem]", connection: SystemConnection) -> "QuerySet[DataItem]":
    """Without the planned contact records whose case still has some at a source."""
    names = contact_stores(connection)
    if not names or not (sources := sources_before(connection)):
        return due
    first = open_at(sources).filter(case=OuterRef("case"))
    return due.exclude(Q(store__in=names, state=ItemState.PLANNED) & Exists(first))


def contact_stores(connection: SystemConnection) -> list[str]:
    """The stores whose erase call removes a contact."""
    return [store.name for store in stores_of(connection) if store.contact_record]


def sources_before(connection: SystemConnection) -> list[SystemConnection]:
    """The systems whose contacts must go before those of this one."""
    sources = SystemConnection.objects.filter(enabled=True, syncs_contacts=True)
    if connection.syncs_contacts:
        sources = sources.filter(slug__lt=connection.slug)
    return list(sources.exclude(pk=connection.pk))


def open_at(sources: Iterable[SystemConnection]) -> "QuerySet[DataItem]":
    """Contacts that are still at a source; of one that marks no store, all its records."""
    there = Q(pk__in=[])
    for source in sources:
        names = contact_stores(source) or [store.name for store in stores_of(source)]
        there |= Q(connection=source, store__in=names)
    return DataItem.objects.filter(there, state__in=UNFINISHED).exclude(IN_THE_BIN)


def waits_for_source(case: ErasureCase) -> str:
    """Which contacts wait for which system, and what stops that one; "" if none does."""
    planned = case.items.filter(state=ItemState.PLANNED)
    for connection in SystemConnection.objects.filter(pk__in=planned.values("connection")):
        names = contact_stores(connection)
        item = planned.filter(connection=connection, store__in=names).first()
        if item is None or not (sources := sources_before(connection)):
            continue
        blocking = open_at(sources).filter(case=case).select_related("connection")
        if first := blocking.filter(state__in=STUCK).first() or blocking.first():
            return _sentence(connection, store_of(connection, item.store).title, first)
    return ""


def _sentence(connection: SystemConnection, title: str, first: DataItem) -> str:
    text = (
        f"{connection.name}: {title} wait for {first.connection.name}, which would create "
        "the contact again"
    )
    if not first.connection.enabled or first.state not in STUCK:
        return f"{text}."
    said = "failed there" if first.state == ItemState.FAILED else "is with a person there"
    return f"{text}; record {first.place} {said}."
