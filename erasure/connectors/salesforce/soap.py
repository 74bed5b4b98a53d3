"""The two calls only the SOAP side has: the recycle bin, and rows of field history."""

import re
from collections.abc import Iterator, Sequence

from erasure.connectors.base import Clear, Erased, ItemRef, NotErased, Reply
from erasure.connectors.salesforce.org import BUSY_CODES, LOCKED, Org
from erasure.connectors.salesforce.soql import id18
from erasure.errors import BusyError, RefusedError, StoppedError

GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
BY_HAND = (
    "give the user Delete From Field History, and of archived history as well, and try again; "
    "or have an administrator delete these rows and attach the evidence"
)
_RESULT = re.compile(r"<result>(.*?)</result>", re.DOTALL)
_CODE = re.compile(r"<statusCode>([A-Z_]{1,80})</statusCode>")
_ID = re.compile(r"<id>([a-zA-Z0-9]{15,18})</id>")


def empty_bin(org: Org, refs: Sequence[ItemRef], clear: Clear) -> None:
    """emptyRecycleBin, at most 200 ids. What it says is no evidence: it is read back.

    Raises BusyError, RefusedError; StoppedError from ``clear``.
    """
    if refs:
        org.soap(_call("emptyRecycleBin", refs), before=lambda: clear(refs))


def delete(org: Org, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
    """delete, at most 200 ids (Delete From Field History): one answer for each, in order."""
    try:
        answer = org.soap(_call("delete", refs), before=lambda: clear(refs))
        results = _RESULT.findall(answer.body.decode("utf-8", "replace"))
        if len(results) != len(refs):
            raise RefusedError("Salesforce: a deletion answered for other records than asked.")
    except (BusyError, RefusedError, StoppedError) as error:
        yield from (NotErased(ref, error) for ref in refs)
        return
    for ref, result in zip(refs, results, strict=True):
        yield _settled(ref, result, answer.status)


def _call(name: str, refs: Sequence[ItemRef]) -> str:
    ids = "".join(f"<ids>{id18(ref.remote_id)}</ids>" for ref in refs)
    return f'<{name} xmlns="urn:partner.soap.sforce.com">{ids}</{name}>'


def _settled(ref: ItemRef, result: str, status: int) -> Erased | NotErased:
    named, code = _ID.search(result), _CODE.search(result)
    if "<success>true</success>" in result and named and id18(named[1]) == id18(ref.remote_id):
        return Erased(ref, Reply.DONE, status)
    word = code[1] if code else ""
    if word in GONE:
        return Erased(ref, Reply.ALREADY_GONE, status)
    text = f"SOAP delete answered {word or 'no reason'}"
    if word.startswith("INSUFFICIENT_ACCESS"):
        text = f"{text}: {BY_HAND}"
    if word in BUSY_CODES:
        return NotErased(ref, BusyError(text, retry_after=LOCKED, status=status))
    return NotErased(ref, RefusedError(text, status=status, code=word))
