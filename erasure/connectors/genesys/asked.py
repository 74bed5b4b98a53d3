"""Stores that can only be asked conversation by conversation.

A person may have ten thousand conversations, and no call tells of many at once whether
they have a transcript or a summary. Up to ``Options.asked_singly_up_to`` each is asked.
Above, none is: every conversation in which something was said becomes an item that *may*
have one. That is never too little, costs no call at discovery, and the read-back asks each
before it counts as erased. An organisation without the feature declares it in
``Options.absent_stores``; the store is then NOT_PRESENT, and the note says who declared it.
A search over many transcripts (POST /speechandtextanalytics/transcripts/search) is not used:
what it does not return is not proven to be absent.
"""

from collections.abc import Callable, Iterator, Sequence

from erasure.connectors.base import Facts, Found, Searched, Unanswered
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import searched
from erasure.connectors.genesys.reading import inner, text, unanswered
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import PERMISSIONS
from erasure.connectors.http import Answer, Json
from erasure.errors import ErasureError, RefusedError
from erasure.values import StoreStatus

MAY_HAVE: Facts = {"unasked": True}
UNASKED = "not asked one by one: each of the {} conversations may have one, and is read back"
DECLARED = "declared absent in the settings of this connection"

Ask = Callable[[str], Facts | None]
"""Facts of what a conversation has, None if it has nothing. Raises as a call does."""


def search(
    store: str, rows: Sequence[Conversation], options: Options, ask: Ask
) -> Iterator[Found | Searched | Unanswered]:
    """One item per conversation that has, or may have, what the store keeps."""
    if options.absent(store):
        yield Searched(store, StoreStatus.NOT_PRESENT, note=DECLARED)
        return
    talked = [row for row in rows if row.talked]
    if len(talked) > options.asked_singly_up_to:
        yield from (as_found(store, row, MAY_HAVE) for row in talked)
        yield searched(store, len(talked), UNASKED.format(len(talked)))
        return
    try:
        facts = {row.id: ask(row.id) for row in talked}
    except ErasureError as error:
        yield unanswered(store, error, PERMISSIONS[store])
        return
    found = [as_found(store, row, told) for row in talked if (told := facts[row.id]) is not None]
    yield from found
    yield searched(store, len(found))


def as_found(store: str, row: Conversation, facts: Facts) -> Found:
    """What the store keeps of one conversation as one item."""
    return Found(
        store,
        row.id,
        parent_id=row.id,
        division=row.division,
        occurred_at=row.started,
        facts=facts,
    )


def about(answer: Answer, conversation: str) -> Json:
    """The answer, if it is about this conversation.

    Raises:
        RefusedError: it is not, such as an error with status 200.
    """
    told = answer.json_object()
    if text(inner(told, "conversation"), "id") != conversation:
        where = f"{answer.method} {answer.template}"
        raise RefusedError(f"{where} answered about something else than the conversation")
    return told
