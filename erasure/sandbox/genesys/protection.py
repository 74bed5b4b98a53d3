"""The vendor's own legal hold: it shields every recording of a conversation."""

from .oauth import Client
from .recordings import listed, plan_removal
from .records import Conversation
from .state import Org
from .web import Answer, Call, Route, bad, denied, ref


def protected(call: Call) -> Answer:
    """POST /recordings/deletionprotection: which of these conversations are protected."""
    held = [call.org.conversations.get(key) for key in _conversation_ids(call)]
    found = [talk for talk in held if talk and talk.protected]
    return 200, [ref("/conversations", talk.id) for talk in found]


def protect(call: Call) -> Answer:
    """PUT /recordings/deletionprotection: protect or, with ``protect=false``, release.

    Not for conversations without a recording; 1 000 of them in the organisation.
    """
    org, wanted = call.org, call.flag("protect", True)
    needed = f"recording:deletionProtection:{'apply' if wanted else 'revoke'}"
    if needed not in org.permissions_of(call.client):
        raise denied([needed])
    failed = []
    for key in _conversation_ids(call):
        code = _protect(org, call.client, key, wanted)
        if code:
            failed.append(
                {
                    "conversation": ref("/conversations", key),
                    "errorCode": code,
                    "errorMessage": "The protection could not be changed.",
                }
            )
    return 200, {"failedUpdates": failed}


def _protect(org: Org, client: Client, key: str, wanted: bool) -> str:
    """Change one; the error code if it cannot be."""
    talk = org.conversations.get(key)
    if talk is None or not org.sees(client, talk.divisions):
        return "conversation.not.found"
    refusal = _refusal(org, talk) if wanted else ""
    action = "ApplyProtection" if wanted else "RevokeProtection"
    org.audit(client, "Quality", "Recording", key, action, done=not refusal)
    if refusal or org.lying:
        return refusal
    talk.protected = wanted
    if not wanted:
        for recording in listed(org, talk):
            plan_removal(org, recording)
    return ""


def _refusal(org: Org, talk: Conversation) -> str:
    if not listed(org, talk):
        return "recording.not.found"
    others = sum(one.protected for one in org.conversations.values())
    over = not talk.protected and others >= org.options.max_protected
    return "protection.limit.exceeded" if over else ""


def _conversation_ids(call: Call) -> list[str]:
    ids = call.given("conversationIds", list, need=True)
    if len(ids) > 100:
        raise bad("No more than 100 conversations at a time.", "invalid.value")
    return [str(key) for key in ids]


ROUTES = (
    Route("POST", "/recordings/deletionprotection", protected),
    Route("PUT", "/recordings/deletionprotection", protect),
)
