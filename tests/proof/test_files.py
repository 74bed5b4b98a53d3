import pytest

from erasure.proof import files
from erasure.proof.errors import UnreadableError
from tests.proof.given import certificate_pdf
from tests.proof.given import files as published


def test_bundle_is_read_as_it_was_written():
    evidence = files.parse(files.bundle(published(1)))
    assert (dict(evidence.files), evidence.printed_text) == (published(1), None)


def test_bundle_carries_the_binary_signature_too():
    signed = published(1) | {"certificate.p7s": b"\xff\x00"}
    assert dict(files.parse(files.bundle(signed)).files) == signed


def test_pdf_gives_its_attachments_and_the_text_of_its_pages():
    evidence = files.parse(certificate_pdf(published(2), ["Facts as recorded", "Items: 5"]))
    assert dict(evidence.files) == published(2)
    assert evidence.pdf.startswith(b"%PDF-")
    assert evidence.printed_text.split() == ["Facts", "as", "recorded", "Items:", "5"]


def test_read_of_a_file_gives_its_files(tmp_path):
    (tmp_path / "c.json").write_bytes(files.bundle(published(1)))
    assert dict(files.read(tmp_path / "c.json").files) == published(1)


PDF = certificate_pdf(published(1), ["x"])
TWICE = certificate_pdf(published(1), ["x"], twice=True)
BUNDLE = files.bundle(published(1))
OTHER_BUNDLE = BUNDLE.replace(b"bundle/v1", b"bundle/v2")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "The file is neither a PDF nor a certificate bundle."),
        (b"PK\x03\x04", "The file is neither a PDF nor a certificate bundle."),
        (b"{", "The certificate bundle is not JSON."),
        (BUNDLE + b"\n", "The certificate bundle is not in canonical form."),
        (b"{}", "The file is no erasure-certificate-bundle/v1."),
        (
            BUNDLE.replace(b"bundle/v1", b"bundle/v2"),
            "The file is no erasure-certificate-bundle/v1.",
        ),
        (
            b'{"files":[],"schema":"erasure-certificate-bundle/v1"}',
            "The files of the certificate bundle are not texts.",
        ),
        (
            b'{"files":{"certificate.json":1},"schema":"erasure-certificate-bundle/v1"}',
            "The files of the certificate bundle are not texts.",
        ),
        (
            b'{"files":{},"schema":"erasure-certificate-bundle/v1"}',
            "The file carries no certificate.json.",
        ),
        (
            b'{"files":{"certificate.json":"","certificate.p7s":"*"},'
            b'"schema":"erasure-certificate-bundle/v1"}',
            "A file of the certificate bundle cannot be decoded.",
        ),
        (
            b'{"files":{"certificate.json":"{\\"a\\":1,\\"a\\":1}"},'
            b'"schema":"erasure-certificate-bundle/v1"}',
            "certificate.json has a duplicate key.",
        ),
        (certificate_pdf({}, ["x"]), "The file carries no certificate.json."),
        (
            certificate_pdf(published(1), ["x"], twice=True),
            "Two attachments of the PDF have the same name.",
        ),
        (certificate_pdf(published(1), ["x"], password="secret"), "The PDF is encrypted."),
        (b"%PDF-1.7\n", "The PDF is cut off."),
        (PDF[:200], "The PDF is cut off."),
        (b"%PDF-1.7\n%%EOF", "The PDF is damaged and cannot be read."),
    ],
)
def test_parse_of_what_is_no_certificate_says_why(data, why):
    with pytest.raises(UnreadableError) as unreadable:
        files.parse(data)
    assert str(unreadable.value) == why


def test_parse_of_attachments_too_large_says_so(monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    with pytest.raises(UnreadableError, match="attachments of the PDF are larger"):
        files.parse(PDF)


def test_read_of_a_file_too_large_says_so(tmp_path):
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(files.MOST_BYTES + 1)
    with pytest.raises(UnreadableError, match=r"^The file is larger than 64 MiB\.$"):
        files.read(large)


@pytest.mark.parametrize("name", ["missing.pdf", ".", "nul\0"])
def test_read_of_a_path_that_is_no_file_says_so(tmp_path, name):
    with pytest.raises(UnreadableError, match=r"^The file cannot be opened\.$"):
        files.read(f"{tmp_path}/{name}")
