import pytest

from erasure.proof import merkle
from erasure.proof.errors import UnreadableError
from erasure.proof.logcopy import parse_copy, read_copy
from tests.proof.given import ENTRIES, LEAVES, VECTORS

LINES = [one["entry_utf8"].encode() for one in ENTRIES]
COPY = b"".join(line + b"\n" for line in LINES)


def test_log_copy_of_the_published_entries_gives_each_published_root():
    wanted = {int(size): root["hex"] for size, root in VECTORS["merkle_roots"].items()}
    roots = parse_copy(COPY).roots(wanted)
    assert {size: root.hex() for size, root in roots.items()} == wanted


def test_log_copy_gives_its_entries_by_index():
    copy = parse_copy(COPY)
    assert (copy.size, list(copy)) == (45, LINES)
    assert [copy.entry(n)["type"] for n in (0, 2)] == ["key", "opened"]


def test_log_copy_leaves_out_the_root_of_a_size_it_does_not_reach():
    assert parse_copy(COPY).roots([0, 45, 46]) == {0: merkle.EMPTY_ROOT, 45: merkle.root(LEAVES)}


def test_log_copy_finds_every_place_of_a_tag():
    tag = parse_copy(COPY).entry(2)["tag"]
    twice = parse_copy(COPY + LINES[2] + b"\n")
    assert twice.tagged([tag, "A" * 22]) == {tag: [2, 45]}


def test_log_copy_with_a_line_that_is_no_json_has_no_tag_there():
    copy = parse_copy(COPY + b"{nonsense\n" + b"{" * 9000 + b"\n")
    assert copy.tagged(["A" * 22]) == {}
    with pytest.raises(UnreadableError, match="^Line 46 of the log copy"):
        copy.entry(45)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The log copy is empty."),
        (COPY[:-1], "The last line of the log copy is not ended."),
        (COPY + b"\n", "Line 46 of the log copy is no entry."),
        (b"\xff\n", "Line 1 of the log copy is no entry."),
        (b'{"a":"' + b"x" * 65_535 + b'"}\n', "Line 1 of the log copy is no entry."),
    ],
    ids=["empty", "cut", "blank line", "binary", "huge line"],
)
def test_log_copy_of_something_else_is_unreadable(data, sentence):
    with pytest.raises(UnreadableError) as why:
        parse_copy(data)
    assert str(why.value) == sentence


def test_log_copy_from_a_file_is_the_same_and_a_missing_one_is_unreadable(tmp_path):
    (tmp_path / "log.jsonl").write_bytes(COPY)
    assert read_copy(tmp_path / "log.jsonl") == parse_copy(COPY)
    with pytest.raises(UnreadableError, match="cannot be opened"):
        read_copy(tmp_path / "none")
