"""From drawn pages to a PDF/A-3b file with attachments (ISO 19005-3, PDF 1.7).

The same input gives the same bytes: no clock and no random identifier is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, pdfa

from erasure.documents.tags import Element, add_structure

LEVEL = "3b"
PRODUCER = "Erasure"

# What an attached file is to the page (Source, Data or Supplement), its media type, what it holds.
KINDS = {
    "certificate.json": (Name.Source, "application/json", "The certified facts"),
    "certificate.p7s": (Name.Supplement, "application/pkcs7-signature", "Signature of the facts"),
    "entries.jsonl": (Name.Data, "application/jsonl", "Every log entry of the case"),
    "entries.proof": (Name.Supplement, "text/plain", "Proof that the log holds the entries"),
    "certificate.tlog-proof": (Name.Supplement, "text/plain", "Proof that the log holds this"),
    "openings.jsonl": (Name.Data, "application/jsonl", "What the entries commit to"),
}
OTHER = (Name.Unspecified, "application/octet-stream", "")


@dataclass(frozen=True, slots=True)
class About:
    """Title, author (the controller), subject, moment of issue, language (BCP 47)."""

    title: str
    author: str
    subject: str
    at: datetime
    language: str = "en"


def archive(
    drawn: bytes, about: About, structure: Element, files: Mapping[str, bytes] | None = None
) -> bytes:
    """Add structure, metadata, attachments and the colour profile; write the file."""
    out = BytesIO()
    with pikepdf.open(BytesIO(drawn)) as pdf:
        for page in pdf.pages:
            if "/Trans" in page.obj:  # ReportLab writes an empty one, which is not allowed
                del page.obj["/Trans"]
        add_structure(pdf, structure)
        for name, data in sorted((files or {}).items()):
            _attach(pdf, name, data, about.at)
        _describe(pdf, about)
        pdfa.prepare(pdf, LEVEL)
        _date(pdf, about)
        pdf.save(out, **pdfa.resolve_save_kwargs(LEVEL, deterministic_id=True, min_version="1.7"))
    return out.getvalue()


def _attach(pdf: pikepdf.Pdf, name: str, data: bytes, at: datetime) -> None:
    relationship, media_type, holds = KINDS.get(name, OTHER)
    stamp = _stamp(at)
    attached = AttachedFileSpec(
        pdf,
        data,
        description=holds,
        filename=name,
        mime_type=media_type,
        creation_date=stamp,
        mod_date=stamp,
    )
    attached.relationship = relationship
    pdf.attachments[name] = attached
    if "/AF" not in pdf.Root:
        pdf.Root.AF = Array()
    pdf.Root.AF.append(pdf.attachments[name].obj)


def _describe(pdf: pikepdf.Pdf, about: About) -> None:
    pdf.Root.Lang = about.language
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.docinfo = pdf.make_indirect(
        Dictionary(
            Title=about.title,
            Author=about.author,
            Subject=about.subject,
            Creator=PRODUCER,
            CreationDate=_stamp(about.at),
            ModDate=_stamp(about.at),
        )
    )


def _date(pdf: pikepdf.Pdf, about: About) -> None:
    """Put the moment of issue where the preparation left the present moment."""
    at = about.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as data:
        data["xmp:CreateDate"] = data["xmp:ModifyDate"] = data["xmp:MetadataDate"] = at
        data["pdf:Producer"] = PRODUCER
        data["dc:language"] = {about.language}
    pdf.docinfo["/Producer"] = PRODUCER


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
