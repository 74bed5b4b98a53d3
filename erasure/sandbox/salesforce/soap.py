"""The partner SOAP API: emptyRecycleBin, and delete for rows of field history."""

import re
from collections.abc import Collection
from xml.sax.saxutils import escape

from .deletion import delete_history, purge
from .org import Org
from .records import NOT_FOUND, UNKNOWN_ID, Refusal

PATH = re.compile(r"/services/Soap/u/\d\d\.0\Z")
AT_ONCE = 200
_SESSION = re.compile(r"<(?:\w+:)?sessionId>([^<]+)</")
_CALL = re.compile(r"<(?:\w+:)?(emptyRecycleBin|delete)[\s>]")
_IDS = re.compile(r"<(?:\w+:)?(?:ids|ID)>([^<]+)</")


def answer(org: Org, tokens: Collection[str], text: str) -> tuple[int, str]:
    """Status and envelope. 500 with a fault: no session, a JWT, an unknown call."""
    session, call = _SESSION.search(text), _CALL.search(text)
    if session is None or session[1] not in tokens or session[1].count(".") == 2:
        return 500, _fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    ids = _IDS.findall(text)
    if call is None or len(ids) > AT_ONCE:
        return 500, _fault("EXCEEDED_ID_LIMIT" if call else "UNKNOWN_EXCEPTION", "refused")
    results = "".join(_result(id18, _asked(org, call[1], id18)) for id18 in ids)
    name = f"{call[1]}Response"
    return 200, _envelope(f'<{name} xmlns="urn:partner.soap.sforce.com">{results}</{name}>')


def _asked(org: Org, call: str, id18: str) -> Refusal | None:
    if call == "emptyRecycleBin":
        return purge(org, id18)
    refusal = delete_history(org, org.kind_of(id18), id18)
    return UNKNOWN_ID if refusal == NOT_FOUND else refusal


def _result(id18: str, refusal: Refusal | None) -> str:
    if refusal is None:
        return f"<result><id>{escape(id18)}</id><success>true</success></result>"
    why = f"<message>{escape(refusal.message)}</message><statusCode>{refusal.code}</statusCode>"
    shown = f"<id>{escape(id18)}</id><success>false</success>"
    return f"<result><errors>{why}</errors>{shown}</result>"


def _fault(code: str, message: str) -> str:
    inner = f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
    return _envelope(f"<soapenv:Fault>{inner}</soapenv:Fault>")


def _envelope(inner: str) -> str:
    start = '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    space = 'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    space += 'xmlns:sf="urn:fault.partner.soap.sforce.com">'
    return f"{start}{space}<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
