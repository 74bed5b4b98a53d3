"""Which identifiers a contact or a subject carries, and where in it each stands."""

from collections.abc import Iterable, Iterator, Mapping

from erasure.connectors.genesys.reading import (
    email,
    inner,
    objects,
    phone,
    required,
    strings,
    text,
)
from erasure.connectors.http import Json
from erasure.values import Identifier, IdentifierKind

Carried = Mapping[Identifier, str]  # where each stands, for people: "other e-mail"
Places = Iterator[tuple[Identifier | None, str]]

EMAILS = {
    "workEmail": "work e-mail",
    "personalEmail": "personal e-mail",
    "otherEmail": "other e-mail",
}
PHONES = {
    "workPhone": "work phone",
    "cellPhone": "mobile phone",
    "homePhone": "home phone",
    "otherPhone": "other phone",
}
NETWORKS = {
    "SocialTwitter": (IdentifierKind.TWITTER, "X (Twitter)"),
    "SocialWhatsapp": (IdentifierKind.WHATSAPP, "WhatsApp"),
    "SocialWhatsappBsuid": (IdentifierKind.WHATSAPP, "WhatsApp"),
    "SocialFacebook": (IdentifierKind.FACEBOOK, "Facebook"),
    "SocialInstagram": (IdentifierKind.INSTAGRAM, "Instagram"),
    "SocialInstagramHandle": (IdentifierKind.INSTAGRAM, "Instagram"),
    "SocialLine": (IdentifierKind.LINE, "LINE"),
    "AppleOpaqueId": (IdentifierKind.APPLE, "Apple Messages"),
    "ExternalId": (IdentifierKind.CRM_CONTACT, "CRM id"),
}
HANDLES = {
    "TWITTER": "SocialTwitter",
    "INSTAGRAM": "SocialInstagram",
    "FACEBOOK": "SocialFacebook",
    "APPLE_MESSAGES": "AppleOpaqueId",
    "WHATSAPP": "SocialWhatsapp",
}
EXACT = (IdentifierKind.APPLE, IdentifierKind.LINE, IdentifierKind.CRM_CONTACT)  # case counts


def of_contact(contact: Json, others: Iterable[str] = ()) -> Carried:
    """Every address, number, handle and id of a contact; ``others`` are merged with it."""
    return _first_place(_of_contact(contact, others))


def of_subject(subject: Json) -> Carried:
    """Every address, number, handle and id of a GDPR subject."""
    return _first_place(_of_subject(subject))


def _first_place(places: Places) -> Carried:
    found: dict[Identifier, str] = {}
    for one, place in places:
        if one:
            found.setdefault(one, place)
    return found


def _of_contact(contact: Json, others: Iterable[str]) -> Places:
    for key, place in EMAILS.items():
        yield email(text(contact, key)), place
    for key, place in PHONES.items():
        number = inner(contact, key)
        yield phone(text(number, "e164") or text(number, "userInput")), place
    yield from _social(contact)
    for entry in objects(contact, "externalIds"):
        yield from _typed("ExternalId", text(entry, "value"))
    for entry in objects(contact, "identifiers"):
        yield from _typed(text(entry, "type"), text(entry, "value"))
    own = required(contact, "id")
    yield Identifier(IdentifierKind.EXTERNAL_CONTACT, own), "contact id"
    for other in sorted(set(others) - {own}):
        yield Identifier(IdentifierKind.EXTERNAL_CONTACT, other), "merged contact"


def _social(contact: Json) -> Places:
    """The fields of the social networks, each shaped in its own way."""
    twitter, instagram = inner(contact, "twitterId"), inner(contact, "instagramId")
    yield from _typed("SocialTwitter", text(twitter, "screenName"))
    yield from _typed("SocialTwitter", text(twitter, "id"))
    number = inner(inner(contact, "whatsAppId"), "phoneNumber")
    yield from _typed("SocialWhatsapp", text(number, "e164") or text(number, "userInput"))
    for entry in objects(inner(contact, "facebookId"), "ids"):
        yield from _typed("SocialFacebook", text(entry, "scopedId"))
    for entry in objects(instagram, "ids"):
        yield from _typed("SocialInstagram", text(entry, "scopedId"))
    yield from _typed("SocialInstagramHandle", text(instagram, "handle"))
    for entry in objects(inner(contact, "lineId"), "ids"):
        yield from _typed("SocialLine", text(entry, "userId"))
    for entry in objects(contact, "appleOpaqueIds"):
        yield from _typed("AppleOpaqueId", text(entry, "value"))


def _of_subject(subject: Json) -> Places:
    for value in strings(subject, "emailAddresses"):
        yield email(value), "e-mail address"
    for value in strings(subject, "phoneNumbers"):
        yield phone(value), "phone number"
    handle = inner(subject, "socialHandle")
    yield from _typed(HANDLES.get(text(handle, "type"), ""), text(handle, "value"))
    contact = text(subject, "externalContactId")
    if contact:
        yield Identifier(IdentifierKind.EXTERNAL_CONTACT, contact), "contact id"
    yield from _typed("ExternalId", text(subject, "externalId"))


def _typed(kind: str, value: str) -> Places:
    """What an identifier of the vendor's type stands for; a kind nobody knows for nothing.

    A WhatsApp id that is a phone number is that number too.
    """
    if kind == "Email":
        yield email(value), "listed e-mail"
    elif kind == "Phone":
        yield phone(value), "listed phone"
    elif kind in NETWORKS and value.strip():
        own, place = NETWORKS[kind]
        number = phone(value) if own is IdentifierKind.WHATSAPP else None
        yield Identifier(own, number.value if number else _plain(own, value)), place
        yield number, place


def _plain(kind: IdentifierKind, value: str) -> str:
    """A handle without its @ and in small letters, unless its case counts."""
    plain = value.strip()
    return plain if kind in EXACT else plain.removeprefix("@").lower()
