"""A person comes from the company's own portal, signed in there: the request is born verified.

The portal hands the person's browser a token (JWT) that names who is signed in, signed with a
key of its own. It counts for five minutes and once. What an officer decides stays to be decided.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import jwt
from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.errors import InputError
from erasure.identity import identifier
from erasure.intake.once import once
from erasure.intake.stage import open_case, start
from erasure.ledger.append import append
from erasure.models import PERSON, Arrival, ErasureCase, PortalKey, StatusCode
from erasure.values import Channel, Identifier, IdentifierKind, VerificationMethod

LONGEST = 8192  # characters of a token
LONGEST_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=60)  # by which the portal's clock may be ahead of ours
JTI = range(8, 129)  # characters
REQUIRED = ["iss", "aud", "iat", "exp", "jti", "sub", "name"]
UNREADABLE = "The sign-in from your account could not be checked."
EXPIRED = "The sign-in from your account is too old: it counts for five minutes."
USED = (
    "This sign-in from your account was used before. If you saw a reference then, "
    "your request is recorded and you need to do nothing."
)
NOTHING = "Your account told us no e-mail address and no phone number to search for."
# The claims that name a person, each a text or a list of them, and how a match is recorded.
CLAIMS = {
    "email": (IdentifierKind.EMAIL, "email"),
    "phone_number": (IdentifierKind.PHONE, "phone"),
    "sub": (IdentifierKind.CUSTOMER, "customer_number"),
}


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whom the portal knows, after its word was checked."""

    portal: PortalKey
    token_id: str = field(repr=False)
    name: str = field(repr=False)
    identifiers: tuple[Identifier, ...]
    matched: tuple[str, ...]
    locale: str = ""

    @property
    def key(self) -> str:
        """What makes it the same token again."""
        return f"{self.portal.issuer}:{self.token_id}"


def audience() -> str:
    """What a token for us says in ``aud``: the address it is sent to."""
    return f"{settings.PUBLIC_URL}/portal/"


def request_by_portal(token: str, language: str) -> tuple[ErasureCase, str]:
    """Open the verified case of a token, once; the case and its status code.

    ``language``: of the answer, if the token names none of ours.

    Raises:
        InputError: ``token``; a sentence for the person. Nothing is recorded then.
    """
    told = read(token)
    spoken = told.locale if told.locale in dict(settings.LANGUAGES) else language
    with transaction.atomic():
        case, new = once(
            Arrival.PORTAL, told.key, partial(_open, told, spoken), sender=told.portal.name
        )
        if not new:
            raise InputError("token", USED)
        code = StatusCode.make(case)
    start(case.pk)
    return ErasureCase.objects.get(pk=case.pk), code


def _open(told: HandOver, language: str) -> ErasureCase:
    case = open_case(
        channel=Channel.PORTAL, name=told.name, identifiers=told.identifiers,
        received_at=clock.now(), actor=PERSON, language=language,
    )  # fmt: skip
    _confirm(case, told)
    return case


def _confirm(case: ErasureCase, told: HandOver) -> None:
    """The evidence record: whose word, by which key, for which kinds of attribute."""
    said = f"Signed in at {told.portal.name}, by its key {told.portal.key_id}."
    proof = case.verifications.get()
    proof.confirm(
        actor=PERSON, how=VerificationMethod.PORTAL, matched=list(told.matched), reason=said[:300]
    )
    proof.save()
    case.requester_confirmed_at = clock.now()
    case.save(update_fields=["requester_confirmed_at"])
    private = {"method": VerificationMethod.PORTAL.value, "actor": PERSON.key, "reason": said}
    append(case, "identity", private)


def read(token: str) -> HandOver:
    """Check key, algorithm, signature, issuer, audience and times; then read who it is.

    Raises:
        InputError: ``token``; which check failed is nobody's business but the expiry.
    """
    portal = _portal_of(token)
    try:
        claims = jwt.decode(
            token, portal.public_key, algorithms=[portal.algorithm], audience=audience(),
            issuer=portal.issuer,
            # Times are held against our clock below: it is the one that a trial moves.
            options={"require": REQUIRED, "strict_aud": True, "verify_exp": False,
                     "verify_iat": False, "verify_nbf": False},
        )  # fmt: skip
    except (jwt.InvalidTokenError, jwt.InvalidKeyError):
        raise InputError("token", UNREADABLE) from None
    _check_times(claims)
    token_id, name = claims["jti"], claims["name"]
    if not isinstance(token_id, str) or len(token_id) not in JTI or not isinstance(name, str):
        raise InputError("token", UNREADABLE)
    found = dict(_identifiers(claims))
    if not any(who.kind is not IdentifierKind.CUSTOMER for who in found):
        raise InputError("token", NOTHING)
    known = (*found, *_names(name))
    locale = str(claims.get("locale", "")).partition("-")[0]
    matched = tuple(dict.fromkeys(["name", *found.values()]))
    return HandOver(portal, token_id, name[:200], known, matched, locale)


def _portal_of(token: str) -> PortalKey:
    """The key the token names, of a portal that is switched on.

    Raises:
        InputError: ``token``; there is none.
    """
    try:
        named = jwt.get_unverified_header(token).get("kid") if len(token) <= LONGEST else None
    except jwt.InvalidTokenError:
        named = None
    portal = PortalKey.objects.filter(key_id=named or "", enabled=True).first()
    if portal is None:
        raise InputError("token", UNREADABLE)
    return portal


def _check_times(claims: Mapping[str, Any]) -> None:
    """
    Raises:
        InputError: ``token``; too old, from the future, or good for too long.
    """
    now = clock.now()
    issued, ends, begins = (_moment(claims.get(name)) for name in ("iat", "exp", "nbf"))
    if issued is None or ends is None or not timedelta(0) < ends - issued <= LONGEST_LIFE:
        raise InputError("token", UNREADABLE)
    if issued > now + SKEW or ("nbf" in claims and (begins is None or begins > now + SKEW)):
        raise InputError("token", UNREADABLE)
    if ends <= now:
        raise InputError("token", EXPIRED)


def _moment(value: object) -> datetime | None:
    """Seconds since 1970 as an aware moment; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _identifiers(claims: Mapping[str, Any]) -> Iterator[tuple[Identifier, str]]:
    """What the portal knows the person by; what cannot be read is left to the officer."""
    for claim, (kind, matched) in CLAIMS.items():
        given = claims.get(claim)
        for value in given if isinstance(given, list) else [given]:
            text = value if isinstance(value, str) else ""
            with suppress(InputError):
                yield identifier(kind, text, settings.COUNTRY), matched


def _names(typed: str) -> tuple[Identifier, ...]:
    try:
        return (identifier(IdentifierKind.NAME, typed),)
    except InputError:
        return ()
