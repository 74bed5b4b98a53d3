"""Whom a verification of the log believes: keys that are not taken from its database."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from erasure.errors import KeyMissingError
from erasure.ledger.keys import signer
from erasure.proof.note import WITNESS_KEY, Vkey, parse_vkey
from erasure.proof.trust import Trust


def own_trust() -> Trust:
    """This installation's own: its log key, the witnesses and TSA roots of its settings.

    The key is read where the sequencer runs; elsewhere no log key is trusted.
    """
    try:
        logs: tuple[Vkey, ...] = (signer().vkey,)
    except KeyMissingError:
        logs = ()
    return Trust(logs=logs, witnesses=witnesses(), roots=tsa_roots())


def witnesses() -> tuple[Vkey, ...]:
    """The witnesses of ERASURE_WITNESSES."""
    try:
        keys = tuple(parse_vkey(text.strip()) for text in settings.WITNESSES)
    except ValueError as why:
        raise ImproperlyConfigured(f"ERASURE_WITNESSES cannot be read: {why}.") from None
    if any(key.kind != WITNESS_KEY for key in keys):
        raise ImproperlyConfigured("ERASURE_WITNESSES names a key that is no witness's.")
    return keys


def tsa_roots() -> tuple[str, ...]:
    return (settings.TSA_ROOT_FILE,) if settings.TSA_ROOT_FILE else ()
