"""A caller of the sandbox without a socket, and a clock tests can move."""

import base64
import io
import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from erasure.sandbox import clock
from erasure.sandbox.genesys.holdings import RECORDED
from erasure.sandbox.genesys.seed import contact_id, conversation_id
from erasure.sandbox.people import stable_id

API = "/genesys/api/v2"
MARIA = contact_id("maria")
MARIA_SALES = contact_id("maria", "sales")
MARIA_ANCESTOR = contact_id("maria", "ancestor")
MARIA_IDENTIFIED = contact_id("maria", "identified")
EVER = "2010-01-01T00:00:00Z/2060-01-01T00:00:00Z"


def talk(number, person="maria"):
    return conversation_id(person, number)


def recording(number, person="maria", which=0):
    return stable_id(talk(number, person), "recording", which)


def recorded(held):
    """Recordings of every medium among what is held."""
    return {key for name in RECORDED.values() for key in held.get(name, ())}


def evaluation(number, person="maria"):
    return made(number, "evaluation", person)


def made(number, what, person="maria"):
    """The id of what hangs on a conversation: survey, calibration, summary, orphan."""
    return stable_id(talk(number, person), what)


@dataclass
class Reply:
    status: int
    headers: dict
    data: bytes

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def ids(self):
        return {row["id"] for row in self.json["entities"]}


def ask(app, method, path, body=None, *, query=None, headers=None, kind="application/json"):
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": urlencode(query or {}, doseq=True),
        "CONTENT_LENGTH": str(len(raw)),
        "CONTENT_TYPE": kind,
        "wsgi.input": io.BytesIO(raw),
        **{
            f"HTTP_{key.upper().replace('-', '_')}": value for key, value in (headers or {}).items()
        },
    }
    held = []
    data = b"".join(app(environ, lambda status, pairs, *_: held.append((status, pairs))))
    status, pairs = held[-1]
    return Reply(int(status.split()[0]), dict(pairs), data)


class Genesys:
    """One OAuth client of the organisation."""

    def __init__(self, app, name="executor"):
        self.app = app
        clients = app.wires["genesys"].vendor.credentials()["clients"]
        self.id, self.secret = clients[name]["client_id"], clients[name]["client_secret"]
        self.token, self.until, self.renews = "", clock.now(), True

    def sign_in(self, form=b"grant_type=client_credentials", secret=None):
        pair = f"{self.id}:{secret or self.secret}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        kind = "application/x-www-form-urlencoded"
        reply = ask(self.app, "POST", "/genesys/oauth/token", form, headers=headers, kind=kind)
        if reply.status == 200:
            self.token = reply.json["access_token"]
            self.until = clock.now() + timedelta(seconds=reply.json["expires_in"])
        return reply

    def call(self, method, path, body=None, **query):
        if self.renews and self.token and clock.now() >= self.until:
            self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return ask(self.app, method, API + path, body, query=query, headers=headers)

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def post(self, path, body, **query):
        return self.call("POST", path, body, **query)

    def put(self, path, body, **query):
        return self.call("PUT", path, body, **query)

    def patch(self, path, body, **query):
        return self.call("PATCH", path, body, **query)

    def delete(self, path, **query):
        return self.call("DELETE", path, **query)
