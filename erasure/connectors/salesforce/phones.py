"""Telephone numbers as people type them into a CRM: there is no one spelling."""

import phonenumbers
from phonenumbers import PhoneNumberFormat


def e164(text: object, region: str) -> str:
    """The number in E.164, "" if it cannot be read. An extension is left out."""
    if not isinstance(text, str) or not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def spellings(number: str, region: str) -> tuple[str, ...]:
    """The usual spellings of an E.164 number that read back as that very number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ()
    international = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    found = {number, f"00{number[1:]}"}
    for spaced in (international, national, f"00{international[1:]}"):
        found |= {spaced, _only_digits(spaced)}
        found |= {spaced.replace(" ", mark) for mark in "-./"}
        found.add(_area_in_brackets(spaced))
    return tuple(sorted(each for each in found if e164(each, region) == number))


def last_digits(number: str) -> str:
    """Up to seven digits an E.164 number ends with, however somebody writes it."""
    try:
        national = str(phonenumbers.parse(number, None).national_number)
    except phonenumbers.NumberParseException:
        return ""
    return national[-7:]


def _only_digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit() or each == "+")


def _area_in_brackets(text: str) -> str:
    """(01632) 960101 for 01632 960101; numbers with a country code keep their form."""
    area, space, rest = text.partition(" ")
    return f"({area}) {rest}" if space and not text.startswith(("+", "00", "(")) else text
