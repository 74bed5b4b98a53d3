"""The other process of ``safe_copy``: standard input to JPEG pages on standard output.

Run as a file, by nobody else. Imports nothing of the product, so that what a
hostile upload could reach is this file, Pillow and PDFium, and nothing else.
The answer is a line of JSON, {"pages": [lengths]} or {"refused": reason}, and
then the pages. Each page bears the mark, so that a copy that gets away serves nobody.
"""

import json
import math
import resource
import sys
from collections.abc import Iterator
from io import BytesIO

import pypdfium2
from PIL import Image, ImageDraw, ImageFont, ImageOps

LONGEST = 2400  # pixels of a page's longer side
PDF_SCALE = 200 / 72  # pixels for each point
QUALITY = 85
MARK_SHARE = 26  # of a page's shorter side is the height of the mark's letters
MARK_TILT = 30  # degrees
MARK_INK, MARK_HALO = 120, 90  # of 255: both a dark and a light page show it
PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD


class Refused(Exception):
    """One of locked, pages, pixels, memory, damaged."""


def main() -> None:
    kind, mark, *limits = sys.argv[1:]
    max_pixels, max_pages, seconds, memory = map(int, limits)
    data = sys.stdin.buffer.read()
    limit_process(seconds, memory)
    try:
        pages = [as_jpeg(page, mark) for page in draw(data, kind, max_pixels, max_pages)]
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


def draw(data: bytes, kind: str, max_pixels: int, max_pages: int) -> Iterator[Image.Image]:
    if kind == "PDF":
        return draw_pdf(data, max_pages)
    return iter([draw_picture(data, kind, max_pixels)])


def draw_picture(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(BytesIO(data), formats=[kind]) as picture:
        if picture.width * picture.height > max_pixels:
            raise Refused("pixels")
        picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded smaller at once
        picture.load()
        return ImageOps.exif_transpose(picture)


def draw_pdf(data: bytes, max_pages: int) -> Iterator[Image.Image]:
    pdf = open_pdf(data)
    if len(pdf) > max_pages:
        raise Refused("pages")
    for page in pdf:
        scale = min(PDF_SCALE, LONGEST / max(*page.get_size(), 1.0))
        if not math.isfinite(scale):
            raise Refused("damaged")
        yield page.render(scale=scale).to_pil()


def open_pdf(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as why:
        locked = why.err_code == PASSWORD_NEEDED
        raise Refused("locked" if locked else "damaged") from None


def as_jpeg(picture: Image.Image, mark: str) -> bytes:
    """Pixels alone, on white and under the mark; nothing else of the picture comes along."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    see_through = picture.has_transparency_data
    picture = picture.convert("RGBA" if see_through else "RGB")
    picture.thumbnail((LONGEST, LONGEST))
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture.getchannel("A") if see_through else None)
    if mark:
        stamp(sheet, mark)
    out = BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def stamp(sheet: Image.Image, mark: str) -> None:
    """Write the mark slantwise over the whole page, dark with a light rim."""
    height = max(10, min(sheet.size) // MARK_SHARE)
    ink, halo = written(mark, height, 0, MARK_INK), written(mark, height, 2, MARK_HALO)
    across, down = halo.width + height, halo.height
    for row, top in enumerate(range(-down // 2, sheet.height, down)):
        for left in range(-(row % 2) * across // 2 - across // 4, sheet.width, across):
            sheet.paste("white", (left, top), halo)
            sheet.paste("#303030", (left, top), ink)


def written(mark: str, height: int, rim: int, strength: int) -> Image.Image:
    """The mark, tilted: how strongly each point is covered. Both kinds have one size."""
    font = ImageFont.load_default(height)
    _, _, right, bottom = font.getbbox(mark, stroke_width=2)
    tile = Image.new("L", (round(right) + 4, round(bottom) + 4))
    pen = ImageDraw.Draw(tile)
    pen.text((2, 2), mark, fill=strength, font=font, stroke_width=rim, stroke_fill=strength)
    return tile.rotate(MARK_TILT, Image.Resampling.BILINEAR, expand=True)


if __name__ == "__main__":
    main()
