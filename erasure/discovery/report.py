"""The discovery report: rendered on demand, never stored. It holds personal data."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from erasure import clock
from erasure.cases import lines_of
from erasure.coverage import Covered, coverage
from erasure.documents.facts import (
    DiscoveryReport,
    HoldLine,
    IdentifierLine,
    ItemLine,
    LeadLine,
    ManualLine,
    StoreLine,
)
from erasure.documents.words import item_state
from erasure.identity import mask
from erasure.models import DataItem, ErasureCase, Hold
from erasure.systems import store_of
from erasure.values import IdentifierState, ItemState, StoreStatus


def report_of(case: ErasureCase, *, masked: bool = True) -> DiscoveryReport:
    """Everything the search of a case found, zeros and unanswered stores included."""
    lines = lines_of(case)
    return DiscoveryReport(
        reference=case.reference,
        controller=settings.CONTROLLER_NAME,
        prepared_at=timezone.localtime(clock.now()),
        subject=case.subject.initials() if masked else case.subject.name,
        identifiers=_identifiers(case, masked),
        stores=_stores(coverage(case)),
        items=_items(case, lines),
        holds=_holds(case),
        leads=_leads(case),
        by_hand=_by_hand(lines),
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
            question=row.question,
            speaks_for=tuple(row.speaks_for),
            speaks_against=tuple(row.speaks_against),
        )
        for row in case.identifiers.all()
    )


def _stores(rows: Iterable[Covered]) -> tuple[StoreLine, ...]:
    return tuple(
        StoreLine(
            connection=row.connection,
            store=row.title,
            status=StoreStatus(row.search.status or StoreStatus.UNANSWERED),
            count=row.found,
            searched_by=row.store.search,
            note=row.why_not if row.search.decision else row.search.note,
        )
        for row in rows
    )


def _by_hand(lines: list[DataItem]) -> tuple[ManualLine, ...]:
    return tuple(
        ManualLine(
            connection=line.connection.name,
            store=store_of(line.connection, line.store).title,
            instructions=line.locator.get("manual", "") or line.reason,
            state=item_state(line.state, line.article),
        )
        for line in lines
        if line.state != ItemState.EXCLUDED
    )


def _items(case: ErasureCase, lines: list[DataItem]) -> tuple[ItemLine, ...]:
    rows = case.items.exclude(state=ItemState.EXCLUDED).exclude(pk__in=[e.pk for e in lines])
    return tuple(
        ItemLine(
            number=row.place,
            store=f"{row.connection.name}: {store_of(row.connection, row.store).title}",
            label=row.locator["label"] or _kinds(row),
            when=row.occurred_at.date() if row.occurred_at else None,
            state=ItemState(row.state),
            reason="" if row.state == ItemState.PROPOSED else row.reason,
        )
        for row in rows.select_related("connection")
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
    return tuple(
        LeadLine(
            f"{row.connection.name}: {store_of(row.connection, row.store).title}",
            row.locator["label"], row.reason,
        )
        for row in rows
    )  # fmt: skip
