"""The vendor's own deletion protection of conversations: put on and read back, never lifted."""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import Protected
from erasure.connectors.genesys.reading import (
    chunks,
    inner,
    objects,
    only_objects,
    required,
    text,
)
from erasure.connectors.http import Http
from erasure.errors import RefusedError

PROTECTION = "/api/v2/recordings/deletionprotection"
CHUNK = 100  # conversations in one call; 1,000 can be protected in an organisation
NOT_ON = "The vendor took it, but does not show it as protected."


class DeletionProtection:
    """All recordings of a conversation, with attachments and transcripts."""

    def __init__(self, reading: Http, http: Http) -> None:
        self.reading = reading
        self.http = http

    def on(self, conversations: Sequence[str]) -> set[str]:
        """Those of the conversations that are protected.

        POST /api/v2/recordings/deletionprotection (no permission).
        """
        found: set[str] = set()
        for some in chunks(conversations, CHUNK):
            body = {"conversationIds": list(some)}
            answer = self.reading.send("POST", PROTECTION, json=body)
            found |= {required(one, "id") for one in only_objects(answer.json_list())}
        return found & set(conversations)

    def protect(self, conversations: Sequence[str]) -> Iterator[Protected]:
        """Protect what is not, then read all back; one answer for each.

        Raises:
            BusyError: what has no answer yet is worth another try.
            RefusedError: it cannot be read back.
        """
        for some in chunks(list(dict.fromkeys(conversations)), CHUNK):
            before = self.on(some)
            missing = [one for one in some if one not in before]
            refused = self._put(missing) if missing else {}
            after = self.on(missing) if missing else set()
            for one in some:
                on = one in before or one in after
                yield Protected(one, on, "" if on else refused.get(one, NOT_ON))

    def _put(self, conversations: Sequence[str]) -> dict[str, str]:
        """PUT …?protect=true (recording:deletionProtection:apply). Returns why not, by id."""
        body = {"conversationIds": list(conversations)}
        try:
            answer = self.http.send("PUT", PROTECTION, params={"protect": "true"}, json=body)
            failed = objects(answer.json_object(), "failedUpdates")
        except RefusedError as why:
            return dict.fromkeys(conversations, str(why))
        return {
            text(inner(one, "conversation"), "id"): _reason(text(one, "errorCode"))
            for one in failed
        }


def _reason(code: str) -> str:
    """The vendor's code, if it is one: its message may hold anything."""
    plain = code if len(code) <= 80 and code.replace(".", "").replace("_", "").isalnum() else ""
    return f"The vendor refused it: {plain or 'no reason given'}."
