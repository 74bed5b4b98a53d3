"""The other process of ``safe_copy``: standard input to JPEG pages on standard output.

Run as a file, by nobody else. Imports nothing of the product, so that what a
hostile upload could reach is this file, Pillow and PDFium, and nothing else.
The answer is a line of JSON, {"pages": [lengths]} or {"refused": reason}, and
then the pages.
"""

import json
import math
import resource
import sys
from collections.abc import Iterator
from io import BytesIO

import pypdfium2
from PIL import Image, ImageOps

LONGEST = 2400  # pixels of a page's longer side
PDF_SCALE = 200 / 72  # pixels for each point
QUALITY = 85
PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD


class Refused(Exception):
    """One of locked, pages, pixels, memory, damaged."""


def main() -> None:
    kind, max_pixels, max_pages, seconds, memory = sys.argv[1], *map(int, sys.argv[2:])
    data = sys.stdin.buffer.read()
    limit_process(seconds, memory)
    try:
        pages = list(draw(data, kind, max_pixels, max_pages))
        head: dict[str, object] = {"pages": [len(page) for page in pages]}
    except Exception as why:
        pages, head = [], {"refused": reason_of(why)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(pages))
    sys.stdout.buffer.flush()


def reason_of(why: Exception) -> str:
    if isinstance(why, Refused):
        return str(why)
    if isinstance(why, MemoryError):
        return "memory"
    return "pixels" if isinstance(why, Image.DecompressionBombError) else "damaged"


def limit_process(seconds: int, memory: int) -> None:
    """No file may be written, no memory taken beyond this, no core left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def draw(data: bytes, kind: str, max_pixels: int, max_pages: int) -> Iterator[bytes]:
    if kind == "PDF":
        return draw_pdf(data, max_pages)
    return iter([draw_picture(data, kind, max_pixels)])


def draw_picture(data: bytes, kind: str, max_pixels: int) -> bytes:
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(BytesIO(data), formats=[kind]) as picture:
        if picture.width * picture.height > max_pixels:
            raise Refused("pixels")
        picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded smaller at once
        picture.load()
        return as_jpeg(ImageOps.exif_transpose(picture))


def draw_pdf(data: bytes, max_pages: int) -> Iterator[bytes]:
    pdf = open_pdf(data)
    if len(pdf) > max_pages:
        raise Refused("pages")
    for page in pdf:
        scale = min(PDF_SCALE, LONGEST / max(*page.get_size(), 1.0))
        if not math.isfinite(scale):
            raise Refused("damaged")
        yield as_jpeg(page.render(scale=scale).to_pil())


def open_pdf(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as why:
        locked = why.err_code == PASSWORD_NEEDED
        raise Refused("locked" if locked else "damaged") from None


def as_jpeg(picture: Image.Image) -> bytes:
    """Pixels alone, on white; nothing else of the picture comes along."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    see_through = picture.has_transparency_data
    picture = picture.convert("RGBA" if see_through else "RGB")
    picture.thumbnail((LONGEST, LONGEST))
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture.getchannel("A") if see_through else None)
    out = BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    main()
