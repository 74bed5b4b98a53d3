"""Every wrapped secret there is, to be wrapped anew when the key-encryption key changes."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from erasure.crypto.keys import Keyring, Purpose, kek_number
from erasure.models.connections import SystemConnection
from erasure.models.imports import BulkImport
from erasure.models.retention import SharedSecret
from erasure.models.sealed import CaseSecret, keyring

Owner = Callable[[Any], UUID | None]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One column of wrapped secrets, and what they are bound to."""

    model: type[models.Model]
    column: str
    owner: Owner
    purpose: Callable[[Any], Purpose]

    def rows(self) -> Iterator[tuple[Any, bytes]]:
        """Rows that hold a secret."""
        for row in self.model._default_manager.exclude(**{self.column: b""}).iterator(500):
            yield row, bytes(getattr(row, self.column))


def _own(row: Any) -> Any:
    return row.pk


WRAPPED = (
    Wrapped(CaseSecret, "wrapped", lambda row: row.case_id, lambda row: Purpose(row.purpose)),
    Wrapped(SharedSecret, "wrapped", lambda row: None, lambda row: Purpose(row.purpose)),
    Wrapped(SystemConnection, "secret_sealed", _own, lambda row: Purpose.CONNECTION),
    Wrapped(SystemConnection, "reader_secret_sealed", _own, lambda row: Purpose.CONNECTION),
    Wrapped(BulkImport, "secret_wrapped", _own, lambda row: Purpose.FILE),
)


def wrapped_by() -> Counter[int]:
    """How many secrets each key-encryption key wraps, by its number."""
    return Counter(kek_number(wrapped) for each in WRAPPED for _, wrapped in each.rows())


def rewrap_all() -> int:
    """Wrap anew what an older key wraps. Returns how many; safe to stop and run again.

    Raises:
        KeyMissingError: a secret is wrapped by a key that is not in the ring.
    """
    ring = keyring()
    return sum(_rewrap(ring, each) for each in WRAPPED)


def _rewrap(ring: Keyring, each: Wrapped) -> int:
    done = 0
    for row, wrapped in each.rows():
        if kek_number(wrapped) == ring.current:
            continue
        fresh = ring.rewrap(wrapped, each.owner(row), each.purpose(row))
        unchanged = each.model._default_manager.filter(pk=row.pk, **{each.column: wrapped})
        done += unchanged.update(**{each.column: fresh})  # nobody changed it meanwhile
    return done
