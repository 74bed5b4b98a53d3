"""The log for its witnesses: signed heads and proofs, nothing personal.

A witness asks how the log grew since it last looked, and sends back the head with its
cosignature. The texts are those of C2SP: checkpoint, signed note, base64 hashes.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from erasure.errors import ErasureError, TamperedError
from erasure.ledger.anchors import StaleError, take_cosignature
from erasure.ledger.head import last_head
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.ledger.tree import Tree
from erasure.proof import merkle
from erasure.proof.encoding import b64
from erasure.web.limit import allowed, network

MOST_AN_HOUR = 600
LARGEST = 16 * 1024  # bytes of a cosigned checkpoint


@require_safe
@never_cache
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The last head. 503 while the sequencer stands still: cosigned, it would date what waits."""
    if refusal := _too_often(request):
        return refusal
    head = last_head()
    if head is None:
        return _said("The log is empty.", 404)
    if longest_wait() > LONGEST_WAIT:
        return _said("The log does not move on at the moment: ask again later.", 503)
    return _said(head.note, 200)


@require_safe
@never_cache
def consistency(request: HttpRequest) -> HttpResponse:
    """``?old=5&new=9``: the hashes that show the first 5 entries unchanged within 9."""
    if refusal := _too_often(request):
        return refusal
    old, new = (request.GET.get(name, "") for name in ("old", "new"))
    head = last_head()
    if not (old.isdecimal() and new.isdecimal() and len(old) < 17 and len(new) < 17):
        return _said("Give old and new as numbers.", 400)
    if head is None or not 1 <= int(old) <= int(new) <= head.size:
        return _said("The log has no such sizes.", 400)
    try:
        proof = merkle.consistency_proof(int(old), int(new), Tree(head.size))
    except TamperedError as why:
        return _said(str(why), 500)
    return _said("".join(f"{b64(each)}\n" for each in proof), 200)


@csrf_exempt  # a machine without a session; nothing counts but the signatures in the body
@require_POST
def cosignature(request: HttpRequest) -> HttpResponse:
    """A checkpoint of ours with a witness's line. 409: the log went on, cosign its new head."""
    if refusal := _too_often(request):
        return refusal
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return _said("A cosigned checkpoint is smaller.", 413)
    try:
        take_cosignature(request.body.decode())
    except StaleError as why:
        return _said(str(why), 409)
    except UnicodeDecodeError:
        return _said("This is no checkpoint.", 400)
    except ErasureError as why:
        return _said(str(why), 400)
    return _said("Taken. Thank you.", 200)


def _too_often(request: HttpRequest) -> HttpResponse | None:
    if allowed("log", network(request), MOST_AN_HOUR):
        return None
    return _said("Too many requests from here: try again in an hour.", 429)


def _said(text: str, status: int) -> HttpResponse:
    body = text if text.endswith("\n") or not text else text + "\n"
    return HttpResponse(body, status=status, content_type="text/plain; charset=utf-8")
