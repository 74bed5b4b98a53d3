"""Mail of a trial installation, on a page instead of in a mailbox."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from erasure.web.pages import by_one_time_link, page

MOST = 50  # mails on the page
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each mail


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    to: str
    at: datetime
    body: SafeString


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest mails first. There is no such page in production."""
    if not settings.DEVELOPMENT:
        raise Http404
    return listing(request)


@by_one_time_link
def listing(request: HttpRequest) -> HttpResponse:
    return page(request, "devmail.html", mails=newest(Path(settings.MAIL_FOLDER)), most=MOST)


def newest(folder: Path) -> list[Mail]:
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found: list[Mail] = []
    for file in files:
        found += reversed(list(mails_in(file)))
        if len(found) >= MOST:
            break
    return found[:MOST]


def mails_in(file: Path) -> Iterator[Mail]:
    for raw in file.read_bytes().split(BETWEEN):
        if raw.strip():
            yield read(message_from_bytes(raw, policy=default), file)


def read(message: EmailMessage, file: Path) -> Mail:
    part = message.get_body(("plain",))
    sent = message["date"].datetime if message["date"] else None
    if sent and sent.tzinfo is None:  # "-0000": UTC, of no known place
        sent = sent.replace(tzinfo=UTC)
    return Mail(
        subject=str(message["subject"] or ""),
        to=str(message["to"] or ""),
        at=sent or datetime.fromtimestamp(file.stat().st_mtime, UTC),
        body=with_links(part.get_content() if part else ""),
    )


def with_links(text: str) -> SafeString:
    """Escaped text in which addresses of this installation, and no others, are links."""
    ours = re.compile(rf"({re.escape(settings.PUBLIC_URL)}/[\w/~%?=&-]*)", re.ASCII)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{}">{}</a>', part, part) if place % 2 else part,)
            for place, part in enumerate(ours.split(text))
        ),
    )
