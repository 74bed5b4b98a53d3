"""What the seal signs: a file (CMS, detached) and a PDF (PAdES, certified, nothing may change).

SHA-256 is set everywhere: with any other digest the library would raise the PDF's version,
and the file would no longer be PDF/A-3.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from erasure.errors import BusyError, RefusedError
from erasure.loop import result_of
from erasure.sealing.hardware import HardwareKey
from erasure.sealing.key import SealKey
from erasure.sealing.revocation import with_proof

DIGEST = "sha256"
FIELD = "Seal"
TSA_SECONDS = 20


def time_stamper(url: str) -> TimeStamper | None:
    """The time-stamp authority (RFC 3161) at this address; None where there is no address."""
    return RequestsHTTPTimeStamper(url, timeout=TSA_SECONDS) if url else None


def sign_file(data: bytes, seal: SealKey, at: datetime) -> bytes:
    """A detached CMS signature over the data (DER).

    Raises:
        KeyMissingError: the hardware module with the key does not sign.
    """
    attributes = PdfCMSSignedAttributes(signing_time=at)
    signing = _signer(seal).async_sign_general_data(
        data, DIGEST, detached=True, signed_attr_settings=attributes
    )
    return bytes(result_of(signing).dump())


def seal_pdf(
    pdf: bytes,
    seal: SealKey,
    at: datetime,
    stamper: TimeStamper | None = None,
    *,
    tsa_roots: Sequence[x509.Certificate] = (),
) -> bytes:
    """The PDF with one invisible signature after which nothing may change.

    ETSI.CAdES.detached (PAdES B-B); with a ``stamper`` time-stamped (B-T); with the roots of
    that authority too, also the proof that no certificate of either was revoked (B-LT).

    Raises:
        KeyMissingError: the hardware module with the key does not sign, or the seal was revoked.
        BusyError: the time-stamp authority does not answer, or whether something was revoked
            cannot be found out; try again later.
        RefusedError: the PDF cannot be signed.
    """
    meta = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    field = SigFieldSpec(FIELD)  # no box: it is not seen
    try:
        if stamper and tsa_roots:
            meta = result_of(with_proof(meta, seal, stamper, tsa_roots, at))
        sealer = _Sealer(meta, _signer(seal), timestamper=stamper, new_field_spec=field)
        sealer.at = at
        writer = _Writer(BytesIO(pdf))
        return bytes(result_of(sealer.async_sign_pdf(writer)).getvalue())
    except TimestampRequestError:
        raise BusyError("The time-stamp authority does not answer.") from None
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError):
        # what the library makes of malformed answers
        raise BusyError("The answer of the time-stamp authority cannot be read.") from None
    except (PdfError, SigningError):
        raise RefusedError("The PDF cannot be sealed.") from None


class _Writer(IncrementalPdfFileWriter):
    """Leaves title, producer and dates as they are, where the library would set its own."""

    def _update_meta(self) -> None:
        pass


class _Sealer(PdfSigner):
    """Signs at a moment it is told, where the library would ask the system's clock."""

    at: datetime

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def _signer(seal: SealKey) -> Signer:
    own, *above = [
        x509.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in seal.chain
    ]
    store = SimpleCertificateStore.from_certs(above)
    if isinstance(seal.private, HardwareKey):
        return _InModule(seal.private, signing_cert=own, cert_registry=store)
    private = seal.private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SimpleSigner(own, keys.PrivateKeyInfo.load(private), store)


class _InModule(Signer):
    """Lets a hardware module sign."""

    def __init__(self, key: HardwareKey, **given: Any) -> None:
        super().__init__(**given)
        self._key = key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError("The seal signs SHA-256.")
        return bytes(self._key.public.key_size // 8) if dry_run else self._key.sign(data)
