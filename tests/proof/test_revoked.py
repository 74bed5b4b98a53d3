"""What a verifier concludes from the lists that a PDF carries, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from asn1crypto import crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from erasure.errors import TamperedError
from erasure.proof import files as reading
from erasure.proof.seals import check_pdf
from erasure.proof.verify import verify
from erasure.sealing.sign import seal_pdf
from tests.documents.given import rendered
from tests.proof.given import certificate_pdf, pages_of, sealed, trusted
from tests.sealing import lists
from tests.sealing.given import kept

AT = datetime(2026, 1, 6, 13, 5, tzinfo=UTC)
DAY = timedelta(days=1)
REVOKED = (
    "A certificate behind the signature of the PDF had been revoked when it was made, as its "
    "issuer says in the PDF."
)
UNREADABLE = "The signature of the PDF cannot be read."


@pytest.fixture(scope="module")
def drawn():
    return rendered()


def sealed_over(pdf, *, source="crl", stamps=True):
    """A seal by somebody who asks nobody whether something was revoked."""
    return seal_pdf(pdf, lists.seal(source), AT, lists.stamper(AT) if stamps else None)


def carrying(pdf, *found, answers=()):
    """A PDF with lists in it, whatever they say; not sealed yet."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        crls=[crl.CertificateList.load(one) for one in found],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in answers],
    )
    return written(writer)


def written(writer):
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def every_list(*revoked, **given):
    """Every list that is needed, and in its own issuer's the certificates that are revoked."""
    return [
        lists.listed(issuer, AT, *[one for one in revoked if one.issuer is issuer], **given)
        for issuer in (lists.seals_root(), lists.seals_authority(), lists.stamps_root())
    ]


def is_unrevoked(pdf):
    """Whether it is known that nothing was revoked. The seal itself holds."""
    return check_pdf(pdf, lists.roots()).unrevoked


def why(pdf):
    with pytest.raises(TamperedError) as refused:
        check_pdf(pdf, lists.roots())
    return str(refused.value)


def test_v1_says_that_nothing_had_been_revoked():
    pdf = sealed_over(carrying(certificate_pdf(sealed(1), pages_of(1)), *every_list()))
    pems = [
        kept(one.certificate.public_bytes(lists.PEM))
        for one in (lists.seals_root(), lists.stamps_root())
    ]
    trust = replace(trusted(), roots=tuple(pems), seals=(lists.seal().sha256,))
    assert next(one.text for one in verify(reading.parse(pdf), trust) if one.id == "V1") == (
        "The PDF is whole and carries the one seal of 2026-01-06T13:05:00Z, time-stamped "
        "2026-01-06T13:05:00Z; nothing of either had been revoked by then."
    )


def test_lists_for_every_certificate_say_that_nothing_was_revoked(drawn):
    assert is_unrevoked(sealed_over(carrying(drawn, *every_list())))


def test_answer_says_so_too(drawn):
    answer = lists.answered(lists.sealing("ocsp"), AT)
    pdf = carrying(drawn, *every_list(), answers=[answer])
    assert is_unrevoked(sealed_over(pdf, source="ocsp"))


@pytest.mark.parametrize(
    "revoked", [lists.sealing, lists.seals_authority, lists.stamping],
    ids=["seal", "its authority", "time-stamps"],
)  # fmt: skip
def test_list_that_revokes_a_certificate_refuses_the_seal(drawn, revoked):
    assert why(sealed_over(carrying(drawn, *every_list(revoked())))) == REVOKED


def test_list_that_revokes_the_seal_refuses_it_without_any_other(drawn):
    """Nothing is known of the certificate above it, and there is no time-stamp."""
    found = lists.listed(lists.seals_authority(), AT, lists.sealing())
    assert why(sealed_over(carrying(drawn, found), stamps=False)) == REVOKED


def test_answer_that_revokes_the_seal_refuses_it(drawn):
    answer = lists.answered(lists.sealing("ocsp"), AT, ocsp.OCSPCertStatus.REVOKED)
    assert why(sealed_over(carrying(drawn, answers=[answer]), source="ocsp")) == REVOKED


def test_seal_that_was_revoked_only_later_holds(drawn):
    assert is_unrevoked(
        sealed_over(carrying(drawn, *every_list(lists.sealing(), on=AT + timedelta(seconds=1))))
    )


@pytest.mark.parametrize(
    "found",
    [
        list,
        lambda: every_list()[:2],
        lambda: every_list()[1:],
        lambda: every_list(lists.sealing(), age=8 * DAY),
        lambda: every_list(lists.sealing(), age=-DAY),
        lambda: [
            *every_list()[::2],
            lists.listed(
                lists.seals_authority(), AT, lists.sealing(), by=lists.holder("seals authority")
            ),
        ],
    ],
    ids=["none", "none of time-stamps", "none of the root", "old", "new", "a stranger's"],
)
def test_nothing_is_concluded_from_lists_that_are_not_there_or_cannot_be_trusted(drawn, found):
    assert not is_unrevoked(sealed_over(carrying(drawn, *found())))


def test_nothing_is_concluded_without_a_time_stamp(drawn):
    """The moment is the signer's word alone."""
    assert not is_unrevoked(sealed_over(carrying(drawn, *every_list()), stamps=False))


def test_nothing_is_concluded_from_what_was_added_after_the_seal(drawn):
    """Nobody signed it: neither a good word nor a bad one counts."""
    for found in (every_list(), every_list(lists.sealing())):
        later = carrying(sealed_over(drawn), *found)
        assert not is_unrevoked(later)


def test_list_of_which_a_byte_was_altered_refuses_the_pdf(drawn):
    whole = sealed_over(carrying(drawn, *every_list()))
    for found in every_list():
        at = whole.index(found[: len(found) - 300]) + 40
        assert why(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]) in (
            "The signature of the PDF is wrong: the bytes are not those that were signed.",
            UNREADABLE,
        )


def stream(data):
    return lambda writer: writer.add_object(generic.StreamObject(stream_data=data))


def dictionary(**given):
    return lambda writer: generic.DictionaryObject(
        {f"/{name}": generic.ArrayObject([one(writer)]) for name, one in given.items()}
    )


def cut():
    return every_list()[0][:-10]


@pytest.mark.parametrize(
    "store",
    [
        lambda writer: generic.NumberObject(5),
        lambda writer: generic.ArrayObject([]),
        lambda writer: generic.DictionaryObject({"/CRLs": generic.NumberObject(5)}),
        dictionary(CRLs=lambda writer: writer.add_object(generic.NumberObject(5))),
        dictionary(CRLs=lambda writer: generic.IndirectObject(99999, 0, writer)),
        dictionary(CRLs=stream(b"nonsense")),
        dictionary(CRLs=stream(b"")),
        dictionary(CRLs=stream(b"\x30\x03\x02\x01\x05")),
        dictionary(CRLs=lambda writer: stream(cut())(writer)),
        dictionary(CRLs=lambda writer: stream(every_list()[0] + b"more")(writer)),
        dictionary(OCSPs=stream(b"nonsense")),
        dictionary(OCSPs=lambda writer: stream(every_list()[0])(writer)),
        dictionary(Certs=stream(b"nonsense")),
    ],
    ids=[
        "a number", "an array", "no array", "no stream", "nowhere", "nonsense", "empty", "DER",
        "cut", "more", "no answer", "a list as an answer", "no certificate",
    ],
)  # fmt: skip
def test_malformed_store_under_the_seal_is_refused_in_a_sentence(drawn, store):
    writer = IncrementalPdfFileWriter(BytesIO(drawn))
    writer.root["/DSS"] = store(writer)
    writer.update_root()
    assert why(sealed_over(written(writer))) == UNREADABLE
