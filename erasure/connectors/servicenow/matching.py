"""Comparing on our side what the vendor's query let through."""

import re
from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumberFormat

from erasure.connectors.base import Facts
from erasure.connectors.http import Json
from erasure.errors import RefusedError

_ADDRESS = re.compile(r"[^\s,;<>\"]+@[^\s,;<>\"]+")
_SPLIT = re.compile(r"[,;\s]+")


def text(row: Json, name: str) -> str:
    """A column's value; a reference's id; "" if the row has none."""
    value = row.get(name)
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, str) else ""


def fold(value: str) -> str:
    """How e-mail addresses and names are compared."""
    return value.strip().casefold()


def entries(value: str) -> set[str]:
    """The entries of a comma list (watch_list), folded."""
    return {each.casefold() for each in _SPLIT.split(value) if each}


def addresses(value: str) -> set[str]:
    """The e-mail addresses in a list of recipients, folded."""
    return {each.casefold().strip("'") for each in _ADDRESS.findall(value)} | {
        each for each in entries(value) if "@" in each
    }


def names_address(prose: str, address: str) -> bool:
    """Whether free text names this very address, not one that only contains it."""
    whole_one = rf"(?<![\w.+%^'-]){re.escape(fold(address))}(?![\w-]|\.\w)"
    return re.search(whole_one, prose.casefold()) is not None


def e164(value: str, region: str) -> str:
    """A telephone number in E.164, "" if it cannot be read. An extension is left out."""
    number = _number(value, region)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else ""


def _number(value: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def tails(number: str, region: str) -> list[str]:
    """How the last four digits of an E.164 number are usually written at its end."""
    parsed = _number(number, region)
    if parsed is None:
        return []
    kinds = (PhoneNumberFormat.E164, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    found = set()
    for kind in kinds:
        spelled = phonenumbers.format_number(parsed, kind)
        at = [place for place, letter in enumerate(spelled) if letter.isdigit()]
        if len(at) >= 4:
            end = spelled[at[-4] :]
            found |= {end} | {end.replace(" ", mark).replace("-", mark) for mark in " -./"}
    return sorted(found)


def require_seen(row: Json, columns: Iterable[str]) -> None:
    """Raise RefusedError: the row came for these columns and shows none of them."""
    if not any(text(row, name) for name in columns):
        raise RefusedError("ServiceNow: a column that was searched is hidden from us.")


def whole(options: Facts, name: str, usual: int) -> int:
    """A number among the options. Raises RefusedError: it is none, or negative."""
    value = options.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RefusedError(f"ServiceNow: {name} must be a whole number.")
    return value


def listed(options: Facts, name: str) -> frozenset[str]:
    """The entries of a comma list among the options. Raises RefusedError: it is no text."""
    value = options.get(name, "")
    if not isinstance(value, str):
        raise RefusedError(f"ServiceNow: {name} must be names separated by commas.")
    return frozenset(entry for each in value.split(",") if (entry := each.strip()))
