"""What the organisation truly holds of a person, in the product's words for stores."""

from collections.abc import Iterable

from .state import Org

RECORDED = {
    "audio": "voice_recordings",
    "screen": "screen_recordings",
    "chat": "chat_transcripts",
    "message": "message_transcripts",
    "email": "email_transcripts",
}
Row = tuple[str, str, str, str]  # store, id, conversation, what


def holdings_of(org: Org, person: str) -> Iterable[Row]:
    """Everything that still speaks of a person; what is redacted no longer does."""
    yield from _of_contacts(org, person)
    for key, talk in org.conversations.items():
        if talk.person == person:
            yield from _of_talk(org, key)
    for key, row in org.outbound.items():
        if row.person == person:
            yield "outbound_contacts", key, "", "row of a contact list"
    for key, orphan in org.orphans.items():
        if orphan.person == person:
            yield "orphan_recordings", key, orphan.conversation, f"{orphan.media} orphan"


def _of_contacts(org: Org, person: str) -> Iterable[Row]:
    mine = {key for key, one in org.contacts.items() if one.person == person}
    for key in mine:
        yield "external_contacts", key, "", f"{org.contacts[key].kind} contact"
    for key, note in org.notes.items():
        if note.contact in mine:
            yield "contact_notes", key, "", "note on a contact"
    for key, visit in org.journeys.items():
        if visit.person == person and (visit.contact or visit.customer):
            yield "journey_sessions", key, "", "web visit"


def _of_talk(org: Org, key: str) -> Iterable[Row]:
    talk = org.conversations[key]
    if not talk.redacted:
        yield "conversations", key, key, "conversation row with name and number"
    if talk.attributes:
        yield "participant_attributes", key, key, "free fields of the participant"
    for recording in (org.recordings[one] for one in org.recordings_of[key]):
        if recording.state != "DELETED":
            yield RECORDED[recording.media], recording.id, key, f"{recording.media} recording"
    if key in org.transcripts:
        yield "speech_transcripts", key, key, "transcript and sentiment"
    if key in org.summaries and org.summaries[key].text:
        yield "conversation_summaries", key, key, "summary"
    for one in org.evaluations_of[key]:
        if one in org.evaluations:
            yield "evaluations", one, key, "evaluation with comments"
    for one in org.surveys_of[key]:
        if org.surveys[one].text:
            yield "surveys", one, key, "survey with free text"
    for one, voicemail in org.voicemails.items():
        if voicemail.conversation == key:
            yield "voicemail", one, key, "voicemail"
    for one, calibration in org.calibrations.items():
        if calibration.conversation == key:
            yield "calibrations", one, key, "calibration with comments"
