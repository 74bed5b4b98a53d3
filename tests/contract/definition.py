"""A vendor's Swagger 2.0 file, asked whether a request and its answer fit it.

Stricter than the file where it is silent: a field, parameter or status it does not name
is a complaint. A request holds no field the vendor sets itself (``readOnly``); an answer
holds every field the vendor promises in one (``x-required-in-responses``).
"""

import copy
import json
import re
from collections.abc import Iterator
from datetime import date, datetime

from jsonschema import Draft4Validator, FormatChecker

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def _is_date(value):
    return not isinstance(value, str) or bool(date.fromisoformat(value))


class Definition:
    """The file, with one strict copy of its schemas for requests and one for answers."""

    def __init__(self, file):
        self.whole = json.loads(file.read_text())
        self.paths = self.whole["paths"]
        self._known = [(_pattern(template), template) for template in self.paths]
        self._asked = {name: _asked(one) for name, one in self.whole["definitions"].items()}
        self._told = {name: _told(one) for name, one in self.whole["definitions"].items()}
        self._validators = {}

    def template(self, path):
        """The template of a path, literal ones first; "" if there is none."""
        fitting = [template for pattern, template in self._known if pattern.fullmatch(path)]
        return min(fitting, key=lambda one: one.count("{"), default="")

    def operation(self, method, path):
        """What the file says of a call; None if there is no such path or method."""
        return self.paths.get(self.template(path), {}).get(method.lower())

    def complaints(self, exchange) -> list[str]:
        """What is wrong with a request and its answer; nothing if both fit."""
        name = f"{exchange.method} {self.template(exchange.path) or exchange.path}"
        operation = self.operation(exchange.method, exchange.path)
        if operation is None:
            return [f"{name}: no such operation"]
        found = [*self._of_query(exchange, operation), *self._of_body(exchange, operation)]
        if exchange.status:  # 0: the connection broke first
            found += self._of_answer(exchange, operation)
        return [f"{name}: {each}" for each in found]

    def _of_query(self, exchange, operation) -> Iterator[str]:
        declared = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
        given = {}
        for name, value in exchange.query:
            given.setdefault(name, []).append(value)
        for name in declared:
            if declared[name].get("required") and name not in given:
                yield f"parameter {name} is missing"
        for name, values in given.items():
            if name not in declared:
                yield f"parameter {name} is unknown"
            else:
                yield from _of_values(declared[name], values)

    def _of_body(self, exchange, operation) -> Iterator[str]:
        declared = [p for p in operation.get("parameters", []) if p["in"] == "body"]
        if not exchange.body:
            if declared and declared[0].get("required"):
                yield "the body is missing"
        elif not declared:
            yield "there is no body"
        elif "json" not in exchange.kind:
            yield f"the body is {exchange.kind}"
        else:
            value = json.loads(exchange.body)
            yield from self._misfits("request", declared[0]["schema"], value, self._asked)

    def _of_answer(self, exchange, operation) -> Iterator[str]:
        responses = operation["responses"]
        declared = responses.get(str(exchange.status)) or responses.get("default")
        if declared is None:
            yield f"status {exchange.status} is not declared"
        elif "schema" not in declared:
            if exchange.answer:
                yield f"{exchange.status} has no body"
        elif "json" not in exchange.answer_kind:
            yield f"{exchange.status} comes as {exchange.answer_kind or 'nothing'}"
        else:
            value = json.loads(exchange.answer)
            yield from self._misfits(
                f"answer {exchange.status}", declared["schema"], value, self._told
            )

    def _misfits(self, what, schema, value, definitions) -> Iterator[str]:
        key = json.dumps(schema, sort_keys=True), definitions is self._asked
        if key not in self._validators:
            whole = {**schema, "definitions": definitions}
            self._validators[key] = Draft4Validator(whole, format_checker=FORMATS)
        for error in self._validators[key].iter_errors(value):
            where = ".".join("[]" if isinstance(each, int) else each for each in error.path)
            yield f"{what}, {where or 'top'}: {error.message[:200]}"


def _pattern(template):
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template))


def _closed(schema):
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def _asked(schema):
    """A schema as a request has it: without what the vendor sets itself.

    A record that is nothing but its id is a reference, and is sent as one.
    """
    given = _closed(copy.deepcopy(schema))
    fields = given.get("properties", {})
    ours = {name: one for name, one in fields.items() if not one.get("readOnly")}
    if fields and set(fields) != {"id"}:
        given["properties"] = ours
    return given


def _told(schema):
    """A schema as an answer has it: with what the vendor promises there."""
    given = _closed(copy.deepcopy(schema))
    required = [*given.get("required", ()), *given.get("x-required-in-responses", ())]
    return {**given, "required": required} if required else given


def _of_values(parameter, values) -> Iterator[str]:
    name = parameter["name"]
    if parameter["type"] != "array":
        if len(values) > 1:
            yield f"parameter {name} is repeated"
        schema = parameter
    else:
        schema = parameter["items"]
        if parameter.get("collectionFormat") != "multi":
            values = [one for value in values for one in value.split(",")]
    for value in values:
        if not _has_type(schema, value):
            yield f"parameter {name} is no {schema['type']}"
        elif value not in schema.get("enum", [value]):
            yield f"parameter {name}: {value} is not one of {schema['enum']}"


def _has_type(schema, value):
    if schema["type"] == "integer":
        return bool(re.fullmatch(r"-?\d+", value))
    if schema["type"] == "boolean":
        return value in ("true", "false")
    if schema.get("format") == "date-time":
        return _accepts(_is_moment, value)
    return schema["type"] == "string"


def _accepts(check, value):
    try:
        return bool(check(value))
    except ValueError:
        return False
