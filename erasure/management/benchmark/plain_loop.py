"""The loop everybody would write first: list, delete, list, delete. Nothing is read back.

It calls the same endpoints as the product, one after the other, on a connection of its
own for each call, and honours Retry-After.
"""

import base64
import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

CALL_TIMEOUT = 30.0  # seconds
LOOK_AGAIN = 0.2  # seconds between two looks at a query job
LOOK_BACK = timedelta(days=7 * 365)
PAGE = 100
API = "/api/v2"


class PlainLoop:
    """Erase one person at a Genesys Cloud organisation. ``calls`` counts every request."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        parts = urlsplit(url)
        self.host, self.prefix = parts.netloc, parts.path
        pair = f"{client_id}:{secret}".encode()
        self.basic = "Basic " + base64.b64encode(pair).decode()
        self.bearer = ""
        self.calls = 0

    def erase(self, emails: list[str], phones: list[str]) -> None:
        """All of the person, by these addresses and numbers."""
        self._sign_in()
        contacts = self._contacts(emails, phones)
        for row in self._conversations(phones):
            self._erase_recordings(row)
            self._erase_evaluations(row)
        for contact in contacts:
            self._send(
                "POST", "/gdpr/requests", {"deleteConfirmed": "true"},
                {"requestType": "GDPR_DELETE", "subject": {"externalContactId": contact}},
            )  # fmt: skip
        for contact in contacts:
            self._send("DELETE", f"/externalcontacts/contacts/{quote(contact)}")

    def _sign_in(self) -> None:
        body = urlencode({"grant_type": "client_credentials"})
        kind = "application/x-www-form-urlencoded"
        answer = self._exchange("POST", "/oauth/token", body, self.basic, kind)
        self.bearer = f"Bearer {answer['access_token']}"

    def _contacts(self, emails: list[str], phones: list[str]) -> list[str]:
        wanted = [("Email", one) for one in emails] + [("Phone", one) for one in phones]
        found: dict[str, Any] = {}
        for kind, value in wanted:
            path = "/externalcontacts/identifierlookup/contacts"
            contact = self._send("POST", path, body={"type": kind, "value": value})
            if contact.get("id"):
                found[contact["id"]] = None
        return list(found)

    def _conversations(self, phones: list[str]) -> Iterator[str]:
        now = datetime.now(UTC)
        predicates = [
            {"dimension": "ani", "operator": "matches", "value": form}
            for phone in phones
            for form in (phone, f"tel:{phone}")
        ]
        query = {
            "interval": f"{_stamp(now - LOOK_BACK)}/{_stamp(now)}",
            "segmentFilters": [{"type": "or", "predicates": predicates}],
        }
        path = "/analytics/conversations/details/jobs"
        job = f"{path}/{self._send('POST', path, body=query)['jobId']}"
        while self._send("GET", job)["state"] != "FULFILLED":
            time.sleep(LOOK_AGAIN)
        cursor: dict[str, Any] = {}
        while True:
            page = self._send("GET", f"{job}/results", {"pageSize": PAGE, **cursor})
            yield from [row["conversationId"] for row in page.get("conversations", [])]
            if "cursor" not in page:
                return
            cursor = {"cursor": page["cursor"]}

    def _erase_recordings(self, conversation: str) -> None:
        path = f"/conversations/{conversation}"
        for one in self._send("GET", f"{path}/recordingmetadata"):
            self._send(
                "PUT", f"{path}/recordings/{one['id']}", {"clearExport": "true"},
                {"deleteDate": _stamp(datetime.now(UTC))},
            )  # fmt: skip

    def _erase_evaluations(self, conversation: str) -> None:
        listing = self._send("GET", "/quality/evaluations/query", {"conversationId": conversation})
        for one in listing["entities"]:
            self._send("DELETE", f"/quality/conversations/{conversation}/evaluations/{one['id']}")

    def _send(
        self, method: str, path: str, query: dict[str, Any] | None = None, body: Any = None
    ) -> Any:
        url = f"{API}{path}?{urlencode(query)}" if query else f"{API}{path}"
        data = None if body is None else json.dumps(body)
        return self._exchange(method, url, data, self.bearer, "application/json")

    def _exchange(
        self, method: str, url: str, body: str | None, authorization: str, kind: str
    ) -> Any:
        """One call, again after each 429; the JSON of the answer, {} if there is none."""
        headers = {"Authorization": authorization, "Content-Type": kind}
        while True:
            self.calls += 1
            link = http.client.HTTPConnection(self.host, timeout=CALL_TIMEOUT)
            try:
                link.request(method, self.prefix + url, body, headers)
                answer = link.getresponse()
                data = answer.read()
            finally:
                link.close()
            if answer.status != 429:
                return json.loads(data or b"{}")
            time.sleep(float(answer.headers.get("Retry-After", 1)))


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
