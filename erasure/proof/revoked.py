"""Was a seal revoked when it was made? Asked of the lists and answers that the PDF carries (B-LT).

They are signed by the issuers of the certificates, lie under the seal itself, and are judged
offline as of the moment of sealing. They can refuse a seal and never make one good.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import crl, x509
from cryptography.x509 import load_der_x509_crl
from cryptography.x509.ocsp import load_der_ocsp_response
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathValidationError, RevokedError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from erasure.errors import TamperedError
from erasure.loop import result_of

CLOCKS = timedelta(seconds=300)  # by which an issuer's clock may differ from the signer's
THE_LAST_ALONE = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.CRL_OR_OCSP_REQUIRED,
        intermediate_ca_cert_rule=RevocationCheckingRule.NO_CHECK,
    )
)


def proven_unrevoked(
    one: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    """Whether every certificate of the seal and of its time-stamp, below the roots, is cleared.

    False where the seal covers no lists, or lists of another time or of somebody else: then
    nothing is known. What a later revision of the PDF carries is not looked at.

    Raises:
        TamperedError: one of them had been revoked, as its issuer says.
    """
    store = _store(one)
    if store is None:
        return False
    stamp = status.timestamp_validity
    paths = [path for path in (status.validation_path, stamp and stamp.validation_path) if path]
    cleared = [store.clears(each, roots, at) for path in paths for each in _upwards(path)]
    return stamp is not None and all(cleared)


@dataclass(frozen=True, slots=True)
class _Store:
    """The lists (CRL) and answers (OCSP) under a seal."""

    lists: list[crl.CertificateList]
    answers: list[bytes]

    def clears(self, path: ValidationPath, roots: Sequence[x509.Certificate], at: datetime) -> bool:
        """Whether it is said of the last certificate of a path that it was not revoked.

        By its own issuer: the library would take the list of any other authority beside it.
        """
        mine = [one for one in self.lists if one.issuer == path.last.issuer]
        context = ValidationContext(
            roots, moment=at, other_certs=list(path), crls=mine, ocsps=self.answers,
            revinfo_policy=THE_LAST_ALONE, time_tolerance=CLOCKS,
        )  # fmt: skip
        try:
            result_of(async_validate_path(context, path))
        except RevokedError:
            raise TamperedError(
                "A certificate behind the signature of the PDF had been revoked when it was made, "
                "as its issuer says in the PDF."
            ) from None
        except PathValidationError:
            return False
        return True


def _store(one: EmbeddedPdfSignature) -> _Store | None:
    """What the signed revision carries, each wholly readable; None where there is nothing.

    Raises:
        ValueError: one of them cannot be read.
    """
    signed = one.reader.get_historical_resolver(one.signed_revision)
    try:
        store = DocumentSecurityStore.read_dss(signed)
    except NoDSSFoundError:
        return None
    lists = [each.get_object().read_data(DecodePurpose.CRL) for each in store.crls]
    answers = [each.get_object().read_data(DecodePurpose.OCSP_RESPONSE) for each in store.ocsps]
    for data in lists:  # the other library reads only what it is asked for
        load_der_x509_crl(data)
    for data in answers:
        load_der_ocsp_response(data)
    return _Store([crl.CertificateList.load(data) for data in lists], answers)


def _upwards(path: ValidationPath) -> Iterator[ValidationPath]:
    """The path to each certificate of a path, but for the root."""
    yield path
    for _ in range(path.pkix_len - 1):
        path = path.copy_and_drop_leaf()
        yield path
