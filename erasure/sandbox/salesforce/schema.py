"""The objects of an org: prefixes, stores, fields, and what becomes of children.

A field's marks: ~ long text no query may filter by, ! not updateable, * tracked in the
object's history, ? there only while person accounts are on, > the objects it refers to.
"""
# ruff: noqa: E501 - a table reads best unbroken

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .soql import Table

_CORE = """\
Contact 003 contacts Name! FirstName* LastName* Email* Phone* MobilePhone* HomePhone OtherPhone AssistantPhone Fax AccountId>Account IndividualId>Individual IsPersonAccount!? Description~
Case 500 cases CaseNumber! ContactId>Contact AccountId>Account SuppliedEmail* SuppliedPhone* SuppliedName* Subject Status* Description~
"""
_FURTHER = """\
Account 001 person_accounts Name! FirstName? LastName? Phone* Fax PersonEmail*? PersonMobilePhone*? PersonHomePhone? PersonOtherPhone? PersonContactId!?>Contact PersonIndividualId?>Individual IsPersonAccount!? Description~
Lead 00Q leads Name! FirstName* LastName* Email* Phone* MobilePhone* Fax Company IsConverted! ConvertedContactId!>Contact IndividualId>Individual Description~
User 005 portal_users Name! FirstName LastName Email Username Alias CommunityNickname ContactId>Contact UserType! IsActive Phone MobilePhone
Individual 0PK individuals Name! FirstName LastName ShouldForget HasOptedOutProcessing HasOptedOutProfiling HasOptedOutTracking HasOptedOutSolicit HasOptedOutGeoTracking CanStorePiiElsewhere SendIndividualData
ContactPointEmail 9Vl contact_points EmailAddress ParentId!>Individual,Account
ContactPointPhone 0Y8 contact_points TelephoneNumber ParentId!>Individual,Account
ContactPointAddress 8VA contact_points Name Street City ParentId!>Individual,Account
CampaignMember 00v campaign_members Email! Phone! MobilePhone! ContactId!>Contact LeadId!>Lead Status
CaseComment 00a case_comments ParentId!>Case CommentBody~
EmailMessage 02s emails ParentId>Case RelatedToId>Account,Contact,Lead,Case ActivityId>Task FromAddress FromName ToAddress CcAddress BccAddress Subject Status IsExternallyVisible TextBody~ HtmlBody~
EmailMessageRelation 0EM emails EmailMessageId!>EmailMessage RelationAddress! RelationId!>Contact,Lead,User RelationType!
Task 00T activities WhoId>Contact,Lead WhatId>Account,Case Subject IsArchived! Description~
Event 00U activities WhoId>Contact,Lead WhatId>Account,Case Subject IsArchived! Description~
TaskRelation 0RT activities TaskId!>Task RelationId!>Contact,Lead IsWhat!
EventRelation 0RE activities EventId!>Event RelationId!>Contact,Lead IsWhat! IsInvitee!
OpportunityContactRole 00K links ContactId>Contact OpportunityId! Role
AccountContactRelation 07k links AccountId!>Account ContactId!>Contact Roles
ContractContactRole 02a links ContactId>Contact ContractId! Role
CaseContactRole 03j links CasesId!>Case ContactId>Contact Role
LiveChatTranscript 570 chats ContactId>Contact LeadId>Lead CaseId>Case IpAddress Location Body~
LiveChatTranscriptEvent 574 chats LiveChatTranscriptId!>LiveChatTranscript Type Detail
MessagingEndUser 0PA messaging Name MessagingPlatformKey! ContactId>Contact LeadId>Lead AccountId>Account
MessagingSession 0Mw messaging Name! MessagingEndUserId!>MessagingEndUser EndUserContactId>Contact CaseId>Case
VoiceCall 0LQ voice_calls FromPhoneNumber! ToPhoneNumber! RelatedRecordId>Contact,Lead,Case,Account
VoiceCallRecording 9Vc voice_calls VoiceCallId!>VoiceCall MediaContentId!>ContentDocument
ContentDocument 069 files Title
ContentVersion 068 files ContentDocumentId!>ContentDocument Title PathOnClient!
ContentDocumentLink 06A files ContentDocumentId!>ContentDocument LinkedEntityId!>Account,Case,Contact,Lead ShareType
Attachment 00P notes ParentId!>Account,Case,Contact,EmailMessage,Lead Name Body~
Note 002 notes ParentId!>Account,Case,Contact,Lead Title Body~
FeedItem 0D5 feed ParentId!>Account,Case,Contact,Lead InsertedById!>User Type! Title Body~
FeedComment 0D7 feed FeedItemId!>FeedItem ParentId!>Account,Case,Contact,Lead InsertedById!>User CommentBody~
ContactHistory 017 history ContactId!>Contact Field! OldValue~! NewValue~!
LeadHistory 017 history LeadId!>Lead Field! OldValue~! NewValue~!
AccountHistory 017 history AccountId!>Account Field! OldValue~! NewValue~!
CaseHistory 017 history CaseId!>Case Field! OldValue~! NewValue~!
Invoice__c a01 custom Name Email__c Contact__c>Contact Notes__c~
Loyalty__c a02 custom Name Email__c Phone__c Lead__c>Lead
Survey__c a03 custom Name Phone__c Account__c>Account Contact__c>Contact Answers__c~
"""
_SETUP = """\
Organization 00D - Name IsSandbox
UserPermissionAccess - - PermissionsViewAllData PermissionsModifyAllData PermissionsBulkApiHardDelete
"""
_MARKS = re.compile(r"(?P<name>\w+)(?P<marks>[~!*?]*)(?:>(?P<refs>[\w,]+))?\Z")
_EMAILS = {"Email", "PersonEmail", "SuppliedEmail", "EmailAddress", "Email__c"}
_LONG = {"Description", "Body", "CommentBody", "TextBody", "HtmlBody"}
_FLAG = re.compile(r"(Is[A-Z]|Has[A-Z]|Permissions|ShouldForget|CanStore|SendIndividual)")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as describe tells it."""

    name: str
    type: str
    filterable: bool = True
    updateable: bool = False
    tracked: bool = False
    person_account: bool = False
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SObject:
    """One object. ``store`` is empty where no person's data stands."""

    name: str
    prefix: str
    store: str
    fields: tuple[Field, ...]

    def table(self) -> Table:
        """What the parser of a query needs."""
        return Table(
            self.name,
            tuple(field.name for field in self.fields),
            frozenset(field.name for field in self.fields if not field.filterable),
            {field.name: field.type for field in self.fields},
        )

    def field(self, name: str) -> Field | None:
        """The field of that name, whatever its case."""
        own = (field for field in self.fields if field.name.lower() == name.lower())
        return next(own, None)

    def only(self, wanted: Callable[[Field], bool]) -> "SObject":
        """The object with some of its fields."""
        return replace(self, fields=tuple(filter(wanted, self.fields)))

    def without_person_accounts(self) -> "SObject":
        return self.only(lambda one: not one.person_account)


@dataclass(frozen=True, slots=True)
class Cascade:
    """A child whose parent's deletion takes it along."""

    child: str
    field: str
    parent: str


def field_type(name: str, *, references: bool = False) -> str:
    """What describe says of a field."""
    if name in _EMAILS:
        return "email"
    if ("Phone" in name and name != "TelephoneNumber") or name in {"TelephoneNumber", "Fax"}:
        return "phone"
    if name == "Id":
        return "id"
    if references or name.endswith("Id"):
        return "reference"
    if _FLAG.match(name):
        return "boolean"
    if name in {"CreatedDate", "SystemModstamp"}:
        return "datetime"
    return "textarea" if name in _LONG or name.endswith("s__c") else "string"


def _field(told: str) -> Field:
    match = _MARKS.match(told)
    if match is None:
        raise ValueError(f"{told!r} is no field.")
    name, marks = match["name"], match["marks"]
    references = tuple((match["refs"] or "").split(",")) if match["refs"] else ()
    return Field(
        name, field_type(name, references=bool(references)),
        filterable="~" not in marks, updateable="!" not in marks, tracked="*" in marks,
        person_account="?" in marks, references=references,
    )  # fmt: skip


def _read(text: str) -> dict[str, SObject]:
    found = {}
    for line in text.strip().splitlines():
        name, prefix, store, *told = line.split()
        fields = [_field(each) for each in told]
        stamps = ["CreatedDate", "IsDeleted"]
        if not name.endswith("History"):
            stamps.append("SystemModstamp")
        if store != "-":
            fields += [Field(each, field_type(each)) for each in stamps]
        own = [] if prefix == "-" else [Field("Id", "id")]
        found[name] = SObject(name, prefix.strip("-"), store.strip("-"), (*own, *fields))
    return found


CORE, FURTHER, SETUP = _read(_CORE), _read(_FURTHER), _read(_SETUP)
EVERY = CORE | FURTHER | SETUP
STORES = {name: one.store for name, one in EVERY.items() if one.store}
PREFIXES = {name: one.prefix for name, one in EVERY.items()}
HISTORIES = tuple(name for name in FURTHER if name.endswith("History"))  # SOAP deletes them by id
UNDELETABLE = ("User", "ContentVersion", *HISTORIES, *SETUP)  # by REST
NO_BIN = ("CampaignMember", *HISTORIES)
RELATIONS = {"TaskRelation": "TaskId", "EventRelation": "EventId"}  # who an activity is with
NO_TEXT = ("EmailMessageRelation", "ContentDocumentLink", *RELATIONS)
UNSEARCHED = (*HISTORIES, *SETUP, *NO_TEXT)  # by SOSL
_TAKEN = """\
Contact: CampaignMember.ContactId OpportunityContactRole.ContactId AccountContactRelation.ContactId ContractContactRole.ContactId CaseContactRole.ContactId ContactHistory.ContactId Task.WhoId Event.WhoId Note.ParentId Attachment.ParentId FeedItem.ParentId ContentDocumentLink.LinkedEntityId
Case: CaseComment.ParentId CaseHistory.CaseId CaseContactRole.CasesId Note.ParentId Attachment.ParentId FeedItem.ParentId ContentDocumentLink.LinkedEntityId
Lead: CampaignMember.LeadId LeadHistory.LeadId Task.WhoId Event.WhoId Note.ParentId Attachment.ParentId FeedItem.ParentId ContentDocumentLink.LinkedEntityId
Account: Contact.AccountId AccountHistory.AccountId AccountContactRelation.AccountId Note.ParentId Attachment.ParentId FeedItem.ParentId ContentDocumentLink.LinkedEntityId ContactPointEmail.ParentId ContactPointPhone.ParentId ContactPointAddress.ParentId
Individual: ContactPointEmail.ParentId ContactPointPhone.ParentId ContactPointAddress.ParentId
EmailMessage: EmailMessageRelation.EmailMessageId Attachment.ParentId
Task: TaskRelation.TaskId
Event: EventRelation.EventId
LiveChatTranscript: LiveChatTranscriptEvent.LiveChatTranscriptId
FeedItem: FeedComment.FeedItemId
VoiceCall: VoiceCallRecording.VoiceCallId
ContentDocument: ContentVersion.ContentDocumentId ContentDocumentLink.ContentDocumentId
"""
CASCADES = tuple(
    Cascade(each.partition(".")[0], each.partition(".")[2], line.partition(":")[0])
    for line in _TAKEN.strip().splitlines()
    for each in line.partition(":")[2].split()
)
RESTRICTED = (("Case", "ContactId", "Contact"), ("User", "ContactId", "Contact"))
