from datetime import UTC, datetime

from erasure.documents.archive import About, archive
from erasure.documents.page import Frame
from erasure.documents.sheet import Sheet
from tests.documents.given import conforms, opened

ABOUT = About("Title <&>", "Größe GmbH", "Subject", datetime(2026, 1, 6, tzinfo=UTC), "de-AT")


def archived(files=None):
    sheet = Sheet(Frame("Title", "R-1"))
    sheet.paragraph("text")
    return archive(sheet.finish(), ABOUT, sheet.root, files)


def test_archive_of_an_unknown_file_leaves_its_relationship_open():
    data = archived({"note.bin": bytes(range(256))})
    assert conforms(data) == "pass"
    with opened(data) as pdf:
        assert str(pdf.Root.AF[0].AFRelationship) == "/Unspecified"
        assert pdf.attachments["note.bin"].get_file().read_bytes() == bytes(range(256))


def test_archive_without_files_has_none():
    with opened(archived()) as pdf:
        assert ("/AF" in pdf.Root, len(pdf.attachments)) == (False, 0)


def test_archive_does_not_depend_on_the_order_of_the_files():
    assert archived({"a": b"1", "b": b"2"}) == archived({"b": b"2", "a": b"1"})


def test_archive_writes_title_author_and_language_into_the_metadata():
    with opened(archived()) as pdf, pdf.open_metadata() as data:
        found = (data["dc:title"], list(data["dc:creator"]), set(data["dc:language"]))
        assert found == ("Title <&>", ["Größe GmbH"], {"de-AT"})
        assert str(pdf.docinfo.Author) == "Größe GmbH"
