"""A PDF that shows a reader other files than those that were checked."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from erasure.documents.archive import About, archive
from erasure.documents.tags import Element
from erasure.proof import files
from erasure.proof.verify import State, verify
from tests.proof.given import certificate_pdf, pages_of, sealed, trusted

NICER = b'{"status":"COMPLETE"}'


def altered(change):
    """Version 1 as a PDF, after somebody changed what it embeds."""
    drawn = certificate_pdf(sealed(1), pages_of(1))
    with pikepdf.open(BytesIO(drawn)) as pdf:
        change(pdf)
        out = BytesIO()
        pdf.save(out)
    return files.parse(out.getvalue())


def specification(pdf, name):
    return pdf.make_indirect(pikepdf.AttachedFileSpec(pdf, NICER, filename=name).obj)


def on_a_page(pdf, name="certificate.json"):
    pin = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 20, 20],
        FS=specification(pdf, name),
    )  # fmt: skip
    pdf.pages[0].obj.Annots = pikepdf.Array([pin])


def at_the_catalog(pdf):
    pdf.Root.AF = pikepdf.Array([specification(pdf, "extra.pdf")])


def at_a_page(pdf):
    pdf.pages[0].obj.AF = pikepdf.Array([specification(pdf, "certificate.json")])


def deep_in_the_name_tree(pdf):
    tree = pdf.Root.Names.EmbeddedFiles
    names = pikepdf.Array(["x.json", specification(pdf, "x.json")])
    inner = pikepdf.Dictionary(Kids=pikepdf.Array([pikepdf.Dictionary(Names=names)]))
    tree.Kids = pikepdf.Array([inner])


def first(pdf):
    return pdf.Root.Names.EmbeddedFiles.Names[1]


def shown_otherwise(key):
    def change(pdf):
        first(pdf)[key] = pikepdf.String("openings.jsonl")

    return change


def with_two_contents(pdf):
    first(pdf).EF.F = pdf.make_stream(NICER)


def with_related_files(pdf):
    first(pdf).RF = pikepdf.Dictionary(F=pikepdf.Array(["x.json", pdf.make_stream(NICER)]))


@pytest.mark.parametrize(
    "change",
    [
        on_a_page,
        at_the_catalog,
        at_a_page,
        deep_in_the_name_tree,
        shown_otherwise("/UF"),
        shown_otherwise("/F"),
        with_two_contents,
        with_related_files,
    ],
)
def test_file_that_readers_list_beside_the_attachments_fails_v2(change):
    evidence = altered(change)
    assert dict(evidence.files) == sealed(1)
    found = verify(replace(evidence, pdf=None), trusted())
    assert {one.id: one.text for one in found if one.state is State.FAILED} == {
        "V2": "The PDF embeds 1 file(s) beside its attachments, or shows them under another name "
        "or with another content."
    }


def attached_at_the_catalog_too(pdf):
    pdf.Root.AF = pikepdf.Array([pdf.make_indirect(first(pdf))])


@pytest.mark.parametrize("change", [lambda _: None, attached_at_the_catalog_too])
def test_attachments_alone_are_no_strays(change):
    assert altered(change).strays == 0


def test_attachments_as_the_product_writes_them_are_no_strays():
    about = About("Certificate", "Example", "Erasure", datetime(2026, 1, 6, tzinfo=UTC))
    drawn = certificate_pdf({}, ["x"])
    evidence = files.parse(archive(drawn, about, Element("Document"), sealed(1)))
    assert (dict(evidence.files), evidence.strays) == (sealed(1), 0)
