"""RFC 3161: a time-stamping authority (TSA) says when it saw the SHA-256 of some bytes.

A token is DER, a CMS ``SignedData`` over a ``TSTInfo``. The TSA's certificates travel
in it; the root they must lead to is the reader's own.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from asn1crypto import cms, pem, tsp, x509
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from erasure.errors import TamperedError
from erasure.proof.errors import UnreadableError

STRONG = ("sha256", "sha384", "sha512")


def read_roots(names: Sequence[str]) -> list[x509.Certificate]:
    """The certificates of the PEM files that a trust file names.

    Raises:
        UnreadableError: a file cannot be opened, or is not PEM certificates.
    """
    found: list[x509.Certificate] = []
    for name in names:
        try:
            blocks = list(pem.unarmor(Path(name).read_bytes(), multiple=True))
            found += [_certificate(kind, der) for kind, _, der in blocks]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            raise UnreadableError(
                "A root of the trust file cannot be read as PEM certificates."
            ) from None
    return found


def _certificate(kind: str, der: bytes) -> x509.Certificate:
    """Read to the end: the library would read a part when it is asked for, and fail there."""
    if kind != "CERTIFICATE":
        raise ValueError("another kind of PEM")
    found = x509.Certificate.load(der, strict=True)
    _ = found.native
    return found


def check_token(token: bytes, data: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """When the TSA saw ``data``: aware, UTC.

    The TSA's certificate is judged as of that moment, so a token outlives it. Nothing
    is fetched.

    Raises:
        UnreadableError: these bytes are no token.
        TamperedError: the token is of other data, its signature is wrong, or its TSA
            leads to none of the roots.
    """
    signed, info = _parse(token)
    moment: datetime = info["gen_time"].native
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in STRONG:
        raise UnreadableError("The time-stamp token uses a digest that is not accepted.")
    digest = hashlib.new(algorithm, data).digest()
    if digest != imprint["hashed_message"].native:
        raise TamperedError("The time-stamp token is of another checkpoint.")
    _judge(signed, digest, ValidationContext(roots, moment=moment, allow_fetching=False))
    return moment


def _parse(token: bytes) -> tuple[cms.SignedData, tsp.TSTInfo]:
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        info = signed["encap_content_info"]["content"].parsed
        if isinstance(info, tsp.TSTInfo) and info.native["gen_time"].utcoffset() is not None:
            return signed, info
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise UnreadableError("The time-stamp token cannot be read.")


def _judge(signed: cms.SignedData, digest: bytes, context: ValidationContext) -> None:
    try:
        found = asyncio.run(validate_tst_signed_data(signed, context, lambda _: digest))
    except Exception:  # a malformed signature can make the library raise anything
        raise TamperedError("The signature of the time-stamp token cannot be checked.") from None
    if not (found["intact"] and found["valid"]):
        raise TamperedError("The signature of the time-stamp token is wrong.")
    if found["trust_problem_indic"] is not None or found["validation_path"] is None:
        raise TamperedError("The time-stamp token is of an authority that is not trusted.")
