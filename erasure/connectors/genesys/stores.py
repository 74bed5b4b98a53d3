"""What Genesys Cloud keeps of a person, store by store: found, erased, read back how.

Source: docs/architecture.md and the vendor's API v2. A store that no interface can
search or erase says in ``manual`` what a person does instead.
"""

from erasure.connectors.base import Leg, Store
from erasure.values import Exemption, Verdict

CONTACTS = "external_contacts"
NOTES = "contact_notes"
JOURNEYS = "journey_sessions"
SUBJECTS = "gdpr_subjects"
CONVERSATIONS = "conversations"
ATTRIBUTES = "participant_attributes"
VOICE = "voice_recordings"
SCREENS = "screen_recordings"
CHATS = "chat_transcripts"
MESSAGES = "message_transcripts"
EMAILS = "email_transcripts"
ORPHANS = "orphan_recordings"
TRANSCRIPTS = "speech_transcripts"
SUMMARIES = "conversation_summaries"
VOICEMAIL = "voicemail"
EVALUATIONS = "evaluations"
CALIBRATIONS = "calibrations"
SURVEYS = "surveys"
OUTBOUND = "outbound_contacts"
DNC = "do_not_contact"
COPIES = "copies_outside"

RECORDED = (VOICE, SCREENS, CHATS, MESSAGES, EMAILS)  # erased by recording jobs

WITHOUT_ROWS = frozenset({CONTACTS, NOTES, JOURNEYS, SUBJECTS, DNC, COPIES})
"""What can be searched even if the conversations cannot: all others hang on them."""

NATIVE_HOURS = 14 * 24  # the vendor's own time for a GDPR deletion
RECORDING_PERMISSIONS = (
    "recording:recording:view",
    "recording:recording:viewSensitiveData",
    "recording:recording:editRetention",
    "recording:screenRecording:view",
    "recording:screenRecording:editRetention",
    "recording:snippetRecording:view",
    "recording:snippetRecording:editRetention",
    "recording:job:add",
    "recording:job:view",
    "recording:job:edit",
    "recording:job:delete",
)


def _recorded(name: str, title: str, what: str, after: tuple[str, ...] = ()) -> Store:
    """One kind of recording: an item for each conversation that has any of the kind."""
    return Store(
        name=name,
        title=title,
        search=f"{what} in the recording metadata of each conversation, or counted by the "
        "deletion job's filter.",
        erase="A deletion job over exactly these conversations, or a deletion date one by one.",
        verify="Metadata, or the filter that counted them before, must show nothing left.",
        batch=100,
        verify_batch=100,
        after=after,
        patience_hours=72,
        permissions=RECORDING_PERMISSIONS,
    )


STORES = (
    Store(
        name=CONTACTS,
        title="External contacts",
        search="Looked up by every e-mail address, phone number, handle and id, with merged "
        "contacts.",
        erase="Each contact is deleted.",
        verify="Each contact is read by its exact id and must not be found.",
        contact_record=True,
        after=(SUBJECTS,),
        permissions=("externalContacts:contact:view", "externalContacts:contact:delete"),
    ),
    Store(
        name=NOTES,
        title="Contact notes",
        through=(CONTACTS,),
        search="The notes of each contact and of the contacts merged into it.",
        erase="Each note is deleted.",
        verify="The notes of the contact are read again and must not hold it.",
        permissions=("externalContacts:contact:view", "externalContacts:contact:edit"),
    ),
    Store(
        name=JOURNEYS,
        title="Journey sessions",
        through=(CONTACTS,),
        search="The web visits of each contact, merged contacts included.",
        erase="Redacted by the vendor's deletion job; no interface deletes a session.",
        verify="Each session is read again: gone, or no identifier of the person left in it.",
        leg=Leg.NATIVE,
        end=Verdict.ANONYMISED,
        patience_hours=NATIVE_HOURS,
        permissions=("externalContacts:session:view", "journey:session:view"),
        manual="Ask Genesys support to remove the journey sessions of this person and attach "
        "the answer.",
    ),
    Store(
        name=SUBJECTS,
        title="GDPR subjects",
        search="The vendor's subject search, by every e-mail address, phone number, handle and "
        "CRM id.",
        erase="The vendor's own deletion job for the subject; it redacts conversations as well.",
        verify="The subject search must no longer return the subject.",
        contact_record=True,  # the job deletes the external contact of its subject
        subject_wide=True,
        verify_batch=100,
        patience_hours=NATIVE_HOURS,
        permissions=("gdpr:subject:view", "gdpr:request:view", "gdpr:request:add"),
    ),
    Store(
        name=CONVERSATIONS,
        title="Conversation details",
        search="Conversation details by every address, number and contact id.",
        erase="Redacted by the vendor's deletion job; the rows stay for statistics.",
        verify="Each row is read again and must hold no identifier or name of the person.",
        leg=Leg.NATIVE,
        end=Verdict.ANONYMISED,
        verify_batch=100,
        patience_hours=NATIVE_HOURS,
        permissions=("analytics:conversationDetail:view",),
    ),
    Store(
        name=ATTRIBUTES,
        title="Participant attributes",
        search="The free fields of the person's participant in each conversation.",
        erase="Redacted by the vendor's deletion job.",
        verify="The conversation is read again and its participant must carry none of them.",
        leg=Leg.NATIVE,
        end=Verdict.ANONYMISED,
        patience_hours=NATIVE_HOURS,
        permissions=("analytics:conversationDetail:view", "conversation:communication:view"),
    ),
    _recorded(VOICE, "Voice recordings", "Recorded calls"),
    _recorded(SCREENS, "Screen recordings", "Recorded agent screens", (VOICE,)),
    _recorded(CHATS, "Chat transcripts", "Web chats"),
    _recorded(MESSAGES, "Message transcripts", "SMS, WhatsApp and other messages"),
    _recorded(EMAILS, "E-mails with attachments", "E-mails and their attachments"),
    Store(
        name=ORPHANS,
        title="Orphan recordings",
        search="Recordings without a conversation of their own that name one of the person's.",
        erase="Each orphan recording is deleted.",
        verify="Each orphan recording is read again and must not be found.",
        permissions=("recording:orphan:view", "recording:orphan:delete"),
    ),
    Store(
        name=TRANSCRIPTS,
        title="Speech and text analytics",
        search="Whether each conversation has a transcript, topics or sentiment.",
        erase="Goes with the recording; the vendor has no deletion of its own for it.",
        verify="The transcript of each conversation is asked for and must not be found.",
        after=RECORDED,
        patience_hours=NATIVE_HOURS,
        permissions=("speechAndTextAnalytics:data:view",),
        manual="Ask Genesys support to remove the transcript of this conversation.",
    ),
    Store(
        name=SUMMARIES,
        title="Conversation summaries",
        search="Summaries written by the vendor's AI for each conversation.",
        erase="Redacted by the vendor's deletion job; no interface deletes a summary.",
        verify="The summaries are read again: gone, or no identifier of the person left.",
        leg=Leg.NATIVE,
        end=Verdict.ANONYMISED,
        patience_hours=NATIVE_HOURS,
        permissions=("conversation:summary:view",),
        manual="Ask Genesys support to remove the summaries of this conversation.",
    ),
    Store(
        name=VOICEMAIL,
        title="Voicemail",
        search="Conversations that went to voicemail, and the messages of those queues.",
        erase="Redacted by the vendor's deletion job; the message itself by its owner.",
        verify="The queue's messages are read again and must not hold it.",
        leg=Leg.NATIVE,
        patience_hours=NATIVE_HOURS,
        permissions=("voicemail:acdvoicemail:view",),
        manual="A client without a user cannot open voicemail. Have the owner of the mailbox, or "
        "a member of the group or queue, delete the messages of these calls and attach a "
        "screenshot of the empty list.",
    ),
    Store(
        name=EVALUATIONS,
        title="Quality evaluations",
        search="The evaluations named in the conversation details.",
        erase="Each evaluation is deleted.",
        verify="Each evaluation is read again and must not be found.",
        permissions=("quality:evaluation:view", "quality:evaluation:delete"),
    ),
    Store(
        name=CALIBRATIONS,
        title="Calibrations",
        search="The calibrations of each conversation, by every calibrator known.",
        erase="Each calibration is deleted.",
        verify="The calibrations of the conversation are read again and must not hold it.",
        permissions=("quality:calibration:view", "quality:calibration:delete"),
        manual="Search Quality > Calibrations for the person's conversations and delete what "
        "is found.",
    ),
    Store(
        name=SURVEYS,
        title="Surveys",
        search="The surveys of each conversation.",
        erase="Redacted by the vendor's deletion job; no interface deletes a survey.",
        verify="Each survey is read again: gone, or no answer in free text left in it.",
        leg=Leg.NATIVE,
        end=Verdict.ANONYMISED,
        patience_hours=NATIVE_HOURS,
        permissions=("quality:survey:view",),
    ),
    Store(
        name=OUTBOUND,
        title="Campaign contacts",
        through=(SUBJECTS,),
        search="The rows of campaign contact lists that the subject search names.",
        erase="Each row is deleted; a row in use by a running campaign is tried again.",
        verify="Each row is read again and must not be found.",
        patience_hours=72,
        permissions=("outbound:contact:view", "outbound:contact:delete"),
    ),
    Store(
        name=DNC,
        title="Do-not-contact lists",
        search="No interface reads an entry; the connection names the lists.",
        erase="Kept by default: the entry is what keeps the person from being called.",
        verify="A person removes the entry and attaches the evidence.",
        manual="Remove the person's numbers and addresses from the do-not-contact lists and "
        "attach the export that shows it.",
        kept=Exemption.LEGAL_OBLIGATION,
    ),
    Store(
        name=COPIES,
        title="Exports and copies outside",
        search="No interface knows them; the connection names them, or a person looks.",
        erase="A person deletes the copies.",
        verify="A person attests it with evidence.",
        manual="Look for the person in recording exports (S3), event streams, data warehouses "
        "and backups of this organisation, delete what is found, attach the evidence.",
    ),
)
PERMISSIONS = {store.name: store.permissions for store in STORES}
MANUAL = {store.name: store.manual for store in STORES}
