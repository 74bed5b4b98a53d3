"""What service leaves behind: mail, activities, chats, messages and calls of one person."""

from collections.abc import Iterator

from ..people import Person
from .records import Values
from .seed import id_of

SERVICE = "service@example.com"
LINE = "+441632960999"
Made = Iterator[tuple[str, str, Values]]


def of_service(person: Person, contact: str, case: str) -> Made:
    """Kind, name and values, on one contact and one case."""
    yield "CaseComment", "note", {"ParentId": case, "CommentBody": f"{person.name} called."}
    yield from _mail(person, contact, case)
    task: Values = {"WhoId": contact, "Subject": "Call", "Description": f"Call {person.name}"}
    yield "Task", "call", {**task, "WhatId": case}
    yield "Task", "old", {**task, "IsArchived": True}
    yield "Event", "visit", {**task, "Subject": "Visit"}
    yield "Event", "old", {**task, "Subject": "Visit", "IsArchived": True}
    for kind, name in (("Task", "call"), ("Event", "visit")):
        activity: Values = {f"{kind}Id": id_of(person, kind, name), "RelationId": contact}
        yield f"{kind}Relation", name, activity
    yield from _chats(person, contact, case)
    call: Values = {"FromPhoneNumber": person.phone, "ToPhoneNumber": LINE}
    yield "VoiceCall", "call", {**call, "RelatedRecordId": contact}
    yield "VoiceCallRecording", "call", {"VoiceCallId": id_of(person, "VoiceCall", "call")}


def _mail(person: Person, contact: str, case: str) -> Made:
    """One letter from the person, and one that went to them as a blind copy."""
    sent: Values = {"Subject": "My order", "Status": "1", "IsExternallyVisible": True}
    letter: Values = {"ParentId": case, "FromAddress": person.email, "ToAddress": SERVICE}
    text: Values = {"FromName": person.name, "TextBody": f"Yours, {person.name}"}
    yield "EmailMessage", "mail", {**sent, **letter, **text}
    blind: Values = {"FromAddress": SERVICE, "ToAddress": SERVICE, "RelatedToId": contact}
    copied: Values = {"BccAddress": f"{person.name} <{person.email}>", "Status": "3"}
    yield "EmailMessage", "blind", {**sent, **blind, **copied}
    mail = id_of(person, "EmailMessage", "mail")
    relation: Values = {"EmailMessageId": mail, "RelationAddress": person.email}
    side: Values = {"RelationId": contact, "RelationType": "FromAddress"}
    yield "EmailMessageRelation", "from", {**relation, **side}


def _chats(person: Person, contact: str, case: str) -> Made:
    chat: Values = {"ContactId": contact, "CaseId": case, "IpAddress": "192.0.2.1"}
    place: Values = {"Location": "Exampleton", "Body": f"{person.name}: hello"}
    yield "LiveChatTranscript", "chat", {**chat, **place}
    begun: Values = {"LiveChatTranscriptId": id_of(person, "LiveChatTranscript", "chat")}
    yield "LiveChatTranscriptEvent", "begun", {**begun, "Type": "ChatRequest", "Detail": "Begun"}
    end: Values = {"Name": person.name, "MessagingPlatformKey": person.phone, "ContactId": contact}
    yield "MessagingEndUser", "end", end
    session: Values = {"MessagingEndUserId": id_of(person, "MessagingEndUser", "end")}
    about: Values = {"CaseId": case, "EndUserContactId": contact}
    yield "MessagingSession", "session", {**session, **about}
