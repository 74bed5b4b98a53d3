"""The linked records of one person, for an org that holds every object."""

from collections.abc import Iterator
from typing import Any

from ..people import Person

Made = Any  # a function that makes an id of an object's name and a word
Rows = Iterator[tuple[str, str, dict[str, Any]]]
SHARED = "shared"  # the document linked to two people


def linked_rows(person: Person, number: int, made: Made, other: str) -> Rows:
    """Kind, name and values. ``other`` is the contact of the next person."""
    contact, case = made("Contact", "contact"), made("Case", "call")
    yield from _of_person(person, number, made, contact)
    yield from _of_service(person, number, made, contact, case)
    yield from _of_files(person, made, contact, other)
    yield "ContactHistory", "h", _history("ContactId", contact, "Email", person)
    yield "CaseHistory", "h", _history("CaseId", case, "SuppliedEmail", person)
    bill = {"Name": "INV-1", "Email__c": person.email, "Contact__c": contact}
    yield "Invoice__c", "bill", bill


def _history(parent: str, id18: str, field: str, person: Person) -> dict[str, Any]:
    old = f"old.{person.email}"
    return {parent: id18, "Field": field, "OldValue": old, "NewValue": person.email}


def _of_person(person: Person, number: int, made: Made, contact: str) -> Rows:
    individual = made("Individual", "self")
    yield (
        "Individual",
        "self",
        {
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "ShouldForget": False,
        },
    )
    yield (
        "Lead",
        "lead",
        {
            "Name": person.name,
            "Email": person.email,
            "Phone": formatted(person.phone, number),
            "MobilePhone": None,
            "IsConverted": number == 0,
            "ConvertedContactId": contact if number == 0 else None,
            "IndividualId": individual,
            "Description": "Asked at a fair.",
        },
    )
    yield "ContactPointEmail", "mail", {"EmailAddress": person.email, "ParentId": individual}
    phone = {"TelephoneNumber": formatted(person.phone, number + 1), "ParentId": individual}
    yield "ContactPointPhone", "phone", phone
    member = {"Email": person.email, "Phone": formatted(person.phone, number + 2)}
    links = {"MobilePhone": None, "ContactId": contact, "LeadId": None}
    yield "CampaignMember", "member", {**member, **links}
    user = {"Name": person.name, "Email": person.email, "Username": f"portal.{person.email}"}
    yield "User", "portal", {**user, "ContactId": contact, "IsActive": True}
    if number == 0:
        yield (
            "Account",
            "person",
            {
                "Name": person.name,
                "IsPersonAccount": True,
                "PersonEmail": person.email,
                "Phone": formatted(person.phone, number),
                "PersonMobilePhone": None,
                "PersonContactId": None,
            },
        )


def _of_service(person: Person, number: int, made: Made, contact: str, case: str) -> Rows:
    yield "CaseComment", "note", {"ParentId": case, "CommentBody": f"{person.name} called."}
    yield (
        "EmailMessage",
        "mail",
        {
            "ParentId": case,
            "FromAddress": person.email,
            "ToAddress": "service@example.com",
            "CcAddress": None,
            "Subject": "My order",
            "IsExternallyVisible": True,
            "TextBody": f"Yours, {person.name}",
        },
    )
    relation = {"EmailMessageId": made("EmailMessage", "mail"), "RelationAddress": person.email}
    yield "EmailMessageRelation", "from", {**relation, "RelationId": contact}
    task = {"WhoId": contact, "Subject": "Call", "Description": f"Call {person.name}"}
    yield "Task", "call", {**task, "IsArchived": False}
    yield "Task", "old", {**task, "IsArchived": True}
    yield "Event", "visit", {**task, "Subject": "Visit", "IsArchived": False}
    yield "OpportunityContactRole", "role", {"ContactId": contact, "OpportunityId": None}
    chat = {"ContactId": contact, "LeadId": None, "CaseId": case, "IpAddress": "192.0.2.1"}
    yield "LiveChatTranscript", "chat", {**chat, "Body": f"{person.name}: hello"}
    yield (
        "MessagingEndUser",
        "end",
        {
            "Name": person.name,
            "MessagingPlatformKey": person.phone,
            "ContactId": contact,
            "LeadId": None,
        },
    )
    session = {"MessagingEndUserId": made("MessagingEndUser", "end"), "CaseId": case}
    yield "MessagingSession", "session", {**session, "EndUserContactId": contact}
    call = {"FromPhoneNumber": person.phone, "ToPhoneNumber": "+441632960999"}
    yield "VoiceCall", "call", {**call, "RelatedRecordId": contact}


def _of_files(person: Person, made: Made, contact: str, other: str) -> Rows:
    document = made("ContentDocument", "letter")
    yield "ContentDocument", "letter", {"Title": f"Letter of {person.name}"}
    version = {"ContentDocumentId": document, "Title": f"Letter of {person.name}"}
    yield "ContentVersion", "letter", version
    link = {"ContentDocumentId": document, "LinkedEntityId": contact}
    yield "ContentDocumentLink", "letter", link
    if other:
        yield "ContentDocumentLink", SHARED, {**link, "LinkedEntityId": other}
    yield "Attachment", "scan", {"ParentId": contact, "Name": "scan.pdf", "Body": ""}
    yield "Note", "note", {"ParentId": contact, "Title": "Note", "Body": person.name}
    feed = {"ParentId": contact, "InsertedById": None, "Body": f"{person.name} wrote."}
    yield "FeedItem", "post", feed


def formatted(phone: str, number: int) -> str:
    """A British number in one of the ways people type it."""
    area, rest = phone.removeprefix("+44")[:4], phone.removeprefix("+44")[4:]
    ways = (
        phone,
        f"(0{area}) {rest}",
        f"+44 {area} {rest}",
        f"0{area}-{rest}",
        f"0{area}{rest} ext 2",
    )
    return ways[number % len(ways)]
