"""One spelling for each identifier, so that equal ones compare equal.

No error repeats what was typed: it says what is wrong and what a right one
looks like.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from erasure.errors import InputError
from erasure.values import Identifier, IdentifierKind

LONGEST_NAME = 200
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,254}")
HANDLE = re.compile(r"[A-Za-z0-9_+.][A-Za-z0-9_.+:-]{0,254}")
OPAQUE_APPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=/+-]{0,254}")
LETTER = re.compile(r"[^\W\d_]")
BETWEEN = re.compile(r"[,;]")
BETWEEN_NAMES = re.compile(r";")


def email(text: str) -> str:
    """The whole address in lower case, its domain in ASCII (RFC 5891).

    Apostrophes, dots and ``+tag`` stay: to the vendor they are part of the address.

    Raises:
        InputError: ``email``.
    """
    try:
        found = validate_email(visible(text), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise InputError("email", complaint_about_email(text)) from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def spellings(who: Identifier) -> tuple[Identifier, ...]:
    """An address with its domain as it stands, in ASCII and in letters: systems keep either."""
    if who.kind is not IdentifierKind.EMAIL:
        return (who,)
    try:
        found = validate_email(who.value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return (who,)
    domains = (found.ascii_domain, found.domain)
    forms = [f"{found.local_part}@{domain}".lower() for domain in domains]
    return tuple(Identifier(who.kind, form) for form in dict.fromkeys([who.value, *forms]))


def complaint_about_email(text: str) -> str:
    if not visible(text):
        return "The e-mail address is empty. Write one like ada@example.org."
    if text.count("@") != 1:
        return "An e-mail address has exactly one @. Write it like ada@example.org."
    return (
        "This is not a complete e-mail address. Write it without spaces, brackets or a name, "
        "like ada@example.org."
    )


def phone(text: str, region: str) -> str:
    """The number in E.164: ``+`` and digits only.

    ``region`` (ISO 3166) says how a number without ``+`` is read. The numbering
    plan decides on length only: withdrawn numbers are still searched.

    Raises:
        InputError: ``phone``.
    """
    digits = visible(text).removeprefix("tel:")
    if LETTER.search(digits) or "#" in digits:
        raise InputError(
            "phone", "A phone number has digits only, no letters or extension: +49 30 1234567."
        )
    try:
        number = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException as why:
        raise InputError("phone", complaint_about_phone(why.error_type)) from None
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise InputError(
            "phone",
            "This phone number is too short or too long for its country. "
            "Write it whole, with the area code: +49 30 1234567.",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def complaint_about_phone(error_type: int) -> str:
    if error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        return "The country of this phone number is unknown. Begin with + and the country code."
    return "This is not a phone number. Write it like +49 30 1234567."


def name(text: str) -> str:
    """The name as written, with single spaces (Unicode NFC).

    Raises:
        InputError: ``name``.
    """
    found = visible(text)
    if not LETTER.search(found):
        raise InputError("name", "A name has at least one letter. Write it like Ada Beispiel.")
    if len(found) > LONGEST_NAME or any(unicodedata.category(each) == "Cc" for each in found):
        raise InputError("name", "This name is too long or holds control characters.")
    return found


def opaque(text: str) -> str:
    """A vendor's own id: kept letter by letter, upper and lower case differ.

    Raises:
        InputError: ``id``.
    """
    found = visible(text)
    if not OPAQUE.fullmatch(found):
        raise InputError(
            "id", "An id has letters, digits, dots, colons and hyphens only. Copy it whole."
        )
    return found


def handle(text: str) -> str:
    """A social network's handle or id: without the leading @, in small letters.

    It may begin with ``_`` or, a number, with ``+``.

    Raises:
        InputError: ``id``.
    """
    found = visible(text).removeprefix("@")
    if not HANDLE.fullmatch(found):
        raise InputError(
            "id", "A handle has letters, digits, dots, hyphens, _ and + only: @ada_beispiel."
        )
    return found.casefold()


def apple(text: str) -> str:
    """Apple's opaque id of a person: ``urn:mbid:…``, upper and lower case differ.

    Raises:
        InputError: ``id``.
    """
    found = visible(text)
    if not OPAQUE_APPLE.fullmatch(found):
        raise InputError("id", "This is no id of Apple Messages. Copy it whole: urn:mbid:AQAA.")
    return found


def identifier(kind: IdentifierKind, text: str, region: str = "") -> Identifier:
    """Normalise by kind. ``region`` as in :func:`phone`.

    Raises:
        InputError: the field is the one of the function for this kind.
    """
    if kind is IdentifierKind.PHONE:
        return Identifier(kind, phone(text, region))
    return Identifier(kind, BY_KIND[kind](text))


def parse_many(
    text: str, region: str = "", kind: IdentifierKind | None = None, *, field: str = "identifiers"
) -> tuple[Identifier, ...]:
    """A list from a text area, each once, in the order written.

    One on a line, or several with comma or semicolon between them (names: only
    semicolon). Without ``kind``, what has an @ is an e-mail address and the rest
    are phone numbers.

    Raises:
        InputError: ``field``; one line of text for each line that is wrong.
    """
    found: dict[Identifier, None] = {}
    wrong: list[str] = []
    for line, entry in entries(text, kind):
        try:
            found[identifier(kind or guess(entry), entry, region)] = None
        except InputError as why:
            wrong.append(f"Line {line}: {why}")
    if wrong:
        raise InputError(field, "\n".join(dict.fromkeys(wrong)))
    return tuple(found)


def entries(text: str, kind: IdentifierKind | None) -> Iterator[tuple[int, str]]:
    """Line numbers, from 1, and the entries on them that are not empty."""
    between = BETWEEN_NAMES if kind is IdentifierKind.NAME else BETWEEN
    for line, content in enumerate(text.splitlines(), start=1):
        for entry in between.split(content):
            if visible(entry):
                yield line, entry


def guess(entry: str) -> IdentifierKind:
    return IdentifierKind.EMAIL if "@" in entry else IdentifierKind.PHONE


def visible(text: str) -> str:
    """Without what pasting brings along: invisible characters, outer and double spaces."""
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


BY_KIND: dict[IdentifierKind, Callable[[str], str]] = {
    IdentifierKind.EMAIL: email,
    IdentifierKind.NAME: name,
    IdentifierKind.EXTERNAL_CONTACT: opaque,
    IdentifierKind.CRM_CONTACT: opaque,
    IdentifierKind.CUSTOMER: opaque,
    IdentifierKind.WHATSAPP: handle,
    IdentifierKind.TWITTER: handle,
    IdentifierKind.FACEBOOK: handle,
    IdentifierKind.INSTAGRAM: handle,
    IdentifierKind.LINE: opaque,
    IdentifierKind.APPLE: apple,
}
