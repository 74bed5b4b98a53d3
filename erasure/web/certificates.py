"""Is a certificate genuine and the latest, and does it verify? For anybody who has one.

The pages are in English: they quote the verifier, as an inspector would run it himself.
"""

from dataclasses import dataclass

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from erasure.errors import BusyError, InputError, KeyMissingError
from erasure.evidence import public, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.explained import EXPLAINED
from erasure.proof.verify import Finding, State, passed
from erasure.web.limit import HOUR, allowed, network
from erasure.web.pages import page

MIB = 2**20
MAX_BYTES = 16 * MIB
MOST_BODY = MAX_BYTES + MIB // 16  # bytes; the form around the file is small
MOST_LOOKS, MOST_CHECKS = 120, 20  # an hour and network; a check costs us seconds
TOO_OFTEN = "Too many requests came from here within an hour: try again in an hour."
TOO_LARGE = f"The file is larger than {MAX_BYTES // MIB} MB: check it with the command below."
NO_SEAL = "The trust file cannot be made at the moment: try again later."
ABSENT = "Choose the certificate: the PDF, or the JSON file."
TORN = "The file did not arrive whole. Choose it and send it once more."
WORDS = {State.PASSED: "Passed", State.FAILED: "Failed", State.SKIPPED: "Not checked"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One check as the page shows it."""

    id: str
    state: str
    word: str
    title: str
    asks: str
    text: str


@require_safe
@never_cache
def match(request: HttpRequest, public_id: str, version: int) -> HttpResponse:
    """Match and latest version, and nothing else. Whatever does not match looks the same."""
    if not allowed("match", network(request), MOST_LOOKS):
        return _later(request)
    found = public.match(public_id, version, request.GET.get("d", ""))
    response = page(request, "match.html", found=found, status=200 if found else 404)
    response["X-Robots-Tag"] = "noindex"
    response._has_been_logged = True  # type: ignore[attr-defined]  # the path leads to a case
    return response


@csrf_exempt  # nothing is kept and nobody is signed in: a forged form would check a file
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The form; POST shows each check on the file. It is held in memory and then forgotten."""
    if request.method != "POST":
        return _form(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        return _form(request, TOO_LARGE, 413)  # before any of it is read
    if not allowed("check", network(request), MOST_CHECKS):
        return _form(request, TOO_OFTEN, 429)
    try:
        findings = public.judge(_file(request))
    except (InputError, UnreadableError) as why:
        return _form(request, str(why), 400)
    except BusyError as why:
        return _form(request, str(why), 503)
    return page(
        request, "checked.html", good=passed(findings), checks=[_shown(one) for one in findings],
        counts=[(sum(one.state is state for one in findings), WORDS[state]) for state in State],
    )  # fmt: skip


@require_safe
def trusted(request: HttpRequest, name: str) -> HttpResponse:
    """The trust file and the certificates it names."""
    try:
        files = trust.root_files() | {trust.TRUST_FILE: trust.own_trust().render().encode()}
    except (KeyMissingError, OSError):
        return page(request, "later.html", error=NO_SEAL, status=503)
    if name not in files:
        raise Http404
    kind = "text/plain; charset=utf-8" if name.endswith(".txt") else "application/x-pem-file"
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(files[name], content_type=kind, headers=named)


def _file(request: HttpRequest) -> bytes:
    try:
        file = request.FILES.get("certificate")
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise InputError("certificate", TORN) from None
    if file is None:
        raise InputError("certificate", ABSENT)
    return file.read()


def _form(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    return page(
        request, "check.html", status=status, error=error, trust_file=trust.TRUST_FILE,
        root_file=trust.ROOT_FILE,
    )  # fmt: skip


def _shown(finding: Finding) -> Shown:
    title, asks = EXPLAINED[finding.id]
    return Shown(finding.id, finding.state, WORDS[finding.state], title, asks, finding.text)


def _later(request: HttpRequest) -> HttpResponse:
    response = page(request, "later.html", error=TOO_OFTEN, status=429)
    response["Retry-After"] = str(HOUR)
    return response
