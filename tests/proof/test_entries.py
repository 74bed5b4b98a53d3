import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from erasure.proof.encoding import parse_time
from erasure.proof.entries import Line, entry, parse_lines, render_lines
from tests.proof.given import ENTRIES, SET, lines

AT = datetime(2026, 1, 6, 11, 30, tzinfo=UTC)
TAG, COM = "A" * 22, "A" * 43
OUTCOME = {
    "store": "crm.note",
    "action": "delete",
    "outcome": "DELETED",
    "http": 204,
    "try_": 1,
}


def scoped(kind, **clear):
    return entry(kind, AT, tag=TAG, com=COM, **clear)


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda one: one["leaf_hash_hex"][:8])
def test_entry_of_published_fields_gives_the_published_bytes(vector):
    fields = json.loads(vector["entry_utf8"])
    kind, at = fields.pop("type"), parse_time(fields.pop("at"))
    del fields["v"]
    assert entry(kind, at, **fields) == vector["entry_utf8"].encode()


def test_entry_leaves_out_none_sorts_stores_and_writes_utc_seconds():
    zone = timezone(timedelta(hours=2))
    at = datetime(2026, 1, 6, 13, 30, 0, 999_999, tzinfo=zone)
    given = {"items": 1, "stores": ["crm.user", "crm.note"], "unanswered": set()}
    assert entry("inventory", at, tag=TAG, com=COM, **given) == (
        b'{"at":"2026-01-06T11:30:00Z","com":"%b","items":1,"stores":["crm.note","crm.user"],'
        b'"tag":"%b","type":"inventory","unanswered":[],"v":1}' % (COM.encode(), TAG.encode())
    )
    assert b"http" not in scoped("outcome", **(OUTCOME | {"http": None}))


@pytest.mark.parametrize(
    ("kind", "clear", "field"),
    [
        ("outcome", OUTCOME | {"store": "crm"}, "store"),
        ("outcome", OUTCOME | {"store": "Crm.note"}, "store"),
        ("outcome", OUTCOME | {"store": "c" * 21 + ".note"}, "store"),
        ("outcome", OUTCOME | {"store": "crm.note\n"}, "store"),
        ("outcome", OUTCOME | {"action": "Delete Ada"}, "action"),
        ("outcome", OUTCOME | {"outcome": "GONE"}, "outcome"),
        ("outcome", OUTCOME | {"http": 99}, "http"),
        ("outcome", OUTCOME | {"http": "204"}, "http"),
        ("outcome", OUTCOME | {"try_": 0}, "try"),
        ("outcome", OUTCOME | {"try_": True}, "try"),
        ("outcome", OUTCOME | {"try_": None}, "try"),
        ("outcome", OUTCOME | {"item": "c-4711"}, "item"),
        ("step", {"step": "approve", "from_": "DPO_REVIEW"}, "to"),
        ("step", {"step": "Approve", "from_": "DPO_REVIEW", "to": "EXECUTING"}, "step"),
        ("opened", {"channel": "web"}, "channel"),
        ("identity", {"method": "portal"}, "method"),
        ("inventory", {"items": -1, "stores": [], "unanswered": []}, "items"),
        ("inventory", {"items": 1, "stores": ["a.b", "a.b"], "unanswered": []}, "stores"),
        ("inventory", {"items": 1, "stores": [], "unanswered": "a.b"}, "unanswered"),
        ("decision", {"decision": "MANUAL"}, "store"),
        ("decision", {"decision": "MANUAL", "store": "a.b"}, "reason"),
        ("decision", {"decision": "APPROVED", "store": "a.b", "reason": "x"}, "store"),
        ("decision", {"decision": "MANUAL", "store": "a.b", "reason": "Ask Ada"}, "reason"),
        ("hold", {"action": "lifted"}, "action"),
        ("dispatch", {"store": "a.b", "items": 101}, "items"),
        ("dispatch", {"store": "a.b", "items": 0}, "items"),
        ("certificate", {"sha256": "0", "version": 1, "status": "COMPLETE"}, "sha256"),
        ("certificate", {"sha256": "0" * 64, "version": 0, "status": "COMPLETE"}, "version"),
        ("certificate", {"sha256": "0" * 64, "version": 1, "status": "DONE"}, "status"),
        ("purged", {"ref": 1}, "tag"),
        ("system", {"event": "e", "count": 1}, "tag"),
        ("letter", {}, "type"),
        ("opened", {"at": "x"}, None),
        ("opened", {"v": 2}, "v"),
        ("opened", {"type": "step"}, "type"),
    ],
)
def test_entry_with_a_wrong_field_names_it(kind, clear, field):
    expected = ValueError if field else TypeError
    with pytest.raises(expected) as wrong:
        scoped(kind, **clear)
    assert field is None or str(wrong.value).split(":")[0] == field


@pytest.mark.parametrize(
    ("tag", "com", "field"),
    [(None, COM, "tag"), (TAG, None, "com"), ("A" * 21, COM, "tag"), (TAG, COM + "=", "com")],
)
def test_entry_of_a_case_without_tag_or_commitment_names_it(tag, com, field):
    with pytest.raises(ValueError, match=f"^{field}:"):
        entry("opened", AT, tag=tag, com=com)


def test_entry_at_a_time_without_zone_names_it():
    with pytest.raises(ValueError, match="^at:"):
        entry("system", datetime(2026, 1, 6), event="alarm", count=1)  # noqa: DTZ001


def test_entry_with_a_witness_key_is_refused():
    witness = "dpo.example.org/witness+00deefa8+BM0Us3+VbpUxlP9/tzs9gdzFYdYadTgJS3w+GmQ+5fOq"
    with pytest.raises(ValueError, match="^vkey:"):
        entry("key", AT, vkey=witness)


def test_entry_above_the_size_limit_is_refused():
    stores = [f"connection-{n:05}.{'s' * 40}" for n in range(1200)]
    with pytest.raises(ValueError, match="^entry: is larger than 65535 bytes"):
        scoped("inventory", items=1, stores=stores, unanswered=[])


@pytest.mark.parametrize("version", [1, 2])
def test_lines_of_published_certificate_are_read_and_written_alike(version):
    data = SET[f"version_{version}"]["entries_jsonl"].encode()
    assert render_lines(reversed(parse_lines(data))) == data


def test_line_of_published_entry_has_its_leaf_hash():
    assert [line.leaf.hex() for line in lines(2)] == [
        ENTRIES[line.index]["leaf_hash_hex"] for line in lines(2)
    ]


def test_line_from_log_bytes_is_the_line_from_the_file():
    line = lines(1)[0]
    assert Line.of(line.index, line.scope, line.data) == line


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"index":2', b'"index":-2', "index and scope"),
        (b'"index":2', b'"index":true', "index and scope"),
        (b'"index":2', b'"index": 2', "canonical form"),
        (b'"scope":"c/0"', b'"scope":"c/00"', "scope:"),
        (b'"scope":"c/0"', b'"scope":"s/0"', "scope:"),
        (b'"scope":"c/0"', b'"scope":0', "index and scope"),
        (b'"scope":"c/0"', b'"scop":"c/0"', "exactly"),
        (b'"type":"opened"', b'"type":"closed"', "type:"),
        (b'"v":1}', b'"v":2}', "v:"),
        (b"T09:00:05Z", b"T25:00:05Z", "at:"),
        (b"T09:00:05Z", b"T09:00:05+00:00", "at:"),
        (b'"index":2', b'"index":3', "line 2: the index does not rise"),
        (b"}\n", b"}\n\n", "not JSON"),
    ],
)
def test_lines_malformed_are_refused(old, new, why):
    data = SET["version_1"]["entries_jsonl"].encode()
    with pytest.raises(ValueError, match=why):
        parse_lines(data.replace(old, new, 1))


def test_lines_without_a_last_line_end_are_refused():
    with pytest.raises(ValueError, match="not ended"):
        parse_lines(SET["version_1"]["entries_jsonl"].encode()[:-1])


def test_line_of_an_entry_of_no_case_is_refused():
    data = ENTRIES[30]["entry_utf8"].encode()
    with pytest.raises(ValueError, match="of no case"):
        Line.of(30, "c/17", data)
