"""Proof that nothing was revoked when it was sealed: what issuers said goes into the PDF (B-LT).

A certificate names where its issuer lists what it revoked (CRL), or who answers for it (OCSP).
They are asked at sealing, over HTTP, for every certificate below a root.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    SigDSSPlacementPreference,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    InsufficientRevinfoError,
    OCSPValidationError,
    PathError,
    RevokedError,
    StaleRevinfoError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers.api import FetchLimits
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from erasure.errors import BusyError, KeyMissingError
from erasure.sealing.key import SealKey

LIST_SECONDS = 10
CLOCKS = timedelta(seconds=300)  # by which an issuer's clock may differ from ours
IN_THE_SIGNED_REVISION = DSSContentSettings(
    include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
)


@dataclass(frozen=True, slots=True)
class _Party:
    """Whose certificates are asked about, the setting that names them, the error if they are bad.

    Another seal must be set, while another time-stamp authority may be asked next time.
    """

    name: str
    setting: str
    error: type[BusyError] | type[KeyMissingError]


SEAL = _Party("the seal", "ERASURE_SEAL_FILE", KeyMissingError)
AUTHORITY = _Party("the time-stamp authority", "ERASURE_TSA_URL", BusyError)


def require_sources(seal: SealKey) -> None:
    """Whether it was revoked can be asked of every certificate of the seal below its root.

    Raises:
        KeyMissingError: one names neither a list nor who answers.
    """
    if not all(_names_source(one) for one in seal.chain if one != seal.root):
        raise KeyMissingError(
            "ERASURE_SEAL_LONG_TERM needs a seal whose certificates, but for the root, name where "
            "to ask over HTTP whether they were revoked (CRL or OCSP)."
        )


async def with_proof(
    meta: PdfSignatureMetadata,
    seal: SealKey,
    stamper: TimeStamper,
    tsa_roots: Sequence[asn1.Certificate],
    at: datetime,
) -> PdfSignatureMetadata:
    """The signature's settings, with the proof as of ``at`` to be signed along.

    The library asks the authority for a token beforehand to learn its certificates.

    Raises:
        BusyError: it cannot be found out now, or the authority's certificates are bad.
        KeyMissingError: the seal was revoked.
        TimestampRequestError: the authority does not answer.
    """
    await stamper.async_dummy_response(str(meta.md_algorithm))
    own, *above = [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in seal.chain]
    root = above[-1] if above else own
    context = ValidationContext(
        [root, *tsa_roots],
        moment=at,
        time_tolerance=CLOCKS,
        allow_fetching=True,
        revocation_mode="require",
        fetcher_backend=RequestsFetcherBackend(
            LIST_SECONDS,
            limits=FetchLimits(  # no certificates: a chain must be whole, as for a verifier
                max_requests=50, max_cert_requests=0
            ),
        ),
    )
    with _explained(SEAL):
        await CertificateValidator(own, above, context).async_validate_usage(meta.signer_key_usage)
    with _explained(AUTHORITY):
        async for _ in stamper.validation_paths(context):
            pass
    return replace(
        meta,
        embed_validation_info=True,
        validation_context=context,
        dss_settings=IN_THE_SIGNED_REVISION,
    )


@contextmanager
def _explained(party: _Party) -> Iterator[None]:
    """Say what an operator can do about it. A fetched list can make the library raise anything."""
    unknown = f"Whether a certificate of {party.name} was revoked is not known:"
    try:
        yield
    except RevokedError:
        raise party.error(f"A certificate of {party.name} was revoked ({party.setting}).") from None
    except StaleRevinfoError:
        raise BusyError(f"{unknown} what its issuer says of it is out of date.") from None
    except (
        InsufficientRevinfoError, CRLValidationError, OCSPValidationError,
        ValueError, TypeError, KeyError, AttributeError,
    ):  # fmt: skip
        raise BusyError(
            f"{unknown} its issuer names no address, does not answer, or says what cannot be "
            "trusted."
        ) from None
    except (PathError, ValidationError):
        raise party.error(
            f"The certificates of {party.name} are not valid, or lead to no root that is set "
            f"({party.setting})."
        ) from None


def _names_source(certificate: x509.Certificate) -> bool:
    return any(address.lower().startswith(("http://", "https://")) for address in _in(certificate))


def _in(certificate: x509.Certificate) -> Iterator[str]:
    """The addresses of lists, and of those who answer."""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.CRLDistributionPoints):
            for point in extension.value:
                yield from (str(name.value) for name in point.full_name or ())
        elif isinstance(extension.value, x509.AuthorityInformationAccess):
            for way in extension.value:
                if way.access_method == AuthorityInformationAccessOID.OCSP:
                    yield str(way.access_location.value)
