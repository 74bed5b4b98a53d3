"""What else an org can hold of a person: objects, id prefixes, stores, cascades."""
# ruff: noqa: E501 - a table reads best unbroken

from .soql import Table

_STAMPS = ("CreatedDate", "SystemModstamp", "IsDeleted")
# Object, prefix, store, filterable fields | fields the vendor does not filter by.
_LISTED = """\
Account 001 person_accounts IsPersonAccount Name PersonEmail Phone PersonContactId PersonMobilePhone
Lead 00Q leads Name Email Phone MobilePhone IsConverted ConvertedContactId IndividualId | Description
User 005 portal_users Name Email Username ContactId IsActive
Individual 0PK individuals FirstName LastName ShouldForget
ContactPointEmail 9Vl contact_points EmailAddress ParentId
ContactPointPhone 0Y8 contact_points TelephoneNumber ParentId
CampaignMember 00v campaign_members Email Phone MobilePhone ContactId LeadId
CaseComment 00a case_comments ParentId | CommentBody
EmailMessage 02s emails ParentId FromAddress ToAddress CcAddress Subject IsExternallyVisible | TextBody
EmailMessageRelation 0EM emails EmailMessageId RelationAddress RelationId
Task 00T activities WhoId Subject IsArchived | Description
Event 00U activities WhoId Subject IsArchived | Description
OpportunityContactRole 00K links ContactId OpportunityId
LiveChatTranscript 570 chats ContactId LeadId CaseId IpAddress | Body
MessagingEndUser 0PA messaging Name MessagingPlatformKey ContactId LeadId
MessagingSession 0Mw messaging MessagingEndUserId EndUserContactId CaseId
VoiceCall 0LQ voice_calls FromPhoneNumber ToPhoneNumber RelatedRecordId
ContentDocument 069 files Title
ContentVersion 068 files ContentDocumentId Title
ContentDocumentLink 06A files ContentDocumentId LinkedEntityId
Attachment 00P notes ParentId Name | Body
Note 002 notes ParentId Title | Body
FeedItem 0D5 feed ParentId InsertedById | Body
ContactHistory 017 history ContactId Field | OldValue NewValue
CaseHistory 01H history CaseId Field | OldValue NewValue
Invoice__c a01 custom Name Email__c Contact__c
"""
OBJECTS: dict[str, Table] = {}
OBJECT_PREFIXES: dict[str, str] = {}
STORES = {"Contact": "contacts", "Case": "cases"}
for _line in _LISTED.strip().splitlines():
    _name, _prefix, _store, *_rest = _line.split()
    _unfilterable = frozenset(_rest[_rest.index("|") + 1 :] if "|" in _rest else ())
    _fields = tuple(name for name in _rest if name != "|")
    OBJECTS[_name] = Table(_name, ("Id", *_fields, *_STAMPS), _unfilterable)
    OBJECT_PREFIXES[_name] = _prefix
    STORES[_name] = _store

UNDELETABLE = ("User", "ContentVersion", "ContactHistory", "CaseHistory")  # by REST
HISTORIES = ("ContactHistory", "CaseHistory")  # SOAP deletes them by id
NO_BIN = ("CampaignMember", "ContactHistory", "CaseHistory")
# Child object, its field, the parents whose deletion takes it along.
CASCADES = (
    ("CampaignMember", "ContactId", "Contact"),
    ("OpportunityContactRole", "ContactId", "Contact"),
    ("ContactHistory", "ContactId", "Contact"),
    ("Task", "WhoId", "Contact"),
    ("Event", "WhoId", "Contact"),
    ("Note", "ParentId", "Contact"),
    ("Attachment", "ParentId", "Contact"),
    ("FeedItem", "ParentId", "Contact"),
    ("CaseComment", "ParentId", "Case"),
    ("CaseHistory", "CaseId", "Case"),
    ("EmailMessageRelation", "EmailMessageId", "EmailMessage"),
    ("ContentVersion", "ContentDocumentId", "ContentDocument"),
    ("ContentDocumentLink", "ContentDocumentId", "ContentDocument"),
    ("CampaignMember", "LeadId", "Lead"),
)


def field_type(name: str) -> str:
    """What describe says of a field."""
    if name in {"Email", "PersonEmail", "SuppliedEmail", "EmailAddress", "Email__c"}:
        return "email"
    if "Phone" in name:
        return "phone"
    if name == "Id":
        return "id"
    if name.endswith("Id") or name == "Contact__c":
        return "reference"
    if name.startswith("Is") or name == "ShouldForget" or name.startswith("Permissions"):
        return "boolean"
    return "textarea" if name in {"Description", "Body", "CommentBody", "TextBody"} else "string"
