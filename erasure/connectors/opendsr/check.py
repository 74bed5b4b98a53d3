"""The connection test: every line is tried, nothing is raised."""

from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

from erasure.connectors.base import Check
from erasure.connectors.opendsr.identities import FORMATS, TYPES
from erasure.connectors.opendsr.processor import Processor
from erasure.errors import ErasureError, RefusedError


def check(processor: Processor) -> Iterator[Check]:
    """Address, discovery, certificate, and the identifiers the processor takes."""
    yield _line("Address", partial(_address, processor))
    discovery = _line("Discovery", partial(_discovery, processor))
    yield discovery
    if not discovery.ok:
        return
    yield _line("Certificate", partial(_certificate, processor))
    yield _line("Identifiers", partial(_identifiers, processor))


def _line(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ErasureError as error:
        return Check(name, False, str(error))


def _address(processor: Processor) -> str:
    if not urlsplit(processor.account.base_url).path.endswith("/v2"):
        raise RefusedError("the address must end with the major version: /v2")
    return "names the version"


def _discovery(processor: Processor) -> str:
    processor.discovery(fresh=True)
    return "OpenDSR 2, takes erasure requests"


def _certificate(processor: Processor) -> str:
    try:
        processor.require_certificate()
    except RefusedError as why:
        if processor.settings.unsigned:
            return f"{why}; answers are taken unverified (option unsigned)"
        raise
    return f"valid for {processor.settings.domains[0]}"


def _identifiers(processor: Processor) -> str:
    supported = processor.discovery().identities
    taken = [kind for kind in TYPES.values() if any((kind, form) in supported for form in FORMATS)]
    if not taken and processor.settings.phones is not True:
        raise RefusedError("the processor takes no identifier we could send")
    return f"takes {', '.join(taken) or 'telephone numbers by extension'}"
