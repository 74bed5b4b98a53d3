"""A head that is offered for cosigning: from a file, or from the log itself over HTTP."""

import http.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from erasure.proof.encoding import b64, unhash
from erasure.proof.errors import UnreadableError

SECONDS = 20
MOST_BYTES = 64 * 1024
Consistency = Callable[[int, int], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A head, and where the proof comes from that it continues an earlier one."""

    note: str
    consistency: Consistency


def parse_offer(data: bytes) -> Offer:
    """A file made by ``manage.py anchors offer``: ``old <size>``, hashes, an empty line, the head.

    Raises:
        UnreadableError: another form, or its proof is from another size than asked for.
    """
    try:
        head, gap, text = data.decode().replace("\r\n", "\n").partition("\n\n")
        first, *rest = head.split("\n")
        word, _, size = first.partition(" ")
        hashes = [unhash(each) for each in rest]
        if not gap or word != "old" or not size.isdecimal():
            raise ValueError
    except ValueError:
        raise UnreadableError("The file is no offer of a checkpoint.") from None

    def consistency(old: int, new: int) -> Sequence[bytes]:
        if old != int(size):
            raise UnreadableError(
                f"The file proves growth from {size} entries; this witness last saw {old}."
            )
        return hashes

    return Offer(text, consistency)


def render_offer(text: str, old: int, proof: Sequence[bytes]) -> str:
    """The file that ``parse_offer`` reads."""
    return "\n".join((f"old {old}", *map(b64, proof))) + f"\n\n{text}"


@dataclass(frozen=True, slots=True)
class Log:
    """The pages ``/log/`` of an installation. What they say is checked, whoever answers."""

    url: str

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise UnreadableError("The address of the log must begin with https://.")

    def offer(self) -> Offer:
        """The present head.

        Raises:
            UnreadableError: the log does not answer, or says why not.
        """
        return Offer(self._asked("checkpoint"), self._consistency)

    def give(self, text: str) -> None:
        """Send a cosigned head back.

        Raises:
            UnreadableError: it was not taken; the text says why.
        """
        self._asked("cosignature", body=text.encode())

    def _consistency(self, old: int, new: int) -> Sequence[bytes]:
        text = self._asked("consistency", query={"old": old, "new": new})
        try:
            return [unhash(each) for each in text.splitlines()]
        except ValueError:
            raise UnreadableError("The log's proof cannot be read.") from None

    def _asked(
        self, page: str, query: dict[str, int] | None = None, body: bytes | None = None
    ) -> str:
        url = f"{self.url.rstrip('/')}/log/{page}" + (f"?{urlencode(query)}" if query else "")
        request = Request(url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"})  # noqa: S310 - the scheme is checked above
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
                data = answer.read(MOST_BYTES + 1)
        except HTTPError as why:
            told = why.read(300).decode(errors="replace").strip().partition("\n")[0]
            raise UnreadableError(f"The log answers {why.code}: {told}") from None
        except (OSError, http.client.HTTPException):
            raise UnreadableError("The log does not answer.") from None
        if len(data) > MOST_BYTES:
            raise UnreadableError("The log answers with more than a head.")
        try:
            return str(data.decode())
        except UnicodeDecodeError:
            raise UnreadableError("The log's answer is not UTF-8 text.") from None
