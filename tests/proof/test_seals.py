"""The seal under the PDF: V1, tried with every forgery of the PDF that the threat table names."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from erasure.proof import files as reading
from erasure.proof.verify import State, verify
from erasure.sealing import key
from erasure.sealing.sign import seal_pdf
from tests.proof import authority
from tests.proof.given import certificate_pdf, pages_of, sealed, sealed_pdf, states, trusted
from tests.sealing.given import root_file, root_of, seal, siblings

PADES = SigSeedSubFilter.PADES
AT = datetime(2026, 1, 6, 13, 5, tzinfo=UTC)
CHANGED = "The signature of the PDF is wrong: the bytes are not those that were signed."
ADDED = "Something was added to the PDF after it was signed."
BESIDE = "The signature of the PDF is followed by bytes that it does not cover."
ROOTLESS = "The signature of the PDF leads to none of the roots of the trust file."


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def drawn(version=1):
    return certificate_pdf(sealed(version), pages_of(version))


def found(pdf, trust=None):
    return verify(reading.parse(pdf), trust or trusted())


def why(pdf, trust=None):
    """What V1 says of a PDF when it alone fails; V4 compares with it."""
    findings = found(pdf, trust)
    failed = {one.id: one.text for one in findings if one.state is State.FAILED}
    assert list(failed) == ["V1"]
    return failed["V1"]


def appended(pdf):
    """A revision after the seal, as any PDF editor writes it."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = pdf_string("de")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def signed(pdf, own, **meta):
    """A signature by another tool, as lax as its owner likes."""
    private = own.private.private_bytes(
        authority.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        x509.Certificate.load(own.certificate.public_bytes(authority.DER)),
        keys.PrivateKeyInfo.load(private), None,
    )  # fmt: skip
    given = signers.PdfSignatureMetadata(**{"field_name": "Seal", "md_algorithm": "sha256"} | meta)
    return signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), given, signer).getvalue()


def test_sealed_pdf_passes():
    assert states(found(sealed_pdf(1))) == {
        **{f"V{number}": "passed" for number in range(1, 14)},
        "V14": "skipped",
    }


def test_pdf_without_a_seal_fails_v1():
    assert why(drawn()) == "The PDF is not signed."


def test_pdf_with_a_byte_altered_fails_v1():
    whole = sealed_pdf(1)
    at = whole.index(b"/Producer") + 12
    assert why(whole[:at] + b"\x21" + whole[at + 1 :]) == CHANGED


def test_pdf_with_a_revision_appended_fails_v1():
    assert why(appended(sealed_pdf(1))) == ADDED


@pytest.mark.parametrize("more", [b"\n", b"% more\n", bytes(100)])
def test_pdf_with_bytes_appended_fails_v1(more):
    assert why(sealed_pdf(1) + more) == ADDED


def test_pdf_with_other_bytes_beside_the_signature_fails_v1():
    whole = sealed_pdf(1)
    at = whole.index(b"/Contents <") + 11
    end = whole.index(b">", at) - 4
    assert why(whole[:end] + b"1" + whole[end + 1 :]) == BESIDE


def test_pdf_with_an_attachment_swapped_by_a_revision_fails_v1():
    with pikepdf.open(BytesIO(sealed_pdf(1))) as pdf:
        pdf.attachments["entries.proof"] = pikepdf.AttachedFileSpec(
            pdf, sealed(1)["entries.proof"], filename="entries.proof"
        )
        out = BytesIO()
        pdf.save(out)
    assert why(out.getvalue()) in (CHANGED, "The signature of the PDF cannot be read.")


def test_pdf_with_a_second_signature_fails_v1():
    """The first allowed more, or the tool would have refused."""
    twice = signed(signed(drawn(), seal(), subfilter=PADES), seal("Other"), field_name="More")
    assert why(twice) == "The PDF has 2 signatures where one is due."


def test_pdf_whose_seal_allows_changes_fails_v1():
    lax = {"certify": True, "docmdp_permissions": MDPPerm.FILL_FORMS, "subfilter": PADES}
    assert why(signed(drawn(), seal(), **lax)) == "The signature of the PDF allows later changes."


def test_pdf_with_another_kind_of_signature_fails_v1():
    assert why(signed(drawn(), seal())) == "The signature of the PDF is not of the kind PAdES."


def test_pdf_with_a_forged_seal_of_the_same_name_fails_v1():
    genuine, forged = key.make("Same name"), key.make("Same name")
    assert genuine.certificate.subject == forged.certificate.subject
    trust = replace(trusted(), roots=(root_file(), root_of(genuine)))
    assert why(seal_pdf(drawn(), forged, AT), trust) == ROOTLESS


def test_pdf_with_another_seal_of_the_same_authority_fails_v1():
    genuine, other = siblings()
    trust = replace(
        trusted(), roots=(root_file(), root_of(genuine)), seals=(*trusted().seals, genuine.sha256)
    )
    pdf = seal_pdf(drawn(), other, AT)
    assert why(pdf, trust) == "The PDF is signed, but by no seal of the trust file."


def test_seal_without_its_line_in_the_trust_file_fails_v1():
    bare = replace(trusted(), seals=())
    failed = [one.id for one in found(sealed_pdf(1), bare) if one.state is State.FAILED]
    assert failed == ["V1", "V4"]


def stamped(at=AT, **given):
    key, made = authority.stamper(**given)
    private = key.private_bytes(
        authority.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server = DummyTimeStamper(
        x509.Certificate.load(made.public_bytes(authority.DER)),
        keys.PrivateKeyInfo.load(private), fixed_dt=at,
    )  # fmt: skip
    return seal_pdf(drawn(), seal(), AT, server)


def test_time_stamped_seal_says_so(tmp_path):
    both = replace(trusted(), roots=(root_file(), authority.root_file(tmp_path)))
    assert next(one.text for one in found(stamped(), both) if one.id == "V1") == (
        "The PDF is whole and carries the one seal of 2026-01-06T13:05:00Z, "
        "time-stamped 2026-01-06T13:05:00Z."
    )


def test_time_stamp_of_no_trusted_authority_fails_v1():
    expected = "The signature of the PDF has a time-stamp that is wrong or of no trusted authority."
    assert why(stamped()) == expected


def test_time_stamp_of_another_time_fails_v1(tmp_path):
    both = replace(trusted(), roots=(root_file(), authority.root_file(tmp_path)))
    late = stamped(datetime(2026, 1, 6, 13, 11, tzinfo=UTC))
    expected = "The signature of the PDF has a time-stamp of another time than it claims."
    assert why(late, both) == expected
