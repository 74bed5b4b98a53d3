"""The line that stands for a whole store: no call can name it, a person works it off."""

from erasure.holds import covering, log_held
from erasure.holds.cover import COVERED, blocking
from erasure.models import (
    DataItem,
    ErasureCase,
    SystemConnection,
    line_index,
    open_task,
    renew_task,
)
from erasure.models.items import WHOLE_STORE
from erasure.systems import store_of
from erasure.values import ItemState

SPARE = "A hold keeps records in this system: leave the held conversations out."


def line_of(
    case: ErasureCase, connection: SystemConnection, store: str, instructions: str
) -> DataItem:
    """The one line of a store, taken up again or made; undecided and not saved."""
    index = line_index(case.pk, store)
    mine = case.items.filter(connection=connection, store=store)
    item = mine.filter(remote_index=index).first() or DataItem(
        case=case, connection=connection, store=store,
        number=case.items.count(), remote_index=index,
    )  # fmt: skip
    item.locator = {"remote_id": "", "label": WHOLE_STORE, "facts": {}, "manual": instructions}
    if item.state in (ItemState.ERASED, ItemState.EXCLUDED):
        item.found_again()
        renew_task(item)
    return item


def hand_over(item: DataItem) -> None:
    """Give a line that is undecided, or was, to a person, with the instructions it carries."""
    if item.state not in (ItemState.PROPOSED, ItemState.PLANNED):
        item.plan()
    item.by_hand(item.locator.get("manual", "") or "Look into the store and attach the evidence.")


def save_line(item: DataItem) -> None:
    """Save a line; one that is with a person has its task from then on."""
    item.save()
    if item.state == ItemState.MANUAL:
        open_task(item)


def keep_or_hand_over(item: DataItem) -> None:
    """What an undecided line becomes: kept where its store is by default, else by hand."""
    store = store_of(item.connection, item.store)
    if store.kept:
        item.exempt(store.kept, store.erase)
    else:
        hand_over(item)


def lines_of(case: ErasureCase) -> list[DataItem]:
    """Every line of the case."""
    stores = case.searches.values_list("store", flat=True).distinct()
    indexes = [line_index(case.pk, store) for store in stores]
    return list(case.items.filter(remote_index__in=indexes).select_related("connection"))


def settle_lines(case: ErasureCase) -> None:
    """Hold the lines a hold covers, whoever was to work them off; hand over what is undecided.

    Call under the case's lock.
    """
    undecided = (ItemState.PROPOSED, ItemState.PLANNED)
    open_ = [i for i in lines_of(case) if i.state in (*undecided, ItemState.MANUAL)]
    covered = covering(case, open_) if open_ else {}
    for item in open_:
        if item.pk in covered:
            item.hold_back(covered[item.pk], COVERED)
        elif item.state in undecided:
            keep_or_hand_over(item)
        if item.state == ItemState.MANUAL and blocking(case, item.connection_id):
            item.reason = f"{SPARE} {item.reason.removeprefix(SPARE).strip()}"[:300]
        save_line(item)
    log_held(case, [item for item in open_ if item.pk in covered])
