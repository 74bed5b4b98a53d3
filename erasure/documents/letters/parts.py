"""The passages that letters share, as blocks."""

from collections.abc import Iterable, Iterator, Sequence

from erasure.documents.letters.facts import Backup, Gone, Head, Kept, Portion
from erasure.documents.letters.kinds import Ending
from erasure.documents.letters.speech import Speech
from erasure.documents.letters.terms import ARTICLE, CATEGORY
from erasure.documents.letters.written import Block, Element, Look
from erasure.values import Verdict

E = Element
Blocks = Iterator[Block]


def heading(text: str) -> Block:
    return Block(text, look=Look.HEADING)


def opening(say: Speech, head: Head) -> Blocks:
    if head.addressee:
        # xgettext:no-python-format (formal French names nobody)
        yield Block(say.say("Dear %(name)s,", name=head.addressee))
    else:
        yield Block(say.say("Dear Sir or Madam,"))
    yield Block(
        say.say(
            "We received your request for the erasure of personal data (Art. 17 of the General "
            "Data Protection Regulation, GDPR) on %(date)s and keep it under the reference "
            "%(reference)s.",
            date=say.day(head.received_on), reference=head.reference,
        ),
        E.REQUEST,
    )  # fmt: skip


def closing(say: Speech, head: Head) -> Blocks:
    yield Block(
        say.say(
            "If you have any questions, you can reach our data protection officer at "
            "%(contact)s. Please state the reference %(reference)s.",
            contact=head.dpo_contact, reference=head.reference,
        ),
        E.CONTACT,
    )  # fmt: skip
    yield Block(say.say("Yours faithfully,"))
    yield Block(head.controller)


def portions(say: Speech, found: Iterable[Portion]) -> list[str]:
    """``Genesys Cloud: chats and messages (2), answers to surveys (1)``: one text a system."""
    systems: dict[str, dict[str, int]] = {}
    for each in found:
        kinds = systems.setdefault(each.system, {})
        kind = say.say(CATEGORY[each.category])
        kinds[kind] = kinds.get(kind, 0) + each.count
    listed = {
        system: ", ".join(f"{kind} ({say.number(n)})" for kind, n in kinds.items())
        for system, kinds in systems.items()
    }
    return [say.say("%(system)s: %(kinds)s", system=s, kinds=k) for s, k in listed.items()]


def points(texts: Iterable[str], element: Element) -> Blocks:
    for text in texts:
        yield Block(text, element, Look.POINT)


def how_it_went(say: Speech, gone: Sequence[Gone]) -> Blocks:
    """For each way in which the end is known, how many."""
    number = {v: sum(one.count for one in gone if one.verdict == v) for v in Verdict}
    if number[Verdict.VERIFIED_ABSENT]:
        yield Block(
            say.count(
                "%(number)s record was erased; a fresh search no longer finds it.",
                "%(number)s records were erased; a fresh search no longer finds them.",
                number[Verdict.VERIFIED_ABSENT],
            )
        )
    if number[Verdict.ANONYMISED]:
        yield Block(
            say.count(
                "%(number)s record was made anonymous; nothing in it leads to you any more.",
                "%(number)s records were made anonymous; nothing in them leads to you any more.",
                number[Verdict.ANONYMISED],
            )
        )
    if number[Verdict.ATTESTED]:
        yield Block(
            say.count(
                "%(number)s record was erased where we cannot search ourselves; its erasure was "
                "attested to us.",
                "%(number)s records were erased where we cannot search ourselves; their erasure "
                "was attested to us.",
                number[Verdict.ATTESTED],
            )
        )


def erased(say: Speech, ending: Ending, *, kept: bool = False) -> Blocks:
    """What was erased, where, how that is known, and when; ``kept``: something stays."""
    if not ending.gone:
        yield Block(
            say.say("No record was erased: all that we found is kept for now.")
            if kept
            else say.say("No record was erased: in the systems we searched we found none of you."),
            E.ERASED,
        )
        searched = "; ".join(ending.searched)
        yield Block(say.say("We searched these systems: %(systems)s.", systems=searched))
        day = say.day(ending.ended_on)
        yield Block(say.say("The search ended on %(date)s.", date=day), E.ERASED_ON)
        return
    yield heading(say.say("What was erased"))
    yield from points(portions(say, ending.gone), E.ERASED)
    yield from how_it_went(say, ending.gone)
    day = say.day(ending.ended_on)
    yield Block(say.say("The erasure ended on %(date)s.", date=day), E.ERASED_ON)


def kept(say: Speech, group: Kept, reason: str) -> Blocks:
    """One group of records that stay: until when, under which article, why, and which."""
    yield Block(_stays(say, group), E.HOLD_DATE, Look.STRONG)
    yield Block(say.say(ARTICLE[group.article]), E.ARTICLE)
    yield Block(group.wording.strip() or reason.strip(), E.REASON)
    yield Block(say.say("This concerns:"))
    yield from points(portions(say, group.portions), E.CATEGORIES)


def _stays(say: Speech, group: Kept) -> str:
    if group.held and group.until:
        return say.say(
            "Certain interaction records are subject to legal hold and cannot be erased until "
            "%(date)s.",
            date=say.day(group.until),
        )
    if group.held and group.review_by:
        return say.say(
            "Certain interaction records are subject to legal hold and cannot be erased while the "
            "legal ground exists; we review this by %(date)s.",
            date=say.day(group.review_by),
        )
    named = group.until or group.review_by
    return say.say(
        "Certain records cannot be erased while the legal ground exists; we review this by "
        "%(date)s.",
        date=say.day(named) if named else "",
    )


def afterwards(say: Speech, ending: Ending) -> Blocks:
    """Backups, codes against re-import, recipients, the case's own file."""
    if ending.gone:
        yield heading(say.say("Backup copies"))
        yield from points((_backup(say, each) for each in ending.backups), E.BACKUPS)
    if ending.suppressed_months:
        yield heading(say.say("So that your data do not come back"))
        yield Block(
            say.say(
                "For %(months)s months after the erasure we keep a keyed code of the identifiers "
                "you were known by, from which they cannot be read. It serves solely to keep "
                "automatic imports from storing your data again. If you become our customer again, "
                "it does not stand in your way.",
                months=ending.suppressed_months,
            ),
            E.SUPPRESSION,
        )
    yield heading(say.say("Recipients and our file"))
    if ending.recipients_told:
        yield Block(
            say.count(
                "We have told %(number)s recipient of your data of the erasure (Art. 19 GDPR).",
                "We have told %(number)s recipients of your data of the erasure (Art. 19 GDPR).",
                ending.recipients_told,
            )
        )
    yield Block(
        say.say(
            "On request we name the recipients to whom your data were disclosed and say which of "
            "them were told of the erasure (Art. 19 GDPR)."
        ),
        E.RECIPIENTS,
    )
    yield Block(
        say.say(
            "We keep the file of this request for %(months)s months after its end, to be able to "
            "show how we handled it (Art. 5(2) GDPR). It is used for nothing else.",
            months=ending.file_months,
        ),
        E.FILE,
    )


def _backup(say: Speech, backup: Backup) -> str:
    if backup.until:
        return say.say(
            "%(system)s: backup copies may hold the data until %(date)s; then they are "
            "overwritten.",
            system=backup.system, date=say.day(backup.until),
        )  # fmt: skip
    return say.say(
        "%(system)s: backup copies may hold the data until they are overwritten in the ordinary "
        "course; we have not been told a date.",
        system=backup.system,
    )


def complaint(say: Speech, head: Head) -> Blocks:
    """The right to complain, with the authority's name and address (Art. 77)."""
    yield heading(say.say("Your rights"))
    yield Block(
        say.say(
            "You have the right to lodge a complaint with a supervisory authority (Art. 77 GDPR), "
            "in particular in the Member State of your habitual residence, your place of work or "
            "the place of the alleged infringement. The authority responsible for us is:"
        ),
        E.COMPLAINT,
    )
    yield Block(f"{head.authority.name}, {head.authority.address}", E.COMPLAINT, Look.POINT)


def court(say: Speech) -> Blocks:
    """The right to a judicial remedy (Art. 79)."""
    yield Block(
        say.say(
            "You also have the right to an effective judicial remedy (Art. 79 GDPR): you may bring "
            "proceedings before the courts of the Member State in which we have an establishment, "
            "or of the Member State in which you have your habitual residence."
        ),
        E.COURT,
    )
