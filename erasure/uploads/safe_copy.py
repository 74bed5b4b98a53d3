"""Take an uploaded document apart and keep a fresh drawing of it only.

Content decides, never name or declared type. Nothing of the upload itself is
kept: no metadata, no script, no second file hidden in it. It is opened in a
process of its own, with bounded time and memory and an empty environment, and
it never touches a disk.
"""

import json
import subprocess  # nosec B404
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Timer

from erasure.errors import BusyError, InputError

MIB = 2**20
MAX_BYTES = 10 * MIB
MAX_PIXELS = 40_000_000
MAX_PAGES = 10
SECONDS = 20.0
LAST_SECONDS = 5.0  # between its last byte and its end
MEMORY = 1536 * MIB  # address space of the other process
PAGE_BYTES = 8 * MIB  # no page of REDRAW comes near: its longest side is bounded
REDRAW = Path(__file__).with_name("redraw.py")

PDF_START = b"%PDF-"
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
PNG_START = b"\x89PNG\r\n\x1a\n"
BLANKS = b"\xef\xbb\xbf \t\r\n"


class Kind(StrEnum):
    PDF = "PDF"
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"


@dataclass(frozen=True, slots=True)
class SafeCopy:
    """Fresh JPEG pages, and what the upload was."""

    pages: tuple[bytes, ...] = field(repr=False)
    kind: Kind


def safe_copy(
    data: bytes,
    *,
    mark: str = "",
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    max_pages: int = MAX_PAGES,
    seconds: float = SECONDS,
) -> SafeCopy:
    """Redraw a PDF, JPEG, PNG or WebP as JPEG pages, ``mark`` written over each.

    Raises:
        InputError: ``document``; the sentence says what the person can do.
        BusyError: no process could be started to open it.
    """
    if not data:
        raise refusal("The file is empty. Choose the file with the document once more.")
    if len(data) > max_bytes:
        raise refusal(f"The file is larger than {size(max_bytes)}. Upload a smaller scan or photo.")
    kind = kind_of(data)
    head, body = split(redraw(data, kind, mark, max_pixels, max_pages, seconds))
    if reason := head.get("refused"):
        raise refusal(sentence(str(reason), max_pixels, max_pages))
    return SafeCopy(cut(body, head.get("pages"), max_pages), kind)


def kind_of(data: bytes) -> Kind:
    """What the first bytes say it is.

    Raises:
        InputError: none of the accepted kinds.
    """
    if data.startswith(JPEG_START):
        return Kind.JPEG
    if data.startswith(PNG_START):
        return Kind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[:1024].lstrip(BLANKS).startswith(PDF_START):
        return Kind.PDF
    raise refusal("This is not a PDF, JPEG, PNG or WebP file. Upload one of these.")


def redraw(
    data: bytes, kind: Kind, mark: str, max_pixels: int, max_pages: int, seconds: float
) -> bytes:
    """What the other process answers, at most as much as the pages may be."""
    limits = [kind, mark, max_pixels, max_pages, round(seconds) + 1, MEMORY]
    command = [sys.executable, "-I", "-B", str(REDRAW), *map(str, limits)]
    most = MIB + max_pages * PAGE_BYTES
    try:
        child = subprocess.Popen(  # noqa: S603  # nosec B603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
    except OSError:
        raise BusyError("The upload cannot be checked at the moment.") from None
    timer = Timer(seconds, child.kill)
    with child:
        timer.start()
        try:
            answer = exchange(child, data, most)
        finally:
            timer.cancel()
            child.kill()
    return checked(answer, child.returncode, most)


def exchange(child: "subprocess.Popen[bytes]", data: bytes, most: int) -> bytes:
    """Hand the upload over whole, then read; the other side does it the other way round."""
    if child.stdin is None or child.stdout is None:
        raise BusyError("The upload cannot be checked at the moment.")
    with suppress(BrokenPipeError), child.stdin as pipe:
        pipe.write(data)
    answer = child.stdout.read(most + 1)
    with suppress(subprocess.TimeoutExpired):
        child.wait(LAST_SECONDS)
    return answer


def checked(answer: bytes, returncode: int, most: int) -> bytes:
    """The answer, if the other process ended well.

    Raises:
        InputError: killed, crashed or flooding: the upload asks for too much.
        BusyError: it could not run at all.
    """
    if returncode < 0 or len(answer) > most:
        raise refusal("The file takes too much to open. Upload a photo of the document instead.")
    if returncode > 0 or b"\n" not in answer:
        raise BusyError("The upload cannot be checked at the moment.")
    return answer


def split(answer: bytes) -> tuple[dict[str, object], bytes]:
    head, _, body = answer.partition(b"\n")
    try:
        found = json.loads(head)
    except ValueError:
        found = None
    return (found, body) if isinstance(found, dict) else ({"refused": "damaged"}, b"")


def cut(body: bytes, lengths: object, max_pages: int) -> tuple[bytes, ...]:
    """The pages one after the other; the other process is not believed blindly.

    Raises:
        InputError: the answer is not whole JPEG pages.
    """
    pages: list[bytes] = []
    for length in lengths if isinstance(lengths, list) else []:
        pages.append(body[:length])
        body = body[length:]
    whole = all(each.startswith(JPEG_START) and each.endswith(JPEG_END) for each in pages)
    if body or not whole or not 0 < len(pages) <= max_pages:
        raise refusal(sentence("damaged", 0, max_pages))
    return tuple(pages)


def sentence(reason: str, max_pixels: int, max_pages: int) -> str:
    return {
        "locked": "The PDF has a password. Save it without one, or upload a photo.",
        "pages": f"The PDF has more than {max_pages} pages. Upload only those that are needed.",
        "pixels": (
            f"The picture has more than {max_pixels // 1_000_000} million pixels. "
            "Upload a smaller one."
        ),
        "memory": "The file takes too much to open. Upload a photo of the document instead.",
    }.get(reason, "The file is damaged or incomplete. Save or photograph it once more.")


def size(count: int) -> str:
    return f"{count // MIB} MB" if count >= MIB else f"{count} bytes"


def refusal(text: str) -> InputError:
    return InputError("document", text)
