"""What a conversation row tells besides whose it is."""

import pytest

from erasure.connectors.genesys.rows import conversation as read
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import NUMBER, PLANTED, conversation

KNOWN = frozenset({Identifier(IdentifierKind.PHONE, NUMBER)})


def row(*more, **customer):
    given = conversation("v-1")
    given["participants"][0] |= customer
    given["participants"] += more
    return given


def test_free_fields_are_the_persons_own_and_never_shown():
    third = {"purpose": "external", "attributes": {"theirs": "x"}, "sessions": []}
    agent = {"purpose": "agent", "attributes": {"agents": "y"}}
    given = row(third, agent, attributes={"mail": PLANTED, "visits": 3})
    found = read(given, KNOWN)
    assert found.attributes == {"mail": PLANTED, "visits": "3"}
    assert PLANTED not in repr(found)


@pytest.mark.parametrize("attributes", [None, "none", ["mail"]])
def test_free_fields_that_are_no_fields_are_none(attributes):
    assert read(row(attributes=attributes), KNOWN).attributes == {}


def test_queues_are_named_once_each_in_order():
    segments = [{"queueId": "q-2"}, {"queueId": "q-1"}, {"queueId": "q-2"}, {}]
    given = row({"purpose": "acd", "sessions": [{"segments": segments}]})
    assert read(given, KNOWN).queues == ("q-2", "q-1")


@pytest.mark.parametrize(
    ("participant", "mailboxes"),
    [
        ({"purpose": "acd", "sessions": [{"segments": [{"queueId": "q-1"}]}]}, ()),
        ({"purpose": "voicemail", "sessions": [{"segments": [{"queueId": "q-1"}]}]}, ("q-1",)),
        ({"purpose": "voicemail"}, ("",)),
        (
            {
                "purpose": "acd",
                "sessions": [{"segments": [{"segmentType": "voicemail", "queueId": "q-1"}]}],
            },
            ("q-1",),
        ),
        (
            {
                "purpose": "group",
                "sessions": [{"segments": [{"segmentType": "voicemail", "groupId": "g-1"}]}],
            },
            ("",),
        ),
        (
            {
                "purpose": "user",
                "userId": "u-1",
                "sessions": [{"segments": [{"segmentType": "voicemail", "queueId": "q-1"}]}],
            },
            ("",),
        ),
    ],
)
def test_mailbox_is_a_queue_or_unknown(participant, mailboxes):
    found = read(row(participant), KNOWN)
    assert (found.mailboxes, found.voicemail) == (mailboxes, bool(mailboxes))


@pytest.mark.parametrize(
    ("media", "talked"),
    [
        (["voice"], True),
        (["screenshare", "chat"], True),
        (["screenshare", "cobrowse"], False),
        (["telepathy"], True),
        ([], True),
    ],
)
def test_anything_said_or_unknown_can_have_been_transcribed(media, talked):
    sessions = [{"mediaType": one} for one in media]
    given = {"conversationId": "v-1", "participants": [{"sessions": sessions}]}
    assert read(given, KNOWN).talked is talked


@pytest.mark.parametrize(("flag", "screens"), [(True, True), (False, False), ("yes", False)])
def test_recorded_screen_is_told_by_its_flag(flag, screens):
    assert read(row({"purpose": "agent", "screenRecording": flag}), KNOWN).screens is screens
