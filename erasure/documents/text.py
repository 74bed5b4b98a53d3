"""Text as it is drawn: embedded fonts, right-to-left names, wrapping.

Widths and sizes are in points (1/72 inch). Lines stay in reading order until
they are drawn; ``shape`` turns one line into drawing order.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import arabic_reshaper
from bidi import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
JOINTS = "-._/?=&@"  # a long identifier may break after one of these
NO_GLYPH = "\u25a1"  # a hollow square: the font has no such character

for _name in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_name, str(FONTS / f"{_name}.ttf")))

_GLYPHS = {name: pdfmetrics.getFont(name).face.charToGlyph for name in (REGULAR, BOLD)}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI"})


@dataclass(frozen=True, slots=True)
class Style:
    """How a run of text looks: font name, size and line height in points, RGB hex colour."""

    font: str = REGULAR
    size: float = 10
    leading: float = 14
    colour: str = "#1b1f24"


def clean(text: str) -> str:
    """One line of composed characters: no control or invisible formatting characters."""
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in composed)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Co", "Cs", "Cn"))


def is_right_to_left(text: str) -> bool:
    """Whether any character is written from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text
    )


@lru_cache(maxsize=4096)
def shape(text: str) -> str:
    """Join Arabic letters and put one line into drawing order, from left to right."""
    if not is_right_to_left(text):
        return text
    return str(get_display(arabic_reshaper.reshape(text)))


def drawable(text: str, font: str) -> str:
    """One line in drawing order; what the font cannot draw shows as a hollow square."""
    if text.isascii():
        return text
    shaped, glyphs = shape(text), _GLYPHS[font]
    return "".join(char if ord(char) in glyphs else NO_GLYPH for char in shaped)


@lru_cache(maxsize=8192)
def width(text: str, style: Style) -> float:
    """The drawn width of one line, in points."""
    return float(pdfmetrics.stringWidth(drawable(text, style.font), style.font, style.size))


def wrap(text: str, style: Style, room: float, *, most: int = 0) -> list[str]:
    """Break text into lines, in reading order, none wider than ``room`` points.

    Words too long for a line are cut. With ``most``, that many lines at the
    most: the last one then ends with an ellipsis.
    """
    return list(_wrapped(text, style, room, most))


@lru_cache(maxsize=4096)
def _wrapped(text: str, style: Style, room: float, most: int) -> tuple[str, ...]:
    """The same title stands in a column thousands of times."""
    text = clean(text)
    if width(text, style) <= room:
        return (text,)
    lines = _fill(text.split(" "), style, room)
    if most and len(lines) > most:
        lines = [*lines[: most - 1], _shorten(lines[most - 1], style, room)]
    return tuple(lines)


def _fill(words: list[str], style: Style, room: float) -> list[str]:
    lines, line = [], ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if width(longer, style) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, style, room)
        lines += full
    return [*lines, line]


def _cut(word: str, style: Style, room: float) -> list[str]:
    """Cut a long word; after punctuation where that leaves more than half a line."""
    pieces = [""]
    for char in word:
        if pieces[-1] and width(pieces[-1] + char, style) > room:
            line = pieces[-1]
            end = max(line.rfind(mark) + 1 for mark in JOINTS)
            end = end if end > len(line) / 2 else len(line)
            pieces[-1:] = [line[:end], line[end:]]
        pieces[-1] += char
    return pieces


def _shorten(line: str, style: Style, room: float) -> str:
    while line and width(f"{line}\u2026", style) > room:
        line = line[:-1]
    return f"{line.rstrip()}\u2026"
