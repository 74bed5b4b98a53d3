"""Seals that prove that nothing was revoked (B-LT). tests/proof/test_revoked.py reads them."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pikepdf
import pytest
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.reader import PdfFileReader

from erasure.errors import BusyError, KeyMissingError
from erasure.proof.seals import check_pdf
from erasure.sealing.revocation import require_sources
from erasure.sealing.sign import seal_pdf, time_stamper
from tests.documents.given import opened, rendered
from tests.sealing import given, lists

AT = datetime(2026, 12, 9, 7, 5, tzinfo=UTC)
SOON = timedelta(minutes=4)
TSA = "https://tsa.example.org/"
UNKNOWN = (
    "Whether a certificate of {} was revoked is not known: its issuer names no address, does not "
    "answer, or says what cannot be trusted."
)
STALE = (
    "Whether a certificate of {} was revoked is not known: what its issuer says of it is out of "
    "date."
)
REVOKED = "A certificate of {} was revoked ({})."
SEAL, STAMPS = "the seal", "the time-stamp authority"


@pytest.fixture(scope="module")
def drawn():
    return rendered()


def lasting(pdf, own=None, stamper=None):
    roots = [lists.known(lists.stamps_root())]
    return seal_pdf(pdf, own or lists.seal(), AT, stamper or lists.stamper(AT), tsa_roots=roots)


def refusal(error, *given, **named):
    with pytest.raises(error) as refused:
        lasting(*given, **named)
    return str(refused.value)


@pytest.fixture
def done(drawn, replies):
    lists.serve(replies, AT)
    return lasting(drawn)


def test_seal_with_proof_is_one_revision_that_our_verifier_reads_wholly(done):
    reader = PdfFileReader(BytesIO(done))
    assert reader.embedded_signatures[0].signed_revision == reader.total_revisions - 1
    assert {name: len(reader.root["/DSS"][name]) for name in reader.root["/DSS"]} == {
        "/Certs": 5,
        "/CRLs": 3,
    }
    assert check_pdf(done, lists.roots()).unrevoked


def test_seal_with_proof_breaks_no_rule_of_pdfa(done):
    with opened(done) as pdf, pytest.raises(pikepdf.pdfa.PdfaError) as judged:
        pikepdf.pdfa.save(pdf, BytesIO(), "3b", repair=False)
    assert "not_checked (0 violation(s)" in str(judged.value)


@pytest.mark.poppler
@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="not installed: pdfsig")
def test_seal_with_proof_is_whole_for_pdfsig_too(tmp_path, done):
    (tmp_path / "done.pdf").write_bytes(done)
    said = subprocess.run(
        ["pdfsig", tmp_path / "done.pdf"], capture_output=True, text=True, check=False
    )
    lines = {line.strip(" -") for line in said.stdout.splitlines()}
    assert lines >= {"Total document signed", "Signature Validation: Signature is Valid."}


@pytest.mark.parametrize("late", [timedelta(), SOON])
def test_answer_is_taken_where_the_certificate_names_who_answers(drawn, replies, late):
    """Their clock may go before ours."""
    lists.serve(replies, AT, seals_authority=None)
    replies.post(lists.ANSWERS, body=lists.answered(lists.sealing("ocsp"), AT + late))
    found = lasting(drawn, lists.seal("ocsp"))
    assert len(PdfFileReader(BytesIO(found)).root["/DSS"]["/OCSPs"]) == 1
    assert check_pdf(found, lists.roots()).unrevoked


def test_nothing_is_asked_where_no_proof_is_wanted(drawn, replies):
    found = seal_pdf(drawn, lists.seal(), AT, lists.stamper(AT))
    assert "/DSS" not in PdfFileReader(BytesIO(found)).root
    assert not check_pdf(found, lists.roots()).unrevoked


def test_seal_with_proof_waits_for_the_time_stamp_authority(drawn, replies):
    replies.post(TSA, status=502)
    expected = "The time-stamp authority does not answer."
    assert refusal(BusyError, drawn, stamper=time_stamper(TSA)) == expected
    replies.post(TSA, body=b"nonsense", content_type="application/timestamp-reply")
    expected = "The answer of the time-stamp authority cannot be read."
    assert refusal(BusyError, drawn, stamper=time_stamper(TSA)) == expected


def expired(issuer):
    return lists.listed(issuer, AT, age=timedelta(days=8))


def early(issuer):
    return lists.listed(issuer, AT, age=-timedelta(hours=1))


def by_a_stranger(issuer):
    return lists.listed(issuer, AT, by=lists.holder(issuer.name))


def cut(issuer):
    return lists.listed(issuer, AT)[:-40]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lambda issuer: 503, UNKNOWN),
        (lambda issuer: b"<html>gone</html>", UNKNOWN),
        (lambda issuer: bytes(100), UNKNOWN),
        (lambda issuer: b"\x30\x03\x02\x01\x05", UNKNOWN),
        (cut, UNKNOWN),
        (early, UNKNOWN),
        (by_a_stranger, UNKNOWN),
        (lambda issuer: lists.listed(lists.holder("another"), AT), UNKNOWN),
        (expired, STALE),
    ],
    ids=["down", "page", "zeros", "DER", "cut", "early", "stranger", "another's", "expired"],
)  # fmt: skip
@pytest.mark.parametrize("whose", [SEAL, STAMPS])
def test_seal_waits_for_a_list_that_can_be_trusted(drawn, replies, whose, given, expected):
    replies.assert_all_requests_are_fired = False
    issuer = lists.seals_authority() if whose == SEAL else lists.stamps_root()
    lists.serve(replies, AT, **{issuer.name.replace(" ", "_"): given(issuer)})
    assert refusal(BusyError, drawn) == expected.format(whose)


@pytest.mark.parametrize(
    "given",
    [
        b"", b"<html>gone</html>", b"\x30\x03\x0a\x01\x03",
        lists.answered(lists.sealing("ocsp"), AT, ocsp.OCSPCertStatus.UNKNOWN),
        lists.answered(lists.sealing(), AT),
        lists.answered(lists.sealing("ocsp"), AT)[:-40],
        lists.answered(lists.sealing("ocsp"), AT + timedelta(hours=1)),
    ],
    ids=["none", "page", "try later", "unknown", "of another", "cut", "early"],
)  # fmt: skip
def test_seal_waits_for_an_answer_that_can_be_trusted(drawn, replies, given):
    replies.assert_all_requests_are_fired = False
    lists.serve(replies, AT)
    replies.post(lists.ANSWERS, body=given)
    assert refusal(BusyError, drawn, lists.seal("ocsp")) == UNKNOWN.format(SEAL)


def test_seal_waits_for_an_answer_that_is_not_old(drawn, replies):
    replies.assert_all_requests_are_fired = False
    lists.serve(replies, AT)
    old = lists.answered(lists.sealing("ocsp"), AT - timedelta(hours=2))
    replies.post(lists.ANSWERS, body=old)
    assert refusal(BusyError, drawn, lists.seal("ocsp")) == STALE.format(SEAL)


def test_list_of_an_issuer_that_may_not_sign_lists_is_not_trusted(drawn, replies):
    """What its own certificate must allow: cRLSign."""
    root = lists.holder("modest root", uses=("key_cert_sign",))
    stamps = lists.holder(
        "stamps", root, uses=("digital_signature",), purpose=lists.STAMPS
    )  # fmt: skip
    lists.serve(replies, AT, stamps_root=None)
    replies.get(root.url, body=lists.listed(root, AT))
    with pytest.raises(BusyError) as refused:
        seal_pdf(
            drawn, lists.seal(), AT, lists.stamper(AT, stamps), tsa_roots=[lists.known(root)]
        )  # fmt: skip
    assert str(refused.value) == UNKNOWN.format(STAMPS)


@pytest.mark.parametrize(
    ("issuer", "revoked", "error", "expected"),
    [
        (lists.seals_authority, lists.sealing, KeyMissingError,
         REVOKED.format(SEAL, "ERASURE_SEAL_FILE")),
        (lists.seals_root, lists.seals_authority, KeyMissingError,
         REVOKED.format(SEAL, "ERASURE_SEAL_FILE")),
        (lists.stamps_root, lists.stamping, BusyError, REVOKED.format(STAMPS, "ERASURE_TSA_URL")),
    ],
    ids=["seal", "its authority", "time-stamps"],
)  # fmt: skip
def test_nothing_is_sealed_once_a_certificate_is_revoked(
    drawn, replies, issuer, revoked, error, expected
):
    replies.assert_all_requests_are_fired = False
    found = lists.listed(issuer(), AT, revoked())
    lists.serve(replies, AT, **{issuer().name.replace(" ", "_"): found})
    assert refusal(error, drawn) == expected


def test_nothing_is_sealed_once_its_issuer_answers_that_it_was_revoked(drawn, replies):
    replies.assert_all_requests_are_fired = False
    lists.serve(replies, AT)
    found = lists.answered(lists.sealing("ocsp"), AT, ocsp.OCSPCertStatus.REVOKED)
    replies.post(lists.ANSWERS, body=found)
    expected = REVOKED.format(SEAL, "ERASURE_SEAL_FILE")
    assert refusal(KeyMissingError, drawn, lists.seal("ocsp")) == expected


@pytest.mark.parametrize(
    "stamps",
    [
        partial(lists.holder, "stamps", uses=("digital_signature",), purpose=lists.STAMPS),
        partial(lists.holder, "stamps", lists.stamps_root(), uses=("digital_signature",)),
    ],
    ids=["of no root", "of another purpose"],
)
def test_authority_that_is_not_the_one_that_is_set_does_not_stamp(drawn, replies, stamps):
    replies.assert_all_requests_are_fired = False
    lists.serve(replies, AT)
    assert refusal(BusyError, drawn, stamper=lists.stamper(AT, stamps())) == (
        "The certificates of the time-stamp authority are not valid, or lead to no root that is "
        "set (ERASURE_TSA_URL)."
    )


def test_authority_whose_certificate_names_no_list_is_not_known(drawn, replies):
    lists.serve(replies, AT, stamps_root=None)
    silent = lists.stamper(AT, lists.silent_stamping())
    assert refusal(BusyError, drawn, stamper=silent) == UNKNOWN.format(STAMPS)


@pytest.mark.parametrize("source", ["crl", "ocsp"])
def test_seal_that_names_who_can_be_asked_may_last(source):
    require_sources(lists.seal(source))


@pytest.mark.parametrize("own", [given.seal, lambda: lists.seal("none")])
def test_seal_that_names_nobody_to_ask_may_not_last(own):
    with pytest.raises(KeyMissingError) as refused:
        require_sources(own())
    assert str(refused.value) == (
        "ERASURE_SEAL_LONG_TERM needs a seal whose certificates, but for the root, name where to "
        "ask over HTTP whether they were revoked (CRL or OCSP)."
    )
