"""A letter on paper: its words, nothing added but reference and page."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from itertools import groupby

from erasure.documents.archive import About, archive
from erasure.documents.letters import Block, Element, Look, Written
from erasure.documents.page import LETTER, NOTE, STRONG, Frame
from erasure.documents.sheet import Sheet
from erasure.documents.text import Style

LOOKS: dict[Look, Style] = {Look.TEXT: LETTER, Look.STRONG: STRONG}
KEEP = 3 * LETTER.leading  # a heading stays with so much of what follows
CLOSING = 7 * LETTER.leading  # what ends a letter stands together


def render_letter(letter: Written) -> bytes:
    """Set a letter as PDF/A-3b. The same letter gives the same bytes."""
    sheet = Sheet(Frame(letter.sender, letter.reference, paging=letter.paging))
    sheet.paragraph(letter.sender, NOTE)
    sheet.space(26)
    if letter.addressee:
        sheet.paragraph(letter.addressee, LETTER)
        sheet.space(26)
    sheet.paragraph(f"{letter.dateline}, {letter.reference}", NOTE)
    sheet.space(4)
    sheet.title(letter.title)
    sheet.space(10)
    body, closing = _apart(letter.blocks)
    _blocks(sheet, body)
    sheet.keep(CLOSING)
    _blocks(sheet, closing)
    about = About(
        title=f"{letter.title}, {letter.reference}",
        author=letter.sender,
        subject=letter.subject,
        at=datetime.combine(letter.written_on, time(), UTC),
        language=letter.language,
    )
    return archive(sheet.finish(), about, sheet.root)


def _apart(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """The letter, and how it ends: whom to ask, the courtesy, who writes."""
    ends = next(n for n, block in enumerate(blocks) if block.element is Element.CONTACT)
    return blocks[:ends], blocks[ends:]


def _blocks(sheet: Sheet, blocks: Sequence[Block]) -> None:
    for look, some in groupby(blocks, key=lambda block: block.look):
        _set(sheet, look, [block.text for block in some])


def _set(sheet: Sheet, look: Look, texts: list[str]) -> None:
    if look is Look.POINT:
        sheet.points(texts, LETTER)
        sheet.space(LETTER.leading / 2)
        return
    for text in texts:
        if look is Look.HEADING:
            sheet.heading(text, KEEP)
        else:
            sheet.paragraph(text, LOOKS[look])
            sheet.space(LETTER.leading / 2)


def as_text(letter: Written) -> str:
    """The same letter as plain text, for a mail."""
    return "\n\n".join(
        ("\n" if look is Look.POINT else "\n\n").join(map(_line, some))
        for look, some in groupby(letter.blocks, key=lambda block: block.look)
    )


def _line(block: Block) -> str:
    return f"- {block.text}" if block.look is Look.POINT else block.text
