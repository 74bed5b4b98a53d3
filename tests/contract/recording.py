"""Every request one vendor received and every answer it gave, as they went over the wire."""

import io
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. ``status`` is 0 if the connection broke before one came."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    kind: str  # media type of the request's body
    body: bytes
    status: int
    answer_kind: str
    answer: bytes


class Recorder:
    """Stands before the sandbox as WSGI and keeps the exchanges below a prefix."""

    def __init__(self, app, prefix="/genesys"):
        self.app, self.prefix = app, prefix
        self.exchanges = []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if not path.startswith(f"{self.prefix}/api/"):
            return self.app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        request = (
            environ["REQUEST_METHOD"],
            path.removeprefix(self.prefix),
            tuple(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
            environ.get("CONTENT_TYPE", ""),
            body,
        )
        held = []
        try:
            chunks = self.app(
                environ | {"wsgi.input": io.BytesIO(body)},
                lambda status, headers, *_: held.append((status, headers)),
            )
        except ConnectionResetError:
            self.exchanges.append(Exchange(*request, 0, "", b""))
            raise
        answer = b"".join(chunks)
        status, headers = held[-1]
        kind = dict(headers).get("Content-Type", "")
        self.exchanges.append(Exchange(*request, int(status.split()[0]), kind, answer))
        start_response(status, headers)
        return [answer]
