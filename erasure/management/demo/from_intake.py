"""A person asks on the public form, proves who they are by a link, and gets their letter."""

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import translation
from django.utils.translation import gettext

from erasure import verification
from erasure.management.demo import papers, run, sandbox
from erasure.management.demo.browser import Browser, Fields, hidden
from erasure.management.demo.run import PERSON
from erasure.management.demo.screen import Watch, say, title
from erasure.models import ErasureCase, Letter
from erasure.values import CaseState, LetterKind, LetterState, VerificationMethod

TALKS = 3
LANGUAGE = "de"
NEW_ADDRESS = "maria.privat@example.com"  # no system has it
REFERENCE = re.compile(r"ER-[0-9]{4}-[0-9A-Z]{6}")
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
WAITING = "We have asked you for a proof that the request is yours."
ANSWERED = "Your request is carried out and answered."
REFUSALS = (400, 403, 404, 410)


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    text: str


class Somebody(Browser):
    """The person: knows what came by mail and what the pages say, and no more."""

    def __init__(self) -> None:
        super().__init__(settings.PUBLIC_URL, LANGUAGE)
        who = sandbox.person(PERSON)
        self.names, self.address = who["names"], who["emails"][0]
        self.reference = self.code = ""

    def request(self) -> Fields:
        """The form as it is filled in, with what its page has hidden in it."""
        return hidden(self.get("/request/")) | {
            "on_behalf": "myself", "name": self.names[0], "other_names": self.names[1:],
            "emails": [NEW_ADDRESS, self.address], "language": LANGUAGE,
            "text": "Bitte löschen Sie alles über mich.",
        }  # fmt: skip

    def mails(self, with_: str) -> Iterator[Mail]:
        """On the page that stands for a mailbox, the newest first."""
        for part in self.get("/dev/mail/").split('<article class="mail">')[1:]:
            text = html.unescape(re.sub("<[^>]+>", "", part.partition("</article>")[0]))
            to = re.search(r"To (\S+)", text)
            if with_ in text and to:
                yield Mail(to[1], text)

    def link(self, way: str) -> tuple[str, Mail] | None:
        """The path of the newest link of this way, and the mail it came by."""
        for mail in self.mails(f"{self.url}/{way}/"):
            found = re.search(rf"{re.escape(self.url)}(/{way}/\S+)", mail.text)
            if found:
                return found[1], mail
        return None

    def status(self) -> str:
        """What the status page says, read as text."""
        page = self.post("/status/", reference=self.reference, code=self.code)[1]
        main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
        return " ".join(html.unescape(re.sub("<[^>]+>", " ", main)).split())

    def withdraw(self) -> int:
        """Press the last button of a withdrawal, also when no page offers it."""
        given: Fields = {"reference": self.reference, "code": self.code, "confirm": "yes"}
        return self.send("/status/withdraw/", hidden(self.get("/status/")) | given)[0]


def from_intake(folder: Path) -> None:
    """
    Raises:
        CommandError: names the claim that does not hold.
    """
    run.without_rate_limit(talks=TALKS)
    person, watch = Somebody(), Watch()
    case, claims = _ask(person)
    claims |= _confirm(person, case, watch)
    claims |= _prove(person, case, watch)
    case = _erase(case, watch)
    papers.end(case, folder)
    run.nothing_left(PERSON)
    claims |= _letter(person, case, folder)
    say("  what was seen on the way:")
    run.insist(claims)


def _ask(person: Somebody) -> tuple[ErasureCase, dict[str, bool]]:
    title("The public form, in German: from a new address, and naming one used before")
    form = person.request()
    forged, _ = person.send("/request/", form | {"csrfmiddlewaretoken": "0" * 64})
    none = ErasureCase.objects.count()
    pages = [person.send("/request/", form)[1] for _ in range(2)]
    found = [REFERENCE.search(page) for page in pages]
    if found[0] is None or found[1] is None:
        raise CommandError("The form was not accepted.")
    person.reference = found[0][0]
    say(f"  sent twice; the page says: {person.reference}")
    case = ErasureCase.objects.get(reference=person.reference)
    return case, {
        "a form from another site is refused, and nothing is recorded": (forged, none) == (403, 0),
        "the same form sent twice is one request, with one mail": (
            found[1][0] == person.reference and ErasureCase.objects.count() == 1
            and len(list(person.mails("/request/confirm/"))) == 1
        ),
    }  # fmt: skip


def _confirm(person: Somebody, case: ErasureCase, watch: Watch) -> dict[str, bool]:
    title("The one-time link in the mail")
    sent = person.link("request/confirm")
    code = CODE.search(sent[1].text) if sent else None
    if sent is None or code is None:
        raise CommandError("No mail with a link and a status code came.")
    path, person.code = sent[0], code[0]
    person.get(path)
    looked = ErasureCase.objects.get(pk=case.pk)
    person.post(path)
    again, _ = person.post(path)
    say("  the person opens it and presses the button; a second time it does not work")
    run.wait_for(case, watch, lambda now: now.state == CaseState.VALIDATING)
    return {
        "looking at the link confirms nothing, its button does, and only once": (
            looked.requester_confirmed_at is None and again in REFUSALS
        )
    }


def _prove(person: Somebody, case: ErasureCase, watch: Watch) -> dict[str, bool]:
    title("Who is asking? The least that is enough: a link to an address on file before")
    officer = run.staff("officer")
    verification.ask_lookup(case.pk, actor=officer)
    case = run.wait_for(case, watch, lambda now: not verification.lookup_due(now.pk))
    known = verification.addresses_on_file(case)
    for row in known[:1]:
        say(f"      on file in {row.connection.name} since {row.since:%d %b %Y}: address 2 of 2")
    verification.ask(
        case.pk, actor=officer, doubt="The request came from an address that nobody knows.",
        offered=[VerificationMethod.LINK_ON_FILE], to=known[0].identifier_id if known else None,
    )  # fmt: skip
    run.wait_for(case, watch, lambda now: person.link("identity") is not None)
    sent = person.link("identity")
    if sent is None:
        raise CommandError("No mail with a link came.")
    asked = person.status()
    searched = case.searches.exists() or case.items.exists()
    person.send(sent[0], {"answer": "mine"})
    again, _ = person.send(sent[0], {"answer": "mine"})
    say("      the person reads mail there, and presses “Yes, the request is mine”")
    run.wait_for(case, watch, lambda now: now.state == CaseState.VALIDATING)
    _decide(case)
    return {
        "only the address that was on file before can prove anything":
            {row.identifier.value for row in known} == {person.address},
        "the link went there and not to the address that asked": sent[1].to == person.address,
        "the status page said, in German, what is waited for": _in_german(WAITING) in asked,
        "nothing was searched for erasure before the proof": not searched,
        "the link proves once": again in REFUSALS,
    }  # fmt: skip


def _decide(case: ErasureCase) -> None:
    verification.confirm(
        case.pk, actor=run.staff("officer"), method=VerificationMethod.LINK_ON_FILE,
        matched=["name", "email"], reason="Confirmed from the address on file.",
        grounds=["17(1)(b)"], ground_reason="Consent withdrawn, no other basis.",
    )  # fmt: skip
    say("      the officer decides: it is the person")


def _erase(case: ErasureCase, watch: Watch) -> ErasureCase:
    title("Discovery, decision and erasure")
    case = run.settle_questions(run.wait_for_review(case, watch), PERSON, watch)
    run.approve(case)
    case = run.finish(case, watch)
    run.expect(case, CaseState.COMPLETE)
    return case


def _letter(person: Somebody, case: ErasureCase, folder: Path) -> dict[str, bool]:
    title("The person's letter")
    letter = case.letters.get(kind=LetterKind.COMPLETE, state=LetterState.SENT)
    for suffix, data in (("pdf", letter.opened_pdf()), ("txt", letter.text.encode())):
        path = folder / f"letter-{case.reference}.{suffix}"
        path.write_bytes(data)
        say(f"  letter       {path}")
    for line in letter.text.splitlines():
        say(
            textwrap.fill(line, 108, initial_indent="      | ", subsequent_indent="      | ")
            or "      |"
        )
    say(f"  dispatch     {letter.dispatched_at:%d %b %Y, %H:%M} UTC; {letter.proof}")
    status = person.status()
    got = [mail.to for mail in person.mails(letter.text.splitlines()[0]) if _holds(mail, letter)]
    own = [person.address, NEW_ADDRESS, *person.names]
    say(textwrap.fill(status, 108, initial_indent="  status page  ", subsequent_indent=" " * 15))
    return {
        "the letter came by mail, to an address of the person": got in ([own[0]], [own[1]]),
        "it is in the language of the request": letter.language == LANGUAGE,
        "its dispatch is proven, and is when the request was answered":
            letter.proof.startswith("Message-ID ") and case.answered_at == letter.dispatched_at,
        "the Message-ID of the proof stands in the mail": _mailed_as(letter),
        "the status page says, in German, that it is answered": _in_german(ANSWERED) in status,
        "and nothing of the person": not any(value in status for value in own),
        "it can no longer be taken back": person.withdraw() == 200 and _still_complete(case),
    }  # fmt: skip


def _still_complete(case: ErasureCase) -> bool:
    return bool(ErasureCase.objects.get(pk=case.pk).state == CaseState.COMPLETE)


def _holds(mail: Mail, letter: Letter) -> bool:
    """Whether the mail has the letter's words, however its lines were broken."""
    return " ".join(letter.text.split()) in " ".join(mail.text.split())


def _mailed_as(letter: Letter) -> bool:
    kept = Path(settings.MAIL_FOLDER).glob("*.log")
    return any(letter.mailing.message_id.encode() in file.read_bytes() for file in kept)


def _in_german(text: str) -> str:
    with translation.override(LANGUAGE):
        return gettext(text)
