"""What the layers below say to people, marked for translation. They themselves speak English.

A sentence is looked up as it stands, so it is listed here as it stands. A test finds those
that are missing.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as said

from erasure.errors import ErasureError

NORMALISE = (
    said("The e-mail address is empty. Write one like ada@example.org."),
    said("An e-mail address has exactly one @. Write it like ada@example.org."),
    said(
        "This is not a complete e-mail address. Write it without spaces, brackets or a name, "
        "like ada@example.org."
    ),
    said("A phone number has digits only, no letters or extension: +49 30 1234567."),
    said(
        "This phone number is too short or too long for its country. "
        "Write it whole, with the area code: +49 30 1234567."
    ),
    said("The country of this phone number is unknown. Begin with + and the country code."),
    said("This is not a phone number. Write it like +49 30 1234567."),
    said("A name has at least one letter. Write it like Ada Beispiel."),
    said("This name is too long or holds control characters."),
)
UPLOADS = (
    said("The file is empty. Choose the file with the document once more."),
    said("The file is larger than 10 MB. Upload a smaller scan or photo."),
    said("This is not a PDF, JPEG, PNG or WebP file. Upload one of these."),
    said("The PDF has a password. Save it without one, or upload a photo."),
    said("The PDF has more than 10 pages. Upload only those that are needed."),
    said("The picture has more than 40 million pixels. Upload a smaller one."),
    said("The file takes too much to open. Upload a photo of the document instead."),
    said("The file is damaged or incomplete. Save or photograph it once more."),
    said(
        "The virus scanner found something harmful in the file. "
        "Send a photo of the document instead."
    ),
)
INTAKE = (
    said("Give at least one e-mail address or phone number to search for."),
    said("Give at most 30 names, addresses and numbers."),
    said("Give an e-mail address: a link to confirm is sent to it."),
)


def translated(why: ErasureError) -> str:
    """The sentence of an error in the language spoken now."""
    return gettext(str(why))
