import pytest

from erasure.documents.text import BOLD, REGULAR, Style, clean, drawable, shape, width, wrap

BODY = Style(size=10)


def test_shape_of_latin_text_changes_nothing():
    assert shape("Größe & Straße") == "Größe & Straße"


def test_shape_of_arabic_joins_letters_from_the_right():
    assert shape("سلام") == "\ufee1\ufefc\ufeb3"


def test_shape_of_a_mixed_line_turns_the_arabic_part_only():
    assert shape("Dr. سلام, Wien") == "Dr. \ufee1\ufefc\ufeb3, Wien"


@pytest.mark.parametrize("font", [REGULAR, BOLD])
def test_drawable_without_a_glyph_shows_a_square(font):
    assert drawable("張 Zhang", font) == "\u25a1 Zhang"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\tb\nc", "a b c"),
        ("\u202eevil", "evil"),
        ("zero\u200bwidth", "zerowidth"),
        ("o\u0308", "ö"),
        ("\ud800x", "x"),
    ],
)
def test_clean_keeps_only_what_is_seen(text, cleaned):
    assert clean(text) == cleaned


def test_wrap_of_a_short_text_is_one_line():
    assert wrap("short", BODY, 100) == ["short"]


def test_wrap_keeps_every_word_and_the_width():
    text = "one two three four five six seven eight nine ten"
    lines = wrap(text, BODY, 80)
    assert " ".join(lines) == text
    assert max(width(line, BODY) for line in lines) <= 80


def test_wrap_of_a_word_wider_than_the_line_cuts_it():
    lines = wrap("d" * 64, BODY, 100)
    assert "".join(lines) == "d" * 64
    assert max(width(line, BODY) for line in lines) <= 100


def test_wrap_of_a_long_identifier_breaks_after_punctuation():
    assert wrap("genesys-cloud.external_contacts", BODY, 120) == [
        "genesys-cloud.",
        "external_contacts",
    ]


def test_wrap_past_the_most_lines_ends_with_an_ellipsis():
    assert wrap("one two three four", BODY, 32, most=2) == ["one", "two…"]


def test_wrap_of_arabic_keeps_reading_order():
    assert wrap("سلام عليكم", BODY, 30) == ["سلام", "عليكم"]
