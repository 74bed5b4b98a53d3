"""Everybody else: a contact and a call or two; some neighbours have all there is."""

from collections.abc import Mapping
from typing import Any

from ...cast import COMPLETE, number_of
from ...people import Person, Talk, stable_id
from .record import Recorder


def anyone(own: Recorder) -> None:
    """One curated contact; a call, and for those who may ask also an e-mail."""
    who = own.who
    _main(own)
    home = who.divisions[:1]
    days = 20 + int(stable_id(who.key)[:4], 16) % 1500
    talks = [Talk(days, "voice", who.phone, divisions=home, evaluated=days % 3 == 0)]
    if not who.bystander:
        talks.append(Talk(12, "email", who.email, divisions=home))
        talks.append(Talk(2100, "voice", who.phone, divisions=home, evaluated=True))
        own.note("main", f"{who.name} prefers letters.", 60)
    elif number_of(who) < COMPLETE:
        talks += _everything(who, home)
        own.note("main", f"{who.name} called twice.", 75)
        own.journey("main", 33)
        own.outbound(who.phone, 200)
        own.lost_orphan(500)
    for number, talk in enumerate(talks):
        own.talk(number, talk)


def _everything(who: Person, home: tuple[str, ...]) -> list[Talk]:
    """Some of every store that hangs on a conversation."""
    email, phone = who.email, who.phone
    return [
        Talk(
            14,
            "voice",
            phone,
            divisions=home,
            screen=True,
            evaluated=True,
            calibrated=True,
            summarised=True,
            orphan=True,
        ),
        Talk(50, "email", email, divisions=home, surveyed=True, attachments=("order.pdf",)),
        Talk(80, "chat", email, divisions=home),
        Talk(110, "message", phone, divisions=home),
        Talk(140, "callback", phone, divisions=home, outbound=True, voicemail=True),
    ]


def _main(own: Recorder) -> None:
    """The one contact of somebody who has one."""
    who = own.who
    claims = [("Email", value) for value in who.emails] + [("Phone", value) for value in who.phones]
    own.contact(
        "main",
        who.divisions[0],
        who.last_name,
        {"workEmail": who.email},
        {"cellPhone": who.phone},
        [*claims, *(("ExternalId", value) for value in who.external_ids)],
        external=who.external_ids,
        address=who.address,
    )


def bench(own: Recorder, given: Mapping[str, Any]) -> None:
    """Many conversations of one person: ``conversations``, ``recordings``, ``evaluations``.

    The first two are counts (recordings per conversation), the last a fraction. All are
    older than two days and younger than five years, so that a recording job matches them.
    """
    _main(own)
    total, each = int(given.get("conversations", 100)), int(given.get("recordings", 1))
    share = float(given.get("evaluations", 0))
    for number in range(total):
        days = 3 + 1800 * number / max(1, total)
        evaluated = int((number + 1) * share) > int(number * share)
        talk = Talk(days, "voice", own.who.phone, evaluated=evaluated)
        own.talk(number, talk, recordings=each)
