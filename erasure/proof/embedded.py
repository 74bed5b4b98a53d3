"""Every file that a PDF embeds, wherever it stands: readers list more than the attachments.

An annotation on a page, or the catalog's own list, can carry one too; and a reader may show
the name in the file specification (/UF, /F) rather than the one it is attached under.
"""

from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

NAMES = ("/F", "/UF", "/DOS", "/Mac", "/Unix")  # ISO 32000-1, table 44


def count_strays(reader: PdfReader) -> int:
    """How many file specifications are no attachment, or show another name or content too."""
    attached = [([one.name], _contents(one.pdf_object)) for one in reader.attachment_list]
    shown = [(_names(one), _contents(one)) for one in _dictionaries(reader) if "/EF" in one]
    return sum(
        1 for names, contents in shown if len(contents) > 1 or (names, contents) not in attached
    )


def _names(specification: DictionaryObject) -> list[str]:
    """What a reader may call the file, each once."""
    return sorted({str(specification[key]) for key in NAMES if key in specification})


def _contents(specification: DictionaryObject) -> list[int]:
    """The objects that a reader may take for its content, each once."""
    files: Any = specification["/EF"]
    related = [specification.raw_get("/RF")] if "/RF" in specification else []
    return sorted({getattr(one, "idnum", 0) for one in (*files.values(), *related)})


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that the trailer leads to, each once."""
    waiting: list[Any] = [reader.trailer]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, ArrayObject):
            waiting.extend(one)
