"""What somebody sends who wants a request to look completed, and is not the processor."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from . import answers
from .authority import Signer, signer
from .callbacks import Callback
from .requests import Asked

ELSEWHERE = "other.example.org"
SOMEBODY_ELSES = "00000000-0000-4000-8000-000000000000"


def forgeries(
    asked: Asked, url: str, real: Signer, faults: Mapping[str, Any]
) -> Iterator[Callback]:
    """Five for one address; only the replay is signed for what it says, and it says nothing new.

    A signature of other bytes; a domain that is not the processor's; a certificate that
    nobody trusts; a true signature under another request's id; an old callback again.
    """
    told = answers.status(asked, faults, url)
    claim = json.dumps(told | {"request_status": "completed"}).encode()
    foreign = json.dumps(
        told | {"request_status": "completed", "subject_request_id": SOMEBODY_ELSES}
    ).encode()
    replay = json.dumps(told | {"request_status": "pending"}).encode()
    yield _signed(url, claim, asked.domain, real.sign(claim + b" "))
    yield _signed(url, claim, ELSEWHERE, real.sign(claim))
    yield _signed(url, claim, asked.domain, signer("self-signed", "ec").sign(claim))
    yield _signed(url, foreign, asked.domain, real.sign(foreign))
    yield _signed(url, replay, asked.domain, real.sign(replay))


def _signed(url: str, body: bytes, domain: str, signature: str) -> Callback:
    headers = {"X-OpenDSR-Processor-Domain": domain, "X-OpenDSR-Signature": signature}
    return Callback(url, body, headers)
