"""The question to the person, as it goes out: what is doubted is told, never what is on file."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as mark

from erasure import clock
from erasure.models import Verification
from erasure.values import VerificationMethod as V

LINK_DAYS = 14
WAY = {
    V.LINK_ON_FILE: mark("Open the page below and confirm that the request is yours."),
    V.CALL_BACK: mark(
        "Ask us to call you back on a telephone number that we had on file for you before your "
        "request."
    ),
    V.KNOWLEDGE: mark("Answer a few questions about your dealings with us."),
    V.ELECTRONIC_ID: mark("Use the electronic identity of your country on the page below."),
    V.ID_SHOWN: mark("Show us an identity document; we make no copy of it."),
    V.ID_COPY: mark(
        "Only if none of this is possible for you: send a copy of an identity document on the "
        "page below, in which you have blacked out what we do not need."
    ),
}
AS_PART_OF_US = "en-gb"  # English dates as the admin writes them


def send(row: Verification, token: str, address: str, language: str, *, again: bool) -> None:
    """Mail the question in the person's language.

    Raises:
        OSError: the mail did not leave (smtplib's errors are OSErrors).
    """
    with translation.override(AS_PART_OF_US if language == "en" else language):
        subject = _("Your request %(reference)s: please confirm who you are") % {
            "reference": row.case.reference
        }
        body = "\n\n".join(_paragraphs(row, token, again=again))
    send_mail(subject, f"{body}\n", None, [address])


def _paragraphs(row: Verification, token: str, *, again: bool) -> list[str]:
    until = timezone.localtime(clock.now() + timedelta(days=LINK_DAYS)).date()
    day = date_format(until, "DATE_FORMAT")
    first = [_("We have not had an answer yet and ask you once more.")] if again else []
    return [
        *first,
        _(
            "Before we search for anything or erase it, we must be sure that the request comes "
            "from the person whose data it concerns."
        ),
        _("How you can confirm your identity; what stands first asks least of you:"),
        "\n".join(f"- {_(WAY[V(each)])}" for each in row.offered if V(each) in WAY),
        _("This page works once, until %(day)s:") % {"day": day}
        + f"\n{settings.PUBLIC_URL}/identity/{token}/",
        _(
            "The time until your answer may extend the month in which we have to answer. If we "
            "hear nothing, we close the request without searching for anything or erasing it; "
            "you can take it up again at any time."
        ),
        _("If you did not ask for this, you can say so on the same page. Nothing is erased then."),
    ]
