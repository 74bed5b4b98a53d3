"""Electronic identity: the seam to a provider, and the one that a trial plays.

An adapter is a class with the three members of ``ElectronicIdentity``, entered in
``ADAPTERS`` under a name that ERASURE_ELECTRONIC_ID chooses. Without one the way is
not offered. What comes back is compared with the request and dropped: the evidence
record keeps the provider's name and the time alone.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_noop as mark

from erasure.errors import InputError
from erasure.identity.names import Likeness, likeness
from erasure.models import ErasureCase

MINUTES = 15  # from the start at the provider to the way back
LEVELS = ("substantial", "high")  # of assurance, Regulation (EU) 910/2014 Art. 8
OTHER_NAME = mark(
    "The name of the electronic identity is not the one of the request. Use your own, or "
    "choose another way."
)
TOO_LOW = mark("This kind of electronic identity is not enough. Choose another way.")
NOTHING = mark("Nothing came back. Begin again, or choose another way.")


@dataclass(frozen=True, slots=True)
class Assured:
    """What a provider vouches for."""

    name: str = field(repr=False)
    level: str  # low, substantial or high


class ElectronicIdentity(Protocol):
    """One provider. Both calls are made with no transaction open."""

    provider: str  # as people know it; stands in the evidence record, up to 40 characters

    def begin(self, state: str, back: str) -> str:
        """The address at the provider to send the browser to.

        ``state`` comes back unchanged as a parameter of that name of ``back``.

        Raises:
            BusyError: the provider does not answer.
        """

    def finish(self, given: Mapping[str, str]) -> Assured:
        """Redeem the parameters the browser came back with, at the provider itself.

        Raises:
            BusyError: the provider does not answer.
            InputError: cancelled, expired or not signed by the provider.
        """


class PlayedIdentity:
    """A trial's provider: a page of our own on which one chooses whom it vouches for."""

    provider = "Played electronic identity"

    def begin(self, state: str, back: str) -> str:
        return f"/dev/electronic-id/?{urlencode({'state': state})}"

    def finish(self, given: Mapping[str, str]) -> Assured:
        key = f"played-eid:{given.get('code', '')}"
        told = cache.get(key)
        cache.delete(key)
        if told is None:
            raise InputError("electronic", NOTHING)
        return Assured(*told)

    @staticmethod
    def vouch(name: str, level: str) -> str:
        """The code that ``finish`` redeems once."""
        code = secrets.token_urlsafe(16)
        cache.set(f"played-eid:{code}", (name, level), MINUTES * 60)
        return code


ADAPTERS: dict[str, Callable[[], ElectronicIdentity]] = {"played": PlayedIdentity}


def electronic_identity() -> ElectronicIdentity | None:
    """The provider that is connected, if any. A played one never is in production."""
    name = settings.ELECTRONIC_ID
    if name not in ADAPTERS or (name == "played" and settings.PRODUCTION):
        return None
    return ADAPTERS[name]()


def require_same(case: ErasureCase, told: Assured) -> None:
    """
    Raises:
        InputError: the level is too low, or it is another person's name.
    """
    if told.level not in LEVELS:
        raise InputError("electronic", TOO_LOW)
    if likeness(case.known_names(), [told.name]) is not Likeness.SAME:
        raise InputError("electronic", OTHER_NAME)
