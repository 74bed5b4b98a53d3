"""Rows for tests. States are set through the database, past the doors that guard them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from erasure import clock, correspondence
from erasure.intake import open_case
from erasure.models import (
    SYSTEM,
    Actor,
    DataItem,
    ErasureCase,
    Hold,
    StoreSearch,
    SystemConnection,
    User,
    VendorProtection,
    Verification,
    blind,
)
from erasure.values import (
    CaseState,
    HoldScope,
    HoldState,
    Identifier,
    IdentifierKind,
    ItemState,
    Role,
    StoreStatus,
)

PASSWORD = "a-long-invented-phrase"
CALLED_BACK = {
    "method": "CALL_BACK",
    "matched": ["phone"],
    "reason": "Called back.",
    "doubt": "The address is new to us.",
    "source": "Genesys Cloud EU, since 2019",
}
CONFIRMED = {"method": "LINK_ON_FILE", "matched": ["email"]}
_numbers = count(1)


def make_user(*roles: Role, name: str = "") -> User:
    """A member of staff in these roles."""
    user: User = User.objects.create_user(
        name or f"staff{next(_numbers)}", password=PASSWORD, is_staff=True
    )
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def make_connection(slug: str = "", **given: Any) -> SystemConnection:
    """A connection to nowhere: example.org answers no call."""
    slug = slug or f"system{next(_numbers)}"
    standard = {
        "name": f"Genesys {slug}",
        "system": "genesys",
        "base_url": f"https://{slug}.example.org",
        "login_url": f"https://login.{slug}.example.org",
        "client_id": "client",
    }
    return SystemConnection.objects.create(slug=slug, **{**standard, **given})


def make_case(
    state: str = CaseState.RECEIVED,
    *,
    name: str = "Ada Beispiel",
    email: str = "",
    phone: str = "",
    received_at: datetime | None = None,
    prepared_by: User | None = None,
    channel: str = "letter",
    text: str = "",
    **columns: Any,
) -> ErasureCase:
    """A case in ``state``; further columns are set as given."""
    identifiers = [Identifier(IdentifierKind.EMAIL, email or f"ada{next(_numbers)}@example.org")]
    if phone:
        identifiers.append(Identifier(IdentifierKind.PHONE, phone))
    actor = Actor.of(prepared_by) if prepared_by else SYSTEM
    case = open_case(
        channel=channel,
        name=name,
        identifiers=identifiers,
        received_at=received_at or clock.now() - timedelta(days=3),
        actor=actor,
        text=text,
    )
    if state in (CaseState.EXECUTING, CaseState.AWAITING_VENDOR):
        Verification.objects.filter(case=case).update(state="CONFIRMED", **CONFIRMED)
    ErasureCase.objects.filter(pk=case.pk).update(state=state, **columns)
    return ErasureCase.objects.get(pk=case.pk)


def confirm_person(case: ErasureCase, *, grounds: tuple[str, ...] = ("17(1)(b)",)) -> None:
    """Identity and ground as a finished verification leaves them."""
    Verification.objects.filter(case=case).update(
        state="CONFIRMED", decided_at=clock.now(), **CONFIRMED
    )
    ErasureCase.objects.filter(pk=case.pk).update(grounds=list(grounds))


def post_letters(case: ErasureCase) -> None:
    """As the workers do: what the case calls for by itself is written and mailed."""
    while correspondence.write_due(case.pk):
        for letter_id in correspondence.due():
            correspondence.deliver(letter_id)


def make_search(
    case: ErasureCase,
    connection: SystemConnection,
    store: str = "external_contacts",
    status: str = StoreStatus.FOUND,
    **columns: Any,
) -> StoreSearch:
    return StoreSearch.objects.create(
        case=case, connection=connection, store=store, status=status,
        searched_at=clock.now(), **columns,
    )  # fmt: skip


def make_item(
    case: ErasureCase,
    connection: SystemConnection,
    store: str = "external_contacts",
    state: str = ItemState.PROPOSED,
    *,
    label: str = "Contact of Ada Beispiel",
    **columns: Any,
) -> DataItem:
    number = case.items.count()
    item = DataItem(
        case=case,
        connection=connection,
        store=store,
        number=number,
        remote_index=blind("remote", f"{case.pk}:{store}:{number}"),
    )
    item.locator = {"remote_id": f"r-{number}", "parent_id": "", "label": label, "facts": {}}
    item.save(force_insert=True)
    DataItem.objects.filter(pk=item.pk).update(state=state, **columns)
    return DataItem.objects.select_related("connection").get(pk=item.pk)


def protect_all(case: ErasureCase) -> None:
    """As if the vendor had shown every held conversation as protected."""
    VendorProtection.objects.filter(case=case).update(on=True, next_try=None, seen_at=clock.now())


def make_hold(placed_by: User, state: str = HoldState.ACTIVE, **given: Any) -> Hold:
    standard = {
        "reference": f"MATTER-{next(_numbers)}",
        "scope": HoldScope.SUBJECT,
        "article": "17(3)(e)",
        "reason": "A claim is pending.",
        "public_wording": "Kept for a legal claim.",
        "review_on": clock.now().date() + timedelta(days=90),
    }
    hold = Hold.objects.create(placed_by=placed_by, **{**standard, **given})
    Hold.objects.filter(pk=hold.pk).update(state=state)
    return Hold.objects.get(pk=hold.pk)
