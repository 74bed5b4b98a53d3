"""A letter as a plain page: what was written, nothing added but reference and page."""

from datetime import UTC, date, datetime, time

from erasure.documents.archive import About, archive
from erasure.documents.page import LETTER, NOTE, Frame
from erasure.documents.sheet import Sheet
from erasure.documents.words import day


def render_letter(
    text: str, reference: str, controller: str, sent: date, *, language: str = "en"
) -> bytes:
    """Set a letter as PDF/A-3b. Blank lines part paragraphs, line ends are kept.

    ``sent`` is the local date it bears, ``language`` its BCP 47 tag. The same
    input gives the same bytes.
    """
    sheet = Sheet(Frame(controller, reference))
    sheet.paragraph(controller, NOTE)
    sheet.paragraph(f"{day(sent)}, {reference}", NOTE)
    sheet.space(24)
    for paragraph in text.strip().split("\n\n"):
        sheet.broken(paragraph.splitlines(), LETTER)
        sheet.space(LETTER.leading / 2)
    about = About(
        title=f"Letter {reference}",
        author=controller,
        subject=f"Letter of {sent.isoformat()}",
        at=datetime.combine(sent, time(), UTC),
        language=language,
    )
    return archive(sheet.finish(), about, sheet.root)
