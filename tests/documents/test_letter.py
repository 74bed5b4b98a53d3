from datetime import date

import pytest

from erasure.documents.letter import render_letter
from tests.documents.given import ARABIC, conforms, lines, opened, pages

TEXT = "Dear Ada Beispiel,\n\nWe erased <everything> & more.\n\nYours\nExample GmbH"


def letter(text=TEXT, **changed):
    return render_letter(text, "ER-2026-000001", "Example GmbH", date(2026, 1, 6), **changed)


@pytest.mark.parametrize("text", ["", TEXT, ARABIC, "word " * 5000])
def test_letter_of_any_text_is_pdfa_3b(text):
    assert conforms(letter(text)) == "pass"


def test_letter_keeps_paragraphs_and_line_ends():
    assert lines(letter()) == [
        "Example GmbH",
        "6 Jan 2026, ER-2026-000001",
        "Dear Ada Beispiel,",
        "We erased <everything> & more.",
        "Yours",
        "Example GmbH",
        "ER-2026-000001",
        "Page 1 of 1",
    ]


def test_letter_over_pages_loses_no_word():
    text = " ".join(pages(letter("word " * 3000))).split()
    assert text.count("word") == 3000


def test_letter_says_its_language():
    with opened(letter(language="de")) as pdf:
        assert str(pdf.Root.Lang) == "de"
