"""What the layers below say to people, marked for translation. They themselves speak English.

A sentence is looked up as it stands, so it is listed here as it stands. A test finds those
that are missing.
"""

from django.utils.translation import gettext, gettext_noop

from erasure.errors import ErasureError

NORMALISE = (
    gettext_noop("The e-mail address is empty. Write one like ada@example.org."),
    gettext_noop("An e-mail address has exactly one @. Write it like ada@example.org."),
    gettext_noop(
        "This is not a complete e-mail address. Write it without spaces, brackets or a name, "
        "like ada@example.org."
    ),
    gettext_noop("A phone number has digits only, no letters or extension: +49 30 1234567."),
    gettext_noop(
        "This phone number is too short or too long for its country. "
        "Write it whole, with the area code: +49 30 1234567."
    ),
    gettext_noop("The country of this phone number is unknown. Begin with + and the country code."),
    gettext_noop("This is not a phone number. Write it like +49 30 1234567."),
    gettext_noop("A name has at least one letter. Write it like Ada Beispiel."),
    gettext_noop("This name is too long or holds control characters."),
)
UPLOADS = (
    gettext_noop("The file is empty. Choose the file with the document once more."),
    gettext_noop("The file is larger than 10 MB. Upload a smaller scan or photo."),
    gettext_noop("This is not a PDF, JPEG, PNG or WebP file. Upload one of these."),
    gettext_noop("The PDF has a password. Save it without one, or upload a photo."),
    gettext_noop("The PDF has more than 10 pages. Upload only those that are needed."),
    gettext_noop("The picture has more than 40 million pixels. Upload a smaller one."),
    gettext_noop("The file takes too much to open. Upload a photo of the document instead."),
    gettext_noop("The file is damaged or incomplete. Save or photograph it once more."),
    gettext_noop(
        "The virus scanner found something harmful in the file. "
        "Send a photo of the document instead."
    ),
)
INTAKE = (
    gettext_noop("Give at least one e-mail address or phone number to search for."),
    gettext_noop("Give at most 30 names, addresses and numbers."),
    gettext_noop("Give an e-mail address: a link to confirm is sent to it."),
)
PORTAL = (
    gettext_noop("The sign-in from your account could not be checked."),
    gettext_noop("The sign-in from your account is too old: it counts for five minutes."),
    gettext_noop(
        "This sign-in from your account was used before. If you saw a reference then, "
        "your request is recorded and you need to do nothing."
    ),
    gettext_noop("Your account told us no e-mail address and no phone number to search for."),
)


def translated(why: ErasureError) -> str:
    """The sentence of an error in the language spoken now."""
    return gettext(str(why))
