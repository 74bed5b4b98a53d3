"""People whose contacts and conversations were planned one by one."""

from collections.abc import Iterator

from ...people import ContactPlan
from .record import Recorder

EMAILS = ("workEmail", "personalEmail", "otherEmail")
PHONES = ("cellPhone", "homePhone", "workPhone", "otherPhone")
Claim = tuple[str, str]


def planned(own: Recorder, claimed: set[str]) -> None:
    """Exactly the plan. ``claimed``: values some contact of the organisation answers for."""
    names = {}
    for plan in own.who.contacts:
        names[plan.key] = plan.name
        _contact(own, plan, list(_claims(plan, claimed)))
    for number, talk in enumerate(own.who.talks):
        own.talk(number, talk, name=names[talk.contact])


def _contact(own: Recorder, plan: ContactPlan, claims: list[Claim]) -> None:
    phones = dict(zip(PHONES, plan.phones, strict=False))
    one = own.contact(
        plan.key,
        plan.division,
        plan.last,
        dict(zip(EMAILS, plan.emails, strict=False)),
        {name: number.value for name, number in phones.items()},
        claims,
        first=plan.first,
        kind=plan.kind,
        external=plan.external_ids,
        address=own.who.address if plan.key == "main" else "",
        whatsapp=plan.whatsapp,
        merged_to=plan.merged_to,
    )
    one.typed.update({name: number.typed for name, number in phones.items()})


def _claims(plan: ContactPlan, claimed: set[str]) -> Iterator[Claim]:
    """What a look-up resolves to the contact; what found no field is claimed anyway."""
    over = {*plan.emails[len(EMAILS) :], *(one.e164 for one in plan.phones[len(PHONES) :])}
    for kind, value in _values(plan):
        key = f"{kind}:{value.lower()}"
        named = key not in claimed if plan.claims is None else value in plan.claims
        if named or value in over:
            claimed.add(key)
            yield kind, value


def _values(plan: ContactPlan) -> Iterator[Claim]:
    yield from (("Email", value) for value in plan.emails)
    yield from (("Phone", number.e164) for number in plan.phones if number.e164)
    yield from (("ExternalId", value) for value in plan.external_ids)
    if plan.whatsapp:
        yield "SocialWhatsapp", plan.whatsapp
