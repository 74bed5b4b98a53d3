"""What comes in twice is taken in once, whoever was faster."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from erasure.models import ApiClient, Arrival, ErasureCase, blind


def once(
    door: str,
    key: str,
    open_it: Callable[[], ErasureCase],
    *,
    body: str = "",
    sender: str = "",
    client: ApiClient | None = None,
) -> tuple[ErasureCase, bool]:
    """The case of a key, and whether it is new: opened now, in one transaction with its key.

    ``body``: what the key stood for; compare it with :func:`same_body` where the sender
    chooses the key. Errors of ``open_it`` go through, and nothing is written then.
    """
    known = Arrival.known(door, key)
    if known:
        return known.case, False
    try:
        with transaction.atomic():
            case = open_it()
            Arrival.objects.create(
                case=case, door=door, key_index=Arrival.index(door, key), sender=sender,
                body_index=blind(f"arrival.{door}.body", body) if body else "", client=client,
            )  # fmt: skip
    except IntegrityError:
        known = Arrival.known(door, key)
        if known is None:
            raise
        return known.case, False
    return case, True


def same_body(door: str, key: str, body: str) -> bool:
    """Whether a key is new, or stood for this body."""
    known = Arrival.known(door, key)
    return known is None or known.body_index == blind(f"arrival.{door}.body", body)
