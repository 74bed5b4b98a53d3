"""Is the seal under a PDF or a file the organisation's own? PAdES and CMS, checked offline.

The chain is judged as of the moment of signing, so that a certificate outlives its seal.
That moment is the signer's word, or a time-stamp authority's where there is a time-stamp.
Nobody is asked whether a certificate was revoked since: a seal is withdrawn by striking it from
the trust file. Only lists of revoked certificates under the seal itself (B-LT) are read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import (
    async_validate_detached_cms,
    extract_self_reported_ts,
)
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    StandardCMSSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from erasure.errors import TamperedError
from erasure.loop import result_of
from erasure.proof.revoked import proven_unrevoked

STAMP_TOLERANCE = timedelta(seconds=300)
STRONG = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that is intact and leads to a trusted root.

    ``sha256``: of the signer's certificate; ``at``: as the signer says; ``stamped_at``: as a
    trusted time-stamp authority says, or None; ``unrevoked``: lists or answers under the seal
    clear every certificate of both as of ``at``. Where it is false, nothing is known.
    """

    sha256: str
    at: datetime
    stamped_at: datetime | None = None
    unrevoked: bool = False


def check_pdf(pdf: bytes, roots: Sequence[x509.Certificate]) -> Seal:
    """The one seal over the whole PDF, after which nothing was allowed to change.

    Raises:
        TamperedError: one sentence says what is wrong with it, or that a list under it says that
            it had been revoked.
    """
    what = "The signature of the PDF"
    with _readable(what):
        one = _only_signature(PdfFileReader(BytesIO(pdf), strict=True))
        at = one.self_reported_timestamp
        status = _pdf_status(one, _context(roots, at))
        _require_sound(status, what)
        _require_whole(one, status)
        _require_nothing_beside(one.signed_data, status)
        _require_gap(pdf, one)
        seal = _seal(status, at, what)
        return replace(seal, unrevoked=proven_unrevoked(one, status, roots, seal.at))


def check_file(data: bytes, signature: bytes, roots: Sequence[x509.Certificate]) -> Seal:
    """The seal of a detached CMS signature (DER) over the data.

    Raises:
        TamperedError: as above.
    """
    what = "The signature"
    with _readable(what):
        content = cms.ContentInfo.load(signature, strict=True)
        signed = content["content"]
        at = extract_self_reported_ts(extract_signer_info(signed))
        status = result_of(async_validate_detached_cms(data, signed, _context(roots, at)))
        _require_sound(status, what)
        _require_nothing_beside(signed, status)
        return _seal(status, at, what)


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """A malformed file can make the library raise anything."""
    try:
        yield
    except (TamperedError, MemoryError):
        raise
    except Exception:
        raise TamperedError(f"{what} cannot be read.") from None


def _only_signature(reader: PdfFileReader) -> EmbeddedPdfSignature:
    signatures = reader.embedded_signatures
    mine = [one for one in signatures if one.sig_object_type == "/Sig"]
    stamps = [one for one in signatures if one.sig_object_type == "/DocTimeStamp"]
    if not mine:
        raise TamperedError("The PDF is not signed.")
    if len(mine) > 1 or len(mine) + len(stamps) != len(signatures):
        raise TamperedError(f"The PDF has {len(signatures)} signatures where one is due.")
    if any(one.signed_revision < mine[0].signed_revision for one in stamps):
        raise TamperedError("The PDF has another signature before its seal.")
    return mine[0]


def _context(roots: Sequence[x509.Certificate], at: datetime | None) -> ValidationContext:
    if at is None or at.utcoffset() is None:
        raise TamperedError("The signature does not say when it was made.")
    return ValidationContext(roots, moment=at, allow_fetching=False)


def _pdf_status(one: EmbeddedPdfSignature, context: ValidationContext) -> PdfSignatureStatus:
    if one.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        raise TamperedError("The signature of the PDF is not of the kind PAdES.")
    return result_of(async_validate_pdf_signature(one, context))


def _require_sound(status: StandardCMSSignatureStatus, what: str) -> None:
    if not (status.intact and status.valid):
        raise TamperedError(f"{what} is wrong: the bytes are not those that were signed.")
    if status.md_algorithm not in STRONG:
        raise TamperedError(f"{what} uses a digest that is not accepted.")
    if not status.trusted:
        raise TamperedError(f"{what} leads to none of the roots of the trust file.")


def _require_whole(one: EmbeddedPdfSignature, status: PdfSignatureStatus) -> None:
    """Every byte is signed; after it at most what prolongs the signature itself."""
    if one.docmdp_level is not MDPPerm.NO_CHANGES:
        raise TamperedError("The signature of the PDF allows later changes.")
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    prolonged = (
        status.coverage is SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level is ModificationLevel.LTA_UPDATES
    )
    if not (whole or prolonged) or not status.docmdp_ok:
        raise TamperedError("Something was added to the PDF after it was signed.")


def _require_nothing_beside(signed: cms.SignedData, status: StandardCMSSignatureStatus) -> None:
    """What no signature covers must follow from what it does: no certificate of another chain."""
    path = {one.dump() for one in status.validation_path or ()}
    carried = [one.chosen.dump() for one in signed["certificates"]]
    signer = extract_signer_info(signed)
    named = [one.dump() for one in signed["digest_algorithms"]]
    versions = (signed["version"].native, signer["version"].native)
    if (
        len(set(carried)) != len(carried)
        or not path.issuperset(carried)
        or named != [signer["digest_algorithm"].dump()]
        or versions != ("v1", "v1")
    ):
        raise TamperedError("The signature carries something that does not belong to it.")


def _require_gap(pdf: bytes, one: EmbeddedPdfSignature) -> None:
    """Nor the bytes it is written in: they must be its digits, filled up with zeros."""
    start = int(one.byte_range[0]) + int(one.byte_range[1])
    gap, content = pdf[start : int(one.byte_range[2])], one.pkcs7_content
    used = len(cms.ContentInfo.load(content).dump())
    digits = content.hex()
    written = {b"<%b>" % form.encode() for form in (digits, digits.upper())}
    if gap not in written or content[used:].strip(b"\0"):
        raise TamperedError("The signature of the PDF is followed by bytes that it does not cover.")


def _seal(status: StandardCMSSignatureStatus, at: datetime | None, what: str) -> Seal:
    if at is None:
        raise TamperedError(f"{what} does not say when it was made.")
    own = sha256(status.signing_cert.dump()).hexdigest()
    stamp = status.timestamp_validity
    if stamp is None:
        return Seal(own, at)
    if not (stamp.intact and stamp.valid and stamp.trusted):
        raise TamperedError(f"{what} has a time-stamp that is wrong or of no trusted authority.")
    if abs(stamp.timestamp - at) > STAMP_TOLERANCE:
        raise TamperedError(f"{what} has a time-stamp of another time than it claims.")
    return Seal(own, at, stamp.timestamp)
