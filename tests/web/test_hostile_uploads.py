"""Every hostile file through the page: what the person is told, and what is kept of it.

The outcomes are printed as a table at the end of the run.
"""

from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from erasure.models import Actor, IdentityDocument
from erasure.uploads.safe_copy import JPEG_START
from erasure.values import Role
from erasure.verification import view_page
from tests.factories import make_user
from tests.uploads import files
from tests.web.test_identity import TOO_LARGE, WRONG_KIND, error_on, send, state_of

DAMAGED = "The file is damaged or incomplete. Save or photograph it once more."
PIXELS = "The picture has more than 40 million pixels. Upload a smaller one."
EMPTY = "The file is empty. Choose the file with the document once more."
KEPT = "a fresh picture of what is seen"
PNG, JPEG = files.picture("PNG"), files.picture("JPEG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"

# what it is: its name as sent, how to make it, what becomes of it
HOSTILE = {
    "nothing, 0 bytes": ("id.jpg", lambda: b"", EMPTY),
    "a program named as a picture": ("id.png", lambda: b"MZ\x90\0" + bytes(500), WRONG_KIND),
    "SVG with a script": ("id.svg", lambda: SVG, WRONG_KIND),
    "a page named as a PDF": ("id.pdf", lambda: HTML, WRONG_KIND),
    "zip bomb, 50 MB in 50 kB": ("id.zip", files.zip_bomb, WRONG_KIND),
    "HEIC": ("id.heic", lambda: b"\0\0\0\x18ftypheic" + bytes(100), WRONG_KIND),
    "TIFF": ("id.tif", lambda: files.picture("TIFF"), WRONG_KIND),
    "zip that is a PDF too": ("id.pdf", lambda: b"PK\x03\x04" + files.pdf(), WRONG_KIND),
    "JPEG that is a zip too": ("id.jpg", lambda: JPEG + files.zip_bomb(), KEPT),
    "PNG that is a page too": ("id.png", lambda: PNG + HTML, KEPT),
    "PDF named as a picture": ("id.jpg", files.pdf, KEPT),
    "PNG that claims 60,000 x 60,000": ("id.png", lambda: files.png_of(60_000, 60_000), PIXELS),
    "PNG whose comment unpacks to 200 MB": ("id.png", files.text_bomb, DAMAGED),
    "PDF with a script and a program": ("id.pdf", files.scripted_pdf, KEPT),
    "PDF with an image of 1.7 GB": ("id.pdf", lambda: files.pdf_with_image(24_000), KEPT),
    "PDF with a password": (
        "id.pdf", lambda: files.locked(user="ada", owner="bruno"),
        "The PDF has a password. Save it without one, or upload a photo.",
    ),
    "PDF of 11 pages": (
        "id.pdf", lambda: files.pdf(pages=11),
        "The PDF has more than 10 pages. Upload only those that are needed.",
    ),
    "photo with GPS and a name in it": ("id.jpg", files.with_exif, KEPT),
    "moving WebP": ("id.webp", lambda: files.moving("WEBP"), KEPT),
    "moving PNG": ("id.png", lambda: files.moving("PNG"), KEPT),
    "JPEG cut off": ("id.jpg", lambda: files.picture("JPEG", files.noise(99, 99))[:2_000], DAMAGED),
    "PNG cut off": ("id.png", lambda: files.picture("PNG", files.noise(99, 99))[:2_000], DAMAGED),
    "PDF cut off": ("id.pdf", lambda: files.pdf()[:300], DAMAGED),
    "10 MB and a little": ("id.jpg", lambda: b"\xff\xd8\xff" + bytes(10 * 2**20), TOO_LARGE),
}  # fmt: skip


@pytest.fixture
def told(record_property):
    """A line of the table."""

    def add(what, became):
        record_property("table", ("What is sent as proof of identity", what, became))

    return add


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_upload_is_refused_with_a_sentence_or_redrawn(person, asked, told, what):
    case, path = asked
    name, make, outcome = HOSTILE[what]
    answer = send(person, path, make(), name)
    if outcome is KEPT:
        assert (answer.status_code, state_of(case)) == (200, "VALIDATING")
        assert_fresh(case)
        told(what, f"taken in as {KEPT}")
        return
    assert (answer.status_code, unescape(error_on(answer))) == (400, outcome)
    assert (state_of(case), IdentityDocument.objects.count()) == ("AWAITING_IDENTITY", 0)
    assert person.get(path).status_code == 200
    told(what, f"refused: {outcome}")


def assert_fresh(case):
    """One still JPEG for each page, and nothing of the file beside its pixels."""
    officer = Actor.of(make_user(Role.OFFICER))
    for row in case.documents.all():
        page = view_page(row.pk, actor=officer)
        seen = Image.open(BytesIO(page))
        assert (page.startswith(JPEG_START), seen.format, getattr(seen, "n_frames", 1)) == (
            True, "JPEG", 1,
        )  # fmt: skip
        assert set(seen.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert (files.SECRET in page, b"PK\x03\x04" in page, b"<script" in page) == (False,) * 3


def test_upload_of_200_mb_is_refused_before_it_is_read(person, asked, told):
    case, path = asked
    answer = person.post(path, {"document": BytesIO(b"x")}, CONTENT_LENGTH=200 * 2**20)
    assert (answer.status_code, error_on(answer), state_of(case)) == (
        413, TOO_LARGE, "AWAITING_IDENTITY",
    )  # fmt: skip
    told("200 MB", f"refused before it is read: {TOO_LARGE}")


def test_upload_while_the_scanner_is_down_is_kept_out_and_the_link_stays(
    person, asked, told, settings, tmp_path
):
    case, path = asked
    settings.CLAMAV = f"unix:{tmp_path / 'none'}"
    answer = send(person, path, PNG)
    assert (answer.status_code, state_of(case)) == (503, "AWAITING_IDENTITY")
    assert IdentityDocument.objects.count() == 0
    told("anything, while a configured scanner is down", f"kept out: {error_on(answer)}")
    settings.CLAMAV = ""
    assert send(person, path, PNG).status_code == 200
