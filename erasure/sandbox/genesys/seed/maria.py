"""Maria: several records nobody joined, and at least one of everything."""

from ...people import HOME, SALES, Person, Talk
from .record import Recorder


def maria(own: Recorder) -> None:
    """Four records nobody joined: two curated, one merged away, one made by the platform.

    The first shows the second's address, the second the third's: a walk along the
    identifiers finds them all.
    """
    who = own.who
    _contacts(own, who)
    own.note("main", f"{who.name} asked for a call in the evening.", 90)
    own.note("ancestor", f"Moved house, writes from {who.emails[1]}.", 800)
    own.journey("sales", 30)
    own.outbound(who.phone, 300)
    talks = (*_made_by_hand(who), *_plain(who, own.org.options.talks))
    for number, talk in enumerate(talks[: own.org.options.talks]):
        own.talk(number, talk)


def _contacts(own: Recorder, who: Person) -> None:
    one, two, three = who.emails
    first, second = who.phones
    married, maiden = (name.split()[-1] for name in who.names)
    external = [("ExternalId", value) for value in who.external_ids]
    own.contact(
        "main",
        HOME,
        married,
        {"workEmail": one, "otherEmail": two},
        {"cellPhone": first},
        [("Email", one), ("Phone", first)],
        address=who.address,
    )
    own.contact(
        "sales",
        SALES,
        maiden,
        {"personalEmail": two, "otherEmail": three},
        {"homePhone": second},
        [("Email", two), ("Phone", second), *external],
        external=who.external_ids,
    )
    own.contact(
        "ancestor",
        SALES,
        maiden,
        {"workEmail": two},
        {},
        [("SocialWhatsapp", who.whatsapp)],
        whatsapp=who.whatsapp,
        merged_to="sales",
    )
    own.contact("identified", HOME, "", {}, {}, [("Email", three)], kind="Identified")


def _made_by_hand(who: Person) -> tuple[Talk, ...]:
    one, two, three = who.emails
    first, second = who.phones
    return (
        Talk(0.8, "voice", first),
        Talk(10, "voice", first, screen=True, evaluated=True, calibrated=True, summarised=True),
        Talk(40, "email", one, surveyed=True, copied=(two,), attachments=("passport.pdf",)),
        Talk(90, "chat", two, "sales", (SALES,)),
        Talk(200, "message", second, "sales", (SALES,)),
        Talk(300, "callback", first, outbound=True, voicemail=True),
        Talk(400, "voice", second, "ancestor", (SALES,), evaluated=True, orphan=True),
        Talk(700, "email", three, "identified"),
        Talk(1000, "voice", first, divisions=(HOME, SALES), prefixed=False),
        Talk(1400, "voice", second, "sales", (SALES,), sensitive=True),
        Talk(1700, "voice", first, archived=True),
        Talk(1950, "voice", first),
        Talk(2500, "email", two, "sales", (SALES,)),
    )


def _plain(who: Person, count: int) -> tuple[Talk, ...]:
    """Further voice calls, every 37 days into the past; each fifth was evaluated."""
    return tuple(
        Talk(17 + 37 * number, "voice", who.phone, evaluated=number % 5 == 0)
        for number in range(count)
    )
