"""What Genesys Cloud keeps of a person, store by store: found, erased, read back how."""

from erasure.connectors.base import Leg, Store
from erasure.values import Verdict

CONTACTS = "external_contacts"
SUBJECTS = "gdpr_subjects"
CONVERSATIONS = "conversations"
RECORDINGS = "recordings"
EVALUATIONS = "evaluations"

NATIVE_HOURS = 14 * 24  # the vendor's own time for a GDPR deletion

STORES = (
    Store(
        name=CONTACTS,
        title="External contacts",
        search="Looked up by every e-mail address, phone number and id, with merged contacts.",
        erase="Each contact is deleted.",
        verify="Each contact is read by its exact id and must not be found.",
        after=(SUBJECTS,),
        permissions=("externalContacts:contact:view", "externalContacts:contact:delete"),
    ),
    Store(
        name=SUBJECTS,
        title="GDPR subjects",
        search="The vendor's subject search, by every e-mail address, phone number and CRM id.",
        erase="The vendor's own deletion job for the subject; it redacts conversations as well.",
        verify="The subject search must no longer return the subject.",
        subject_wide=True,
        verify_batch=100,
        patience_hours=NATIVE_HOURS,
        permissions=("gdpr:subject:view", "gdpr:request:view", "gdpr:request:add"),
    ),
    Store(
        name=CONVERSATIONS,
        title="Conversations",
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
        name=RECORDINGS,
        title="Recordings and transcripts",
        search="Recording metadata of each conversation, or a count by the deletion job's filter.",
        erase="A deletion job over exactly these conversations, or a deletion date one by one.",
        verify="Metadata, or the filter that counted them before, must show nothing left.",
        batch=100,
        verify_batch=100,
        patience_hours=72,
        permissions=(
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
        ),
    ),
    Store(
        name=EVALUATIONS,
        title="Quality evaluations",
        search="The evaluations named in the conversation details.",
        erase="Each evaluation is deleted.",
        verify="Each evaluation is read again and must not be found.",
        permissions=("quality:evaluation:view", "quality:evaluation:delete"),
    ),
)

PERMISSIONS = {store.name: store.permissions for store in STORES}
