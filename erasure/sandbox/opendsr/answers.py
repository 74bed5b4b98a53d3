"""The bodies a processor sends."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .requests import CONTROLLER, SUPPORTED, Asked


def discovery(certificate: str) -> dict[str, Any]:
    return {
        "api_version": "2.0",
        "supported_identities": [
            {"identity_type": kind, "identity_format": form} for kind, form in SUPPORTED
        ],
        "supported_subject_request_types": ["erasure"],
        "processor_certificate": certificate,
    }


def receipt(asked: Asked, raw: bytes, faults: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to POST /requests."""
    return {
        "controller_id": CONTROLLER,
        "expected_completion_time": _time(asked.due, faults),
        "received_time": _time(asked.received, faults),
        "encoded_request": base64.b64encode(raw).decode(),
        "subject_request_id": asked.id,
    }


def status(asked: Asked, faults: Mapping[str, Any], callback: str = "") -> dict[str, Any]:
    """The answer to GET /requests/{id}; with ``callback`` the body of a callback."""
    told: dict[str, Any] = {
        "controller_id": CONTROLLER,
        "expected_completion_time": _time(asked.due, faults),
        "subject_request_id": asked.id,
        "request_status": asked.word,
        "api_version": "2.0",
    }
    if asked.failed:
        rows = [("partner-a.example.org", "failed"), ("partner-b.example.org", "sent")]
        told["extensions"] = {
            asked.domain: {
                "distribution_status": [
                    {"domain": domain, "name": domain.split(".")[0], "status": word,
                     "status_message": ""}
                    for domain, word in rows
                ]
            }
        }  # fmt: skip
    return told | ({"status_callback_url": callback} if callback else {})


def recall(asked: Asked, now: datetime, faults: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to DELETE /requests/{id}."""
    return {
        "controller_id": CONTROLLER,
        "subject_request_id": asked.id,
        "received_time": _time(now, faults),
        "expected_completion_time": None,
        "api_version": "2.0",
    }


def error(code: int, message: str, faults: Mapping[str, Any]) -> dict[str, Any]:
    """Wrapped as the specification has it, or bare as some send it."""
    row = {"domain": "Validation", "reason": "IllegalArgumentException", "message": message}
    bare = {"code": code, "message": message, "errors": [row]}
    return bare if faults.get("unwrapped-errors") else {"error": bare}


def _time(moment: datetime, faults: Mapping[str, Any]) -> str | None:
    if faults.get("null-times"):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S" + ("" if faults.get("no-zone") else "Z"))
