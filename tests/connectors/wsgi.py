"""A played vendor behind a connector's own session, without a socket."""

from io import BytesIO
from urllib.parse import unquote, urlsplit

from requests import ConnectionError, Response
from requests.adapters import BaseAdapter

from erasure.sandbox.vendor import DroppedError


class WsgiAdapter(BaseAdapter):
    """Hands a prepared request to a WSGI application that stands behind ``prefix``.

    ``sent``: method and path of each, without the prefix; ``bodies``: what they carried.
    """

    def __init__(self, app, prefix):
        super().__init__()
        self.app, self.prefix = app, prefix
        self.bodies = []
        self.sent = []

    def send(self, request, **_):
        parts = urlsplit(request.url)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        path = unquote(parts.path).removeprefix(self.prefix)
        self.bodies.append(body)
        self.sent.append((request.method, path))
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": self.prefix,
            "PATH_INFO": path,
            "QUERY_STRING": parts.query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_HOST": parts.netloc,
            "HTTP_AUTHORIZATION": request.headers.get("Authorization", ""),
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": BytesIO(body),
        }
        response, held = Response(), []
        try:
            chunks = self.app(environ, lambda status, headers, *_: held.append((status, headers)))
        except DroppedError:
            raise ConnectionError("the sandbox hung up") from None
        response.raw = BytesIO(b"".join(chunks))
        response.status_code = int(held[-1][0][:3])
        response.headers.update(dict(held[-1][1]))
        response.url, response.request = request.url, request
        return response

    def close(self):
        """Nothing is open."""
