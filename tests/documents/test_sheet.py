from erasure.documents.page import BODY, Frame
from erasure.documents.sheet import MOST_LINES, Column, Sheet
from tests.documents.given import lines, pages

COLUMNS = [Column("No.", 40, right=True), Column("What")]


def filled(write):
    sheet = Sheet(Frame("Title", "R-1"))
    write(sheet)
    return sheet.finish()


def test_table_over_pages_repeats_its_headings():
    def write(sheet):
        sheet.table(COLUMNS, ((str(row), "x") for row in range(100)))

    found = pages(filled(write))
    assert [page.count("What") for page in found] == [1] * len(found)


def test_heading_never_ends_a_page():
    for above in range(30, 52):

        def write(sheet, above=above):
            for _ in range(above):
                sheet.paragraph("above")
            sheet.heading("Heading")
            sheet.table(COLUMNS, [("1", "below")])

        page = next(page for page in pages(filled(write)) if "Heading" in page)
        assert page.count("below") == 1


def test_row_higher_than_its_page_is_cut_with_an_ellipsis():
    def write(sheet):
        sheet.table(COLUMNS, [("1", "long " * 5000)])

    found = lines(filled(write))
    assert sum(line.startswith("long") for line in found) == MOST_LINES
    assert [line for line in found if line.endswith("…")] == [found[found.index("1") + MOST_LINES]]


def test_paragraph_longer_than_a_page_goes_on_without_loss():
    found = pages(filled(lambda sheet: sheet.paragraph("word " * 4000, BODY)))
    assert sum(page.count("word") for page in found) == 4000
