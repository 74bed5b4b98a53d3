import json
import sys
import time
from importlib import import_module
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from erasure.errors import BusyError, InputError
from erasure.uploads.safe_copy import Kind, SafeCopy, checked, cut, safe_copy, split
from tests.uploads.files import (
    SECRET,
    endless_pdf,
    locked,
    noise,
    pdf,
    pdf_with_image,
    picture,
    png_of,
)

DAMAGED = "The file is damaged or incomplete. Save or photograph it once more."
WRONG_KIND = "This is not a PDF, JPEG, PNG or WebP file. Upload one of these."


def opened(page):
    return Image.open(BytesIO(page))


def refused(data, **limits):
    with pytest.raises(InputError) as why:
        safe_copy(data, **limits)
    assert why.value.field == "document"
    return str(why.value)


@pytest.mark.parametrize("kind", [Kind.JPEG, Kind.PNG, Kind.WEBP])
def test_safe_copy_of_a_picture_is_one_fresh_jpeg(kind):
    found = safe_copy(picture(kind))
    assert (found.kind, len(found.pages)) == (kind, 1)
    page = opened(found.pages[0])
    assert (page.format, page.size) == ("JPEG", (60, 40))
    red, green, blue = page.getpixel((30, 20))
    assert red > 240
    assert max(green, blue) < 15


def test_safe_copy_of_a_pdf_has_each_page_at_200_dots_an_inch():
    found = safe_copy(pdf(pages=3))
    assert (found.kind, len(found.pages)) == (Kind.PDF, 3)
    page = opened(found.pages[0])
    assert page.size == (1654, 2339)
    assert page.getpixel((500, 1700)) == (0, 0, 0)
    assert page.getpixel((50, 50)) == (255, 255, 255)


def test_safe_copy_of_a_pdf_shows_what_an_annotation_masks():
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        look = document.make_stream(b"1 1 1 rg 0 0 400 400 re f")
        look.Type, look.Subtype, look.BBox = (
            pikepdf.Name.XObject,
            pikepdf.Name.Form,
            [0, 0, 400, 400],
        )
        mask = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Square,
            Rect=[0, 0, 400, 400],
            F=4,
            AP=pikepdf.Dictionary(N=look),
        )
        document.pages[0].Annots = document.make_indirect([document.make_indirect(mask)])
        document.save(out)
    page = opened(safe_copy(out.getvalue()).pages[0])
    assert page.getpixel((500, 1700)) == (255, 255, 255)


def test_safe_copy_hides_its_pages_in_its_repr():
    assert repr(SafeCopy((b"x",), Kind.PDF)) == "SafeCopy(kind=<Kind.PDF: 'PDF'>)"


def test_safe_copy_of_a_photo_has_no_metadata_left():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    before = picture("JPEG", exif=exif, comment=SECRET, icc_profile=profile) + SECRET
    page = safe_copy(before).pages[0]
    assert SECRET not in page
    assert dict(opened(page).getexif()) == {}
    assert set(opened(page).info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_safe_copy_of_a_png_has_no_text_left():
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    assert SECRET not in safe_copy(picture("PNG", pnginfo=text)).pages[0]


def test_safe_copy_of_a_pdf_has_no_text_left():
    assert SECRET in pdf(pageCompression=0)
    assert SECRET not in safe_copy(pdf(pageCompression=0)).pages[0]


def test_safe_copy_of_a_turned_photo_stands_upright():
    image = Image.new("RGB", (60, 40), "red")
    image.paste("blue", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    page = opened(safe_copy(picture("JPEG", image, exif=exif, quality=95)).pages[0])
    assert page.size == (40, 60)
    assert page.getpixel((20, 10))[2] > 200
    assert page.getpixel((20, 50))[0] > 200


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("1", 1),
        ("L", 255),
        ("LA", (0, 0)),
        ("P", 0),
        ("RGBA", (0, 0, 0, 0)),
        ("I;16", 65_535),
    ],
)
def test_safe_copy_of_any_png_mode_is_drawn_on_white(mode, colour):
    image = Image.new(mode, (50, 50), colour)
    if mode == "P":
        image.putpalette([255, 255, 255])
    page = opened(safe_copy(picture("PNG", image)).pages[0])
    assert (page.mode, page.getpixel((25, 25))) == ("RGB", (255, 255, 255))


def test_safe_copy_of_a_printers_jpeg_is_drawn_in_screen_colours():
    page = opened(safe_copy(picture("JPEG", Image.new("CMYK", (50, 50)))).pages[0])
    assert (page.mode, page.getpixel((25, 25))) == ("RGB", (255, 255, 255))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_safe_copy_of_a_large_photo_is_made_smaller(kind):
    found = safe_copy(picture(kind, Image.new("RGB", (6_000, 3_000), "red")))
    assert opened(found.pages[0]).size == (2_400, 1_200)


def test_safe_copy_of_a_moving_picture_keeps_the_first_frame():
    frames = [Image.new("RGB", (60, 40), "blue")]
    data = picture("WEBP", save_all=True, append_images=frames)
    found = safe_copy(data)
    assert len(found.pages) == 1
    assert opened(found.pages[0]).getpixel((30, 20))[0] > 240


@pytest.mark.parametrize("tail", [b"PK\x03\x04 and a zip", b"<script>alert(1)</script>", pdf()])
def test_safe_copy_of_a_file_with_two_faces_keeps_the_picture_only(tail):
    plain, double = safe_copy(picture("PNG")), safe_copy(picture("PNG") + tail)
    assert double == plain


def test_safe_copy_of_nothing_is_refused():
    assert refused(b"") == ("The file is empty. Choose the file with the document once more.")


@pytest.mark.parametrize(
    ("data", "limit", "named"), [(b"x" * 2**20 + b"x", 2**20, "1 MB"), (b"xx", 1, "1 bytes")]
)
def test_safe_copy_of_a_large_file_is_refused(data, limit, named):
    assert refused(data, max_bytes=limit) == (
        f"The file is larger than {named}. Upload a smaller scan or photo."
    )


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04" + b"\0" * 100,
        b"GIF89a" + b"\0" * 100,
        b"PK\x03\x04" + pdf(),
        b"\0\0\0\x18ftypheic" + b"\0" * 100,
        b"MZ" + b"\0" * 100,
        b"RIFF\0\0\0\0WAVE",
    ],
)
def test_safe_copy_of_another_kind_names_the_accepted_ones(data):
    assert refused(data) == WRONG_KIND


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"%PDF-1.7\n",
        picture("JPEG", noise(200, 200))[:5_000],
        picture("PNG", noise(200, 200))[:5_000],
        picture("WEBP", noise(200, 200))[:2_000],
        pdf()[:300],
        b"%PDF-1.7\n" + picture("PNG"),
        b"\xff\xd8\xff" + picture("PNG"),
    ],
    ids=lambda data: f"{data[:8]!r} {len(data)}",
)
def test_safe_copy_of_a_damaged_file_says_so(data):
    assert refused(data) == DAMAGED


def test_safe_copy_of_a_pdf_with_a_password_is_refused():
    assert refused(locked(user="ada", owner="bruno")) == (
        "The PDF has a password. Save it without one, or upload a photo."
    )


def test_safe_copy_of_a_pdf_that_only_forbids_printing_is_drawn():
    assert len(safe_copy(locked(user="", owner="bruno")).pages) == 1


def test_safe_copy_of_a_long_pdf_is_refused():
    assert len(safe_copy(pdf(pages=3), max_pages=3).pages) == 3
    assert refused(pdf(pages=4), max_pages=3) == (
        "The PDF has more than 3 pages. Upload only those that are needed."
    )


@pytest.mark.parametrize("side", [7_000, 10_000, 60_000, 2**31 - 1])
def test_safe_copy_of_a_pixel_bomb_is_refused_before_it_is_opened(side):
    assert refused(png_of(side, side)) == (
        "The picture has more than 40 million pixels. Upload a smaller one."
    )


def test_safe_copy_of_an_endless_pdf_is_ended():
    begun = time.monotonic()
    assert refused(endless_pdf(), seconds=2) == (
        "The file takes too much to open. Upload a photo of the document instead."
    )
    assert time.monotonic() - begun < 8


def test_safe_copy_of_a_pdf_with_an_image_bomb_is_drawn_within_the_limits():
    data = pdf_with_image(24_000)  # 1.7 GB of pixels, more than the memory allowed
    assert len(data) < 100_000
    (page,) = safe_copy(data).pages
    assert opened(page).getpixel((800, 800)) == (0, 0, 0)


def test_safe_copy_within_too_little_memory_is_refused(monkeypatch):
    monkeypatch.setattr(import_module("erasure.uploads.safe_copy"), "MEMORY", 300 * 2**20)
    assert refused(picture("PNG", Image.new("RGB", (6_300, 6_300)))) == (
        "The file takes too much to open. Upload a photo of the document instead."
    )


def test_safe_copy_without_another_process_says_try_later(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(BusyError):
        safe_copy(picture("PNG"))


def test_answer_of_a_process_that_could_not_run_is_no_verdict():
    with pytest.raises(BusyError):
        checked(b"", 1, 100)


def test_answer_longer_than_pages_can_be_is_refused():
    with pytest.raises(InputError):
        checked(b"{}\n" + b"x" * 100, 0, 100)


PAGE = b"\xff\xd8\xff page \xff\xd9"


@pytest.mark.parametrize(
    ("body", "lengths"),
    [
        (b"", []),
        (b"", None),
        (PAGE, [3]),
        (PAGE + b"x", [len(PAGE)]),
        (b"<html>", [6]),
        (PAGE * 3, [len(PAGE)] * 3),
    ],
)
def test_cut_of_anything_but_whole_pages_is_refused(body, lengths):
    with pytest.raises(InputError):
        cut(body, lengths, 2)


def test_cut_of_two_pages_gives_both():
    assert cut(PAGE * 2, [len(PAGE)] * 2, 2) == (PAGE, PAGE)


@pytest.mark.parametrize("answer", [b"", b"nothing\n", b"[1]\nabc"])
def test_split_of_no_answer_is_damage(answer):
    assert split(answer) == ({"refused": "damaged"}, b"")


def test_split_gives_head_and_body():
    assert split(json.dumps({"pages": [3]}).encode() + b"\na\nb") == ({"pages": [3]}, b"a\nb")
