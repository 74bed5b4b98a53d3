"""Calls to a processor: HTTP Basic on every one, bodies sent byte for byte."""

import base64

from erasure.connectors.base import Account, Limiter
from erasure.connectors.http import Adapter, Answer, Before, Http, _Request, fill

LARGEST = 1 << 16  # bytes of an answer we read


class Wire(Http):
    """``Http`` without a sign-in: the protocol leaves it open, Basic is what is spoken."""

    def __init__(self, account: Account, limiter: Limiter, adapter: Adapter | None) -> None:
        super().__init__(account, limiter, adapter=adapter)
        pair = f"{account.client_id}:{account.client_secret}".encode()
        self._basic = f"Basic {base64.b64encode(pair).decode()}"

    def call(
        self,
        method: str,
        template: str,
        body: bytes | None = None,
        *,
        ok: tuple[int, ...] = (),
        before: Before | None = None,
        **path: str,
    ) -> Answer:
        """Send one request; ``ok`` and ``before`` as in ``Http.send``.

        Raises:
            BusyError: 429, 408, 5xx, no answer. RefusedError: any other status.
        """
        headers = {"Authorization": self._basic}
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = self.account.base_url + fill(template, path)
        request = _Request(method, template, url, {"data": body, "headers": headers})
        return self._judged(self._exchange(request, before), frozenset(ok))

    def fetch(self, name: str, url: str) -> Answer:
        """Get a public file, without our credentials. Raises like ``call``."""
        request = _Request("GET", name, url, {"headers": {"Accept": "*/*"}})
        return self._judged(self._exchange(request), frozenset())
