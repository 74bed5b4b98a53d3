"""Read a certificate, PDF or JSON bundle, into the files it carries.

Whatever is handed in, the only error is ``UnreadableError`` with one sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from erasure.proof import canonical
from erasure.proof.embedded import count_strays
from erasure.proof.encoding import b64, unb64
from erasure.proof.errors import UnreadableError

BUNDLE_SCHEMA = "erasure-certificate-bundle/v1"
CERTIFICATE = "certificate.json"
SIGNATURE = "certificate.p7s"
ENTRIES = "entries.jsonl"
ENTRIES_PROOF = "entries.proof"
TLOG_PROOF = "certificate.tlog-proof"
OPENINGS = "openings.jsonl"
REQUIRED = (CERTIFICATE, SIGNATURE, ENTRIES, ENTRIES_PROOF, TLOG_PROOF)
KNOWN = (*REQUIRED, OPENINGS)

MOST_BYTES = 64 * 1024 * 1024
END_BYTES = 1024  # within which a PDF must say that it ends
PRINTED_PAGES = 10  # the facts stand on the first pages; the annex is not searched


@dataclass(frozen=True, slots=True)
class Evidence:
    """The files of a certificate; when it was a PDF, its bytes and the text of its pages.

    ``strays``: how many files the PDF embeds beside these, or shows under another name.
    """

    files: Mapping[str, bytes] = field(repr=False)
    printed_text: str | None = field(default=None, repr=False)
    pdf: bytes | None = field(default=None, repr=False)
    strays: int = 0


def bundle(files: Mapping[str, bytes]) -> bytes:
    """The JSON bundle: each file as text, the CMS signature in base64.

    Raises:
        ValueError: a file is not UTF-8.
    """
    texts = {
        name: b64(data) if name == SIGNATURE else data.decode() for name, data in files.items()
    }
    return canonical.encode({"schema": BUNDLE_SCHEMA, "files": texts})


def read(path: Path | str) -> Evidence:
    """Read a certificate from a file.

    Raises:
        UnreadableError: missing, too large, or neither a readable PDF nor a bundle.
    """
    return parse(read_bytes(path))


def read_bytes(path: Path | str) -> bytes:
    """The bytes of a file of at most 64 MiB.

    Raises:
        UnreadableError: it cannot be opened or is too large.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise UnreadableError("The file cannot be opened.") from None
    if len(data) > MOST_BYTES:
        raise UnreadableError("The file is larger than 64 MiB.")
    return data


def parse(data: bytes) -> Evidence:
    """Read a certificate from its bytes: a PDF with attachments, or a JSON bundle.

    Raises:
        UnreadableError: as ``read``.
    """
    if data.startswith(b"%PDF-"):
        evidence = _parse_pdf(data)
    elif data.startswith(b"{"):
        evidence = Evidence(_parse_bundle(data))
    else:
        raise UnreadableError("The file is neither a PDF nor a certificate bundle.")
    if CERTIFICATE not in evidence.files:
        raise UnreadableError(f"The file carries no {CERTIFICATE}.")
    try:
        canonical.decode(evidence.files[CERTIFICATE])
    except ValueError as why:
        raise UnreadableError(f"{CERTIFICATE} {why}.") from None
    return evidence


def _parse_bundle(data: bytes) -> dict[str, bytes]:
    try:
        value = canonical.decode(data, canonical=True)
    except ValueError as why:
        raise UnreadableError(f"The certificate bundle {why}.") from None
    if value.keys() != {"schema", "files"} or value["schema"] != BUNDLE_SCHEMA:
        raise UnreadableError(f"The file is no {BUNDLE_SCHEMA}.")
    files = value["files"]
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise UnreadableError("The files of the certificate bundle are not texts.")
    try:
        return {
            name: unb64(text) if name == SIGNATURE else text.encode()
            for name, text in files.items()
        }
    except ValueError:  # base64, or half of a pair of UTF-16
        raise UnreadableError("A file of the certificate bundle cannot be decoded.") from None


def _parse_pdf(data: bytes) -> Evidence:
    if b"%%EOF" not in data[-END_BYTES:]:
        raise UnreadableError("The PDF is cut off.")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableError("The PDF is encrypted.")
        files = _attachments(reader)
        strays = count_strays(reader)
        pages = [page.extract_text() for page in reader.pages[:PRINTED_PAGES]]
    except (UnreadableError, MemoryError):
        raise
    except Exception:  # a broken PDF can make the parser raise anything
        raise UnreadableError("The PDF is damaged and cannot be read.") from None
    return Evidence(files, "\n".join(pages), data, strays)


def _attachments(reader: PdfReader) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for attachment in reader.attachment_list:
        if attachment.name in files:
            raise UnreadableError("Two attachments of the PDF have the same name.")
        files[attachment.name] = attachment.content
        total += len(files[attachment.name])
        if total > MOST_BYTES:
            raise UnreadableError("The attachments of the PDF are larger than 64 MiB.")
    return files
