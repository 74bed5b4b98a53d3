"""From the facts of a letter to its words. The template versions stand here."""

from collections.abc import Callable, Iterator
from typing import Any

from erasure.documents.letters import parts
from erasure.documents.letters.facts import UNIDENTIFIED, Part
from erasure.documents.letters.kinds import (
    Acknowledgement,
    Complete,
    Extension,
    HoldReleased,
    IdentityRequest,
    Interim,
    Letter,
    PartialHold,
    Refusal,
)
from erasure.documents.letters.parts import Blocks, heading, points
from erasure.documents.letters.speech import Speech, mark
from erasure.documents.letters.terms import OPTION, REFUSAL
from erasure.documents.letters.written import Block, Element, Look, Written
from erasure.values import LetterKind

E = Element
VERSIONS = dict.fromkeys(LetterKind, "1")  # raise one with every change of its words


def compose(letter: Letter, say: Speech) -> Written:
    """The letter in the language of ``say``.

    Raises:
        InputError: names a mandatory element the words would lack.
    """
    head = letter.head
    body = _BODIES[letter.kind](letter, say)
    return Written(
        kind=letter.kind,
        version=VERSIONS[letter.kind],
        language=say.language,
        reference=head.reference,
        written_on=head.written_on,
        sender=head.controller,
        addressee=head.addressee,
        dateline=say.day(head.written_on),
        title=_title(letter.kind, say),
        subject=subject(say, head.reference),
        paging=say.catalogue.gettext(mark("Page %(number)s of %(pages)s")),
        attached=say.say("This letter is attached as a PDF file as well."),
        blocks=(*parts.opening(say, head), *body, *parts.closing(say, head)),
        also=tuple(_also(letter)),
        authority=head.authority,
    )


def subject(say: Speech, reference: str) -> str:
    """Of a mail: nothing of the person, nor of the outcome."""
    return say.say("Your request %(reference)s", reference=reference)


def _title(kind: LetterKind, say: Speech) -> str:
    return {
        LetterKind.ACKNOWLEDGEMENT: say.say("Your request has arrived"),
        LetterKind.IDENTITY_REQUEST: say.say("We need to be sure who you are"),
        LetterKind.EXTENSION: say.say("Our answer needs more time"),
        LetterKind.INTERIM: say.say("Where your request stands"),
        LetterKind.COMPLETE: say.say("The answer to your request for erasure"),
        LetterKind.PARTIAL_HOLD: say.say("The answer to your request for erasure"),
        LetterKind.REFUSAL: say.say("The answer to your request for erasure"),
        LetterKind.HOLD_RELEASED: say.say("The remaining records have been erased"),
    }[kind]


def _also(letter: Letter) -> Iterator[Element]:
    """What is mandatory in this letter because of its facts."""
    if isinstance(letter, Complete | PartialHold | HoldReleased):
        if letter.ending.gone:
            yield E.BACKUPS
        if letter.ending.suppressed_months:
            yield E.SUPPRESSION
    if isinstance(letter, Refusal) and _unidentified(letter.parts):
        yield E.OPTIONS


def _unidentified(refused: tuple[Part, ...]) -> bool:
    return any(part.article == UNIDENTIFIED for part in refused)


def _free(reason: str, element: Element = Element.NONE) -> Blocks:
    """The officer's own words, a block for each paragraph."""
    for paragraph in filter(None, map(str.strip, reason.split("\n"))):
        yield Block(paragraph, element)


def _acknowledgement(letter: Acknowledgement, say: Speech) -> Blocks:
    day = say.day(letter.answer_by)
    yield Block(
        say.say(
            "This letter confirms that your request has arrived. It does not say whether we hold "
            "data about you."
        ),
        E.NOTHING_CONFIRMED,
    )
    text = say.say("You will have our answer by %(date)s at the latest.", date=day)
    yield Block(text, E.ANSWER_BY, Look.STRONG)
    yield heading(say.say("What happens next"))
    yield from points(
        (
            say.say(
                "We make sure that the request comes from the person whose data it concerns. Only "
                "if we have reasonable doubts do we ask you for more."
            ),
            say.say("We search our systems and decide on your request."),
            say.say("We write to you and say what was erased, and what was not and why."),
        ),
        E.NEXT_STEPS,
    )
    yield Block(
        say.say(
            "There is nothing you need to do now. You may withdraw your request until the erasure "
            "begins."
        ),
        E.NEXT_STEPS,
    )


def _identity(letter: IdentityRequest, say: Speech) -> Blocks:
    if letter.asked_before:
        yield Block(
            say.say(
                "On %(date)s we asked you to confirm your identity. We have not had an answer yet "
                "and ask you once more.",
                date=say.day(letter.asked_before),
            )
        )
    yield Block(
        say.say(
            "Before we search for anything or erase it, we must be sure that the request comes "
            "from the person whose data it concerns. We have reasonable doubts about this and "
            "therefore ask you for further information (Art. 12(6) GDPR). The reason is:"
        )
    )
    yield from _free(letter.reason, E.REASON)
    yield heading(say.say("How you can confirm your identity"))
    yield Block(say.say("Choose what suits you; what stands first asks least of you."))
    yield from points((say.say(OPTION[each]) for each in letter.options), E.OPTIONS)
    if letter.link:
        yield Block(say.say("You can send us a proof on this page; it works once:"), E.OPTIONS)
        yield Block(letter.link, E.OPTIONS, Look.POINT)
    yield heading(say.say("If you send a copy"))
    yield Block(
        say.say(
            "Please black out everything but your name, the issuing authority and the dates of "
            "issue and expiry. We do not need the photograph, the document number, the "
            "machine-readable lines, the signature or a national identification number."
        ),
        E.MASKING,
    )
    yield Block(
        say.say(
            "We use the copy for this check alone and destroy it as soon as we have decided, at "
            "the latest 30 days after it came. We note only that your identity was checked, and "
            "how."
        ),
        E.DESTRUCTION,
    )
    yield heading(say.say("Time"))
    day = say.day(letter.reply_by)
    yield Block(say.say("Please answer by %(date)s.", date=day), E.REPLY_BY, Look.STRONG)
    yield Block(
        say.say(
            "The time until your answer may extend the period of one month in which we have to "
            "answer you."
        ),
        E.TIME,
    )
    yield Block(
        say.say(
            "If we hear nothing by then, we close your request without searching for anything or "
            "erasing it. You can take it up again at any time by giving us further information."
        ),
        E.SILENCE,
    )


def _extension(letter: Extension, say: Speech) -> Blocks:
    yield Block(
        say.say(
            "We cannot answer your request within one month. Where it is necessary because of the "
            "complexity and number of the requests, that period may be extended by up to two "
            "further months (Art. 12(3) GDPR). We make use of this for the following reason:"
        )
    )
    yield from _free(letter.reason, E.REASON)
    yield Block(
        say.say(
            "You will have our answer by %(date)s at the latest, instead of by %(before)s.",
            date=say.day(letter.due_now), before=say.day(letter.due_before),
        ),
        E.NEW_DATE, Look.STRONG,
    )  # fmt: skip


def _interim(letter: Interim, say: Speech) -> Blocks:
    yield Block(
        say.say(
            "We have decided to erase records about you, and the erasure is under way. With this "
            "interim letter we tell you what has been done so far and what is still to end "
            "(Art. 12(3) GDPR)."
        )
    )
    yield heading(say.say("Done so far"))
    if letter.done:
        yield from points(parts.portions(say, letter.done), E.DONE)
        yield from parts.how_it_went(say, letter.done)
    else:
        yield Block(say.say("No record has reached its proven end yet."), E.DONE)
    yield heading(say.say("Ordered and not yet ended"))
    yield from points(parts.portions(say, letter.running), E.RUNNING)
    yield from _free(letter.reason)
    yield Block(
        say.say(
            "We expect this to end by %(date)s. Then you will have our final letter.",
            date=say.day(letter.expected_end),
        ),
        E.EXPECTED_END, Look.STRONG,
    )  # fmt: skip


def _complete(letter: Complete, say: Speech) -> Blocks:
    if letter.ending.gone:
        yield Block(
            say.say(
                "We have complied with your request and erased the records we found about you."
            ),
            look=Look.STRONG,
        )
    yield from parts.erased(say, letter.ending)
    yield from _free(letter.reason)
    yield from parts.afterwards(say, letter.ending)
    yield from parts.complaint(say, letter.head)
    yield from parts.court(say)


def _partial_hold(letter: PartialHold, say: Speech) -> Blocks:
    yield Block(
        say.say("We have complied with your request in part.")
        if letter.ending.gone
        else say.say("For the time being we cannot comply with your request."),
        look=Look.STRONG,
    )
    yield heading(say.say("What is kept for now"))
    for group in letter.kept:
        yield from parts.kept(say, group, letter.reason)
    if all(group.wording.strip() for group in letter.kept):
        yield from _free(letter.reason)
    yield Block(
        say.say(
            "Until then we restrict these records: they are used for this purpose and for no other."
        ),
        E.RESTRICTION,
    )
    yield Block(
        say.say(
            "As soon as the legal ground no longer exists, we erase them and write to you again."
        ),
        E.FURTHER_LETTER,
    )
    yield from parts.erased(say, letter.ending, kept=True)
    yield from parts.afterwards(say, letter.ending)
    yield from parts.complaint(say, letter.head)
    yield from parts.court(say)


def _refusal(letter: Refusal, say: Speech) -> Blocks:
    yield Block(say.say("We cannot comply with your request."), look=Look.STRONG)
    yield heading(say.say("Reasons"))
    for part in letter.parts:
        yield Block(say.say(REFUSAL[part.article]), E.ARTICLE)
        yield from _free(part.reason, E.REASON)
    if _unidentified(letter.parts):
        yield Block(
            say.say(
                "You can enable us to identify you by giving us further information, for example "
                "an e-mail address, a telephone number or a customer number under which you were "
                "in contact with us. We then take up your request again."
            ),
            E.OPTIONS,
        )
    yield from parts.complaint(say, letter.head)
    yield from parts.court(say)


def _hold_released(letter: HoldReleased, say: Speech) -> Blocks:
    yield Block(
        say.say(
            "In our letter of %(date)s we told you that certain records could not be erased. The "
            "legal ground no longer exists, and we have erased them.",
            date=say.day(letter.told_on),
        ),
        look=Look.STRONG,
    )
    yield from parts.erased(say, letter.ending)
    yield from _free(letter.reason)
    yield from parts.afterwards(say, letter.ending)
    yield from parts.complaint(say, letter.head)


_BODIES: dict[LetterKind, Callable[[Any, Speech], Blocks]] = {
    LetterKind.ACKNOWLEDGEMENT: _acknowledgement,
    LetterKind.IDENTITY_REQUEST: _identity,
    LetterKind.EXTENSION: _extension,
    LetterKind.INTERIM: _interim,
    LetterKind.COMPLETE: _complete,
    LetterKind.PARTIAL_HOLD: _partial_hold,
    LetterKind.REFUSAL: _refusal,
    LetterKind.HOLD_RELEASED: _hold_released,
}
