"""What the seal signs; whether it holds is judged by tests/proof/test_seals.py."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from erasure.errors import BusyError, RefusedError
from erasure.sealing.sign import seal_pdf, sign_file, time_stamper
from tests.documents.given import opened, rendered
from tests.sealing.given import seal

AT = datetime(2026, 12, 9, 7, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawn():
    return rendered()


@pytest.fixture(scope="module")
def done(drawn):
    return seal_pdf(drawn, seal(), AT)


def test_seal_leaves_title_producer_dates_and_version_as_they_were(drawn, done):
    with opened(drawn) as before, opened(done) as after:
        assert dict(after.docinfo) == dict(before.docinfo)
        assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert (after.pdf_version, "/Version" in after.Root) == ("1.7", False)


def test_seal_says_when_it_was_made_by_the_clock_it_was_told(done):
    signature = PdfFileReader(BytesIO(done)).embedded_signatures[0]
    assert signature.self_reported_timestamp == AT
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


def test_seal_is_not_seen_and_breaks_no_rule_of_pdfa(done):
    """What the validator cannot judge once there is a signature is neither passed nor failed."""
    with opened(done) as pdf:
        with pytest.raises(pikepdf.pdfa.PdfaError) as judged:
            pikepdf.pdfa.save(pdf, BytesIO(), "3b", repair=False)
        field = pdf.Root.AcroForm.Fields[0]
        assert [float(each) for each in field.Rect] == [0, 0, 0, 0]
    assert "not_checked (0 violation(s)" in str(judged.value)


def test_seal_of_what_is_no_pdf_is_refused():
    with pytest.raises(RefusedError):
        seal_pdf(b"%PDF-1.7\nnonsense", seal(), AT)


def test_seal_without_an_answer_of_the_time_stamp_authority_waits(drawn, replies):
    replies.post("https://tsa.example.org/", status=502)
    with pytest.raises(BusyError) as busy:
        seal_pdf(drawn, seal(), AT, time_stamper("https://tsa.example.org/"))
    assert str(busy.value) == "The time-stamp authority does not answer."


def test_time_stamps_are_asked_for_only_where_an_authority_is_set():
    assert time_stamper("") is None


def test_signature_of_a_file_does_not_hold_the_file():
    assert b"nothing but a digest" not in sign_file(b"nothing but a digest", seal(), AT)
