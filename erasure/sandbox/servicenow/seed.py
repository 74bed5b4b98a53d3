"""What the instance holds of each person in the beginning."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from .. import clock
from ..people import Person

Planned = tuple[str, str, str, dict[str, str], datetime]  # table, owner, key, values, created
MakeId = Callable[..., str]


def typed(phone: str) -> str:
    """A number as someone typed it into a free field: Tel. (01632) 96 0101."""
    digits = "0" + phone.removeprefix("+44")
    return f"Tel. ({digits[:5]}) {digits[5:-4]} {digits[-4:]}"


def planned(people: Sequence[Person], moment: datetime, made_id: MakeId) -> Iterator[Planned]:
    """Every row of everybody the instance knows."""
    known = [person for person in people if person.crm]
    role = {"name": "sn_customerservice.consumer"}
    yield "sys_user_role", "", "consumer", role, clock.ago(moment, days=900)
    for number, person in enumerate(known):
        for table, name, values, days in _rows(person, number, made_id):
            created = clock.ago(moment, days=days + number)
            yield table, person.key, f"{person.key}/{name}", values, created
    yield from _shared(known, moment)


def _shared(known: Sequence[Person], moment: datetime) -> Iterator[Planned]:
    """Somebody else's case: a mailbox two people use watches it."""
    pair = [person.email for person in known if person.key.startswith("family")][:2]
    if len(pair) == 2:
        values = {
            "number": "CS0090001",
            "short_description": "Meter reading of the house",
            "watch_list": ",".join(["household@example.org", *pair]),
        }
        yield "sn_customerservice_case", "", "shared", values, clock.ago(moment, days=30)


def _rows(
    person: Person, number: int, made_id: MakeId
) -> Iterator[tuple[str, str, dict[str, str], float]]:
    def own(table: str, name: str) -> str:
        return made_id(table, f"{person.key}/{name}")

    names = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": person.name,
        "email": person.email,
        "street": person.address,
    }
    user, consumer = own("csm_consumer_user", "user"), own("csm_consumer", "consumer")
    yield "csm_consumer_user", "user", {
        **names, "user_name": person.email, "mobile_phone": person.phone
    }, 400  # fmt: skip
    yield "csm_consumer", "consumer", {
        **names, "user": user, "mobile_phone": typed(person.phone), "notes": "Calls often"
    }, 400  # fmt: skip
    yield "sys_user_has_role", "role", {
        "user": user, "role": made_id("sys_user_role", "consumer"), "inherited": "false"
    }, 400  # fmt: skip
    yield from _work(person, number, user, consumer, own)
    yield from _contact(person, user, consumer, own)


def _work(
    person: Person, number: int, user: str, consumer: str, own: Callable[[str, str], str]
) -> Iterator[tuple[str, str, dict[str, str], float]]:
    case, incident = own("sn_customerservice_case", "case0"), own("incident", "incident")
    for at in (0, 1):
        yield "sn_customerservice_case", f"case{at}", {
            "number": f"CS{number:06d}{at}", "contact": user, "consumer": consumer,
            "short_description": f"Question {at + 1} of {person.name}",
        }, 60  # fmt: skip
    yield "incident", "incident", {
        "number": f"INC{number:07d}", "caller_id": user, "opened_by": user,
        "short_description": "Portal does not open", "watch_list": user,
    }, 50  # fmt: skip
    for name, table, key in (("journal0", "sn_customerservice_case", case),
                             ("journal1", "incident", incident)):  # fmt: skip
        yield "sys_journal_field", name, {
            "element_id": key, "name": table, "element": "comments",
            "value": f"{person.name} asks for an answer to {person.email}",
        }, 45  # fmt: skip
    yield "sys_attachment", "attachment", {
        "table_name": "sn_customerservice_case", "table_sys_id": case,
        "file_name": "letter.txt", "content_type": "text/plain", "size_bytes": "14",
    }, 45  # fmt: skip
    yield "sys_audit", "audit", {
        "documentkey": case, "tablename": "sn_customerservice_case", "fieldname": "description",
        "oldvalue": f"From {person.email}", "newvalue": "", "user": "sandbox",
    }, 44  # fmt: skip
    yield "sys_history_set", "history", {"id": case, "table": "sn_customerservice_case"}, 44
    yield "sys_history_line", "line", {
        "set": own("sys_history_set", "history"), "field": "description",
        "old": f"From {person.email}", "new": "",
    }, 44  # fmt: skip
    mail = {"recipients": person.email, "user_id": user, "subject": "Your question",
            "body": f"Dear {person.name}", "target_table": "sn_customerservice_case",
            "instance": case}  # fmt: skip
    yield "sys_email", "email", mail, 43
    if person.key in ("maria", "jo1") or person.bystander:
        yield "ar_sys_email", "archived", mail, 500


def _contact(
    person: Person, user: str, consumer: str, own: Callable[[str, str], str]
) -> Iterator[tuple[str, str, dict[str, str], float]]:
    yield "interaction", "interaction", {
        "number": "IMS1", "opened_for": user, "contact": user, "consumer": consumer,
        "channel": "chat", "short_description": f"Chat with {person.name}",
    }, 40  # fmt: skip
    profile, account = own("sys_cs_consumer", "profile"), own("sys_cs_consumer_account", "account")
    chat = {"consumer": profile, "consumer_account": account}
    yield "sys_cs_consumer", "profile", {"name": person.name, "user": user}, 40
    yield "sys_cs_consumer_account", "account", {"consumer": profile, "vendor_user_id": "1"}, 40
    yield "sys_cs_conversation", "conversation", {
        "number": "CONV1", "state": "closed", **chat
    }, 40  # fmt: skip
    yield "sn_csm_consumer_profile", "linked", {"number": "P1", "consumer": consumer}, 400
    conversation = own("sys_cs_conversation", "conversation")
    for at, payload in enumerate((f"I am {person.name}", f"Write to {person.email}")):
        yield "sys_cs_message", f"message{at}", {
            "conversation": conversation, "payload": payload, "direction": "inbound", **chat
        }, 40  # fmt: skip
    yield "cmn_notif_device", "device", {
        "name": "Second phone", "type": "SMS", "user": user,
        "phone_number": typed(person.phones[-1]),
    }, 39  # fmt: skip
