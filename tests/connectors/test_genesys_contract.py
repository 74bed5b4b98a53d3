"""Every request the connector makes, held against the vendor's own definition."""

import json
import re
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft4Validator
from requests.adapters import HTTPAdapter

from erasure.connectors.base import ItemRef
from erasure.connectors.genesys import Genesys
from erasure.sandbox.server import make_server
from tests.connectors.given import CountingLimiter, account
from tests.connectors.test_genesys_sandbox import OPTIONS, Hunt, erase_all, read_back

pytestmark = pytest.mark.contract


class Remembering(HTTPAdapter):
    """Sends, and keeps what was sent."""

    def __init__(self):
        super().__init__(max_retries=0)
        self.sent = []

    def send(self, request, **given):
        self.sent.append((request.method, request.url, request.body))
        return super().send(request, **given)


@pytest.fixture(scope="module")
def sent():
    """All requests of one case from the connection test to the read-back."""
    server, port = make_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = server.get_app()
    app.reset("bench", OPTIONS | {"bench": {"conversations": 40, "evaluations": 0.1}})
    url = f"http://127.0.0.1:{port}/genesys"
    known = app.wires["genesys"].vendor.credentials()["clients"]["executor"]
    given = account(base_url=url, login_url=url, options={"poll_seconds": 0.02}, **known)
    adapter = Remembering()
    walk(Genesys(given, CountingLimiter(), adapter=adapter), app.people[0])
    server.shutdown()
    server.server_close()
    return [one for one in adapter.sent if "/api/v2/" in one[1]]


def walk(genesys, person):
    list(genesys.check())
    hunt = Hunt(genesys, person)
    for control in genesys.controls(hunt.found):
        genesys.sees(control)
    erase_all(genesys, hunt)
    read_back(genesys, hunt, person)
    again = [hunt.refs("gdpr_subjects")[0], hunt.refs("recordings")[-1]]
    for ref in again:
        list(genesys.erase([ItemRef(ref.store, ref.remote_id, tries=2)], lambda refs: None))


@pytest.fixture(scope="module")
def definition(contracts):
    return json.loads((contracts / "genesys-cloud.json").read_text())


def operation(definition, method, path):
    """The operation of a path: literal templates before those with names."""
    fitting = [
        template
        for template in definition["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    assert fitting, f"no such path: {path}"
    template = min(fitting, key=lambda one: one.count("{"))
    assert method.lower() in definition["paths"][template], f"no {method} for {template}"
    return definition["paths"][template][method.lower()]


def test_every_path_and_method_exists(definition, sent):
    assert [one for one in sent if not operation(definition, one[0], api_path(one[1]))] == []
    assert len({(method, api_path(url)) for method, url, _ in sent}) > 20


def api_path(url):
    return urlsplit(url).path.removeprefix("/genesys")


def test_every_query_parameter_exists_and_none_is_missing(definition, sent):
    for method, url, _ in sent:
        declared = operation(definition, method, api_path(url)).get("parameters", [])
        queries = {one["name"]: one for one in declared if one["in"] == "query"}
        needed = {name for name, one in queries.items() if one.get("required")}
        given = parse_qs(urlsplit(url).query)
        assert needed <= set(given) <= set(queries)
        for name, values in given.items():
            allowed = queries[name].get("enum") or queries[name].get("items", {}).get("enum")
            assert allowed is None or set(values) <= set(allowed)


def test_every_body_fits_its_schema_and_has_no_other_fields(definition, sent):
    for method, url, body in sent:
        declared = operation(definition, method, api_path(url)).get("parameters", [])
        schemas = [one["schema"] for one in declared if one["in"] == "body"]
        assert bool(body) <= bool(schemas)
        if body:
            value = json.loads(body)
            Draft4Validator({**schemas[0], "definitions": definition["definitions"]}).validate(
                value
            )
            assert unknown(definition, schemas[0], value) == []


def unknown(definition, schema, value, where="body"):
    """Fields of a value that its schema does not know."""
    if "$ref" in schema:
        schema = definition["definitions"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [
            one for entry in value for one in unknown(definition, schema["items"], entry, where)
        ]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{where}.{name}" for name in value if name not in schema["properties"]]
    for name, part in value.items():
        if name in schema["properties"]:
            found += unknown(definition, schema["properties"][name], part, f"{where}.{name}")
    return found
