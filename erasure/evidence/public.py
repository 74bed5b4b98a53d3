"""What anybody may ask about certificates: is it one of ours, is it the latest, does it verify?"""

import json
import subprocess  # nosec B404
import sys
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

from erasure.errors import BusyError, KeyMissingError
from erasure.evidence.trust import write_trust
from erasure.models import Certificate
from erasure.proof.errors import UnreadableError
from erasure.proof.verify import Finding, State

DIGEST_DIGITS = 32  # of the address
SECONDS, MEMORY = 60, 2 * 2**30  # of the process that judges an upload
AT_ONCE = BoundedSemaphore(2)  # in this process: each takes a processor
ROOT = Path(__file__).parents[2]  # where ``erasure`` is imported from


@dataclass(frozen=True, slots=True)
class Match:
    """A certificate of ours with the digest that was asked for."""

    version: int
    latest: int


def match(public_id: str, version: int, digest: str) -> Match | None:
    """Whether a certificate of this id and version was issued with a digest that begins so."""
    issued = Certificate.objects.filter(public_id=public_id, stage=Certificate.ISSUED)
    known = dict(issued.values_list("version", "sha256"))
    if len(digest) != DIGEST_DIGITS or not digest.isascii():
        return None
    if not compare_digest(known.get(version, "")[:DIGEST_DIGITS], digest.lower()):
        return None
    return Match(version, max(known))


def judge(data: bytes) -> list[Finding]:
    """Every check on an upload, against our own trust file, in a process of its own.

    Raises:
        UnreadableError: it is no certificate, or asks for more than any certificate would.
        BusyError: it cannot be judged at the moment.
    """
    if not AT_ONCE.acquire(blocking=False):
        raise BusyError("Other certificates are being checked: try again in a minute.")
    try:
        with TemporaryDirectory(prefix="erasure-trust-") as folder:
            return _said(_ask(data, write_trust(Path(folder))))
    except (KeyMissingError, OSError):
        raise BusyError("Certificates cannot be checked here at the moment.") from None
    finally:
        AT_ONCE.release()


def _ask(data: bytes, trust: Path) -> bytes:
    limits = [str(trust), str(SECONDS), str(MEMORY)]
    command = [sys.executable, "-B", "-m", "erasure.proof.apart", *limits]
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=ROOT, env={"PYTHONUTF8": "1"}, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnreadableError("The file takes too much to be checked.") from None
    if done.returncode:
        raise UnreadableError("The file takes too much to be checked.")
    return done.stdout


def _said(answer: bytes) -> list[Finding]:
    said = json.loads(answer)
    if "unreadable" in said:
        raise UnreadableError(str(said["unreadable"]))
    return [Finding(str(name), State(state), str(text)) for name, state, text in said["findings"]]
