"""The discovery report: rendered on demand, never stored. It holds personal data."""

from django.conf import settings
from django.utils import timezone

from erasure import clock
from erasure.documents.facts import (
    DiscoveryReport,
    HoldLine,
    IdentifierLine,
    ItemLine,
    LeadLine,
    StoreLine,
)
from erasure.identity import mask
from erasure.models import DataItem, ErasureCase, Hold
from erasure.systems import store_of
from erasure.values import IdentifierState, ItemState, StoreStatus


def report_of(case: ErasureCase, *, masked: bool = True) -> DiscoveryReport:
    """Everything the search of a case found, zeros and unanswered stores included."""
    return DiscoveryReport(
        reference=case.reference,
        controller=settings.CONTROLLER_NAME,
        prepared_at=timezone.localtime(clock.now()),
        subject=case.subject.initials() if masked else case.subject.name,
        identifiers=_identifiers(case, masked),
        stores=_stores(case),
        items=_items(case),
        holds=_holds(case),
        leads=_leads(case),
        digest=case.inventory_digest,
        masked=masked,
    )


def _identifiers(case: ErasureCase, masked: bool) -> tuple[IdentifierLine, ...]:
    return tuple(
        IdentifierLine(
            kind=row.kind,
            value=mask(row.as_value()) if masked else row.value,
            found_by=row.provenance,
            state=IdentifierState(row.state),
        )
        for row in case.identifiers.all()
    )


def _stores(case: ErasureCase) -> tuple[StoreLine, ...]:
    lines = []
    for search in case.searches.select_related("connection"):
        store = store_of(search.connection, search.store)
        note = f"{search.decision}: {search.decision_reason}" if search.decision else search.note
        lines.append(
            StoreLine(
                connection=search.connection.name,
                store=store.title,
                status=StoreStatus(search.status or StoreStatus.UNANSWERED),
                count=search.total,
                searched_by=store.search,
                note=note,
            )
        )
    return tuple(lines)


def _items(case: ErasureCase) -> tuple[ItemLine, ...]:
    rows = case.items.exclude(state=ItemState.EXCLUDED).select_related("connection")
    return tuple(
        ItemLine(
            number=row.number,
            store=row.line,
            label=row.locator["label"] or _kinds(row),
            when=row.occurred_at.date() if row.occurred_at else None,
            state=ItemState(row.state),
            reason="" if row.state == ItemState.PROPOSED else row.reason,
        )
        for row in rows
    )


def _kinds(item: DataItem) -> str:
    """What a record without a label of its own is: the kinds of media in it."""
    return str(item.locator["facts"].get("media", ""))


def _holds(case: ErasureCase) -> tuple[HoldLine, ...]:
    lines = []
    for hold in Hold.objects.filter(items__case=case).distinct():
        lines.append(
            HoldLine(
                reference=hold.reference,
                scope=hold.scope,
                article=hold.article,
                items=hold.items.filter(case=case).count(),
                until=hold.expires_on,
                review_by=None if hold.expires_on else hold.review_on,
                wording=hold.public_wording,
            )
        )
    return tuple(lines)


def _leads(case: ErasureCase) -> tuple[LeadLine, ...]:
    rows = case.items.filter(certain=False, state=ItemState.PROPOSED).select_related("connection")
    return tuple(LeadLine(row.line, row.locator["label"], row.reason) for row in rows)
