"""Enough of an identifier to recognise it, not enough to use it."""

import phonenumbers

from erasure.values import Identifier, IdentifierKind

DOTS = "•••"


def mask(identifier: Identifier) -> str:
    """``m•••@example.org``, ``+49 ••• ••12``, ``A. B.``, ``•••3f2a``."""
    if identifier.kind is IdentifierKind.EMAIL:
        return mask_email(identifier.value)
    if identifier.kind is IdentifierKind.PHONE:
        return mask_phone(identifier.value)
    if identifier.kind is IdentifierKind.NAME:
        return mask_name(identifier.value)
    return mask_opaque(identifier.value)


def mask_email(value: str) -> str:
    local, _, domain = value.rpartition("@")
    first = local[:1] if len(local) > 1 else ""
    return f"{first}{DOTS}@{domain}"


def mask_phone(value: str) -> str:
    try:
        country = f"+{phonenumbers.parse(value, None).country_code} "
    except phonenumbers.NumberParseException:
        country = ""
    return f"{country}{DOTS} ••{value[-2:]}"


def mask_name(value: str) -> str:
    return " ".join(f"{word[0]}." for word in value.split())


def mask_opaque(value: str) -> str:
    return DOTS + (value[-4:] if len(value) > 8 else "")
