"""The one line of a store whose records, or some of them, no interface reaches."""

from erasure.cases import hand_over, keep_or_hand_over, line_of, save_line
from erasure.connectors.base import Searched
from erasure.models import ErasureCase, SystemConnection, line_index
from erasure.values import ItemState, Verdict

NO_LONGER = "The store was searched whole: nothing is left for a person to do."


def keep_line(case: ErasureCase, connection: SystemConnection, answer: Searched) -> None:
    """Take up the line of a store, or drop it when an answer leaves nothing to do by hand.

    A line that is with a person, kept or held stays so; one that was done is done again,
    for the search was.
    """
    if not answer.manual:
        _drop(case, connection, answer.store)
        return
    item = line_of(case, connection, answer.store, answer.manual[:300])
    if item.state == ItemState.PROPOSED:
        keep_or_hand_over(item)
    elif item.state == ItemState.MANUAL:
        hand_over(item)
    save_line(item)


def _drop(case: ErasureCase, connection: SystemConnection, store: str) -> None:
    """Unless it was approved: what the log speaks of must be worked off."""
    mine = case.items.filter(connection=connection, store=store, log_number__isnull=True)
    item = mine.filter(remote_index=line_index(case.pk, store)).first()
    if item is None or item.state == ItemState.EXCLUDED:
        return
    if item.state == ItemState.ERASED and item.verdict == Verdict.ATTESTED:
        item.found_again()
    elif item.state == ItemState.EXEMPT:
        item.plan()
    item.exclude(NO_LONGER)
    item.save()
