"""Conversation ids from a file: what is taken, what is left out and named, what is refused."""

import pytest

from erasure.errors import InputError
from erasure.holds import conversation_index, read_ids, touched
from erasure.holds.listed import MOST_IDS, Touched
from erasure.models import SystemConnection
from erasure.values import CaseState
from tests.factories import make_case, make_connection, make_item

ONE, TWO = "3f2b7c1e-0001-4a6e-9d2f-000000000001", "3F2B7C1E-0001-4A6E-9D2F-000000000002"
GENESYS = SystemConnection(system="genesys", slug="g")
CRM = SystemConnection(system="salesforce", slug="s")


@pytest.mark.parametrize(
    "data",
    [
        f"{ONE}\n{TWO}\n",
        f"{ONE}\r\n{TWO}",
        f"Conversation ID\n{ONE}\n{TWO}\n",
        f"date;conversation_id;agent\n1 Mar;{ONE};x\n2 Mar;{TWO};y\n",
        f'"agent","conversationId"\n"Smith, J.","{ONE}"\n"x","{TWO}"\n',
        f"agent\tid\nx\t{ONE}\ny\t{TWO}\n",
        f"\ufeffconversations\n{ONE}\n\n{TWO}\n\n",
    ],
)
def test_read_ids_of_any_common_file_finds_both(data):
    assert read_ids(data.encode(), GENESYS).ids == (ONE, TWO)


def test_read_ids_counts_repeated_ones_and_names_lines_without_an_id():
    found = read_ids(f"id\n{ONE}\nnone\n{ONE}\n{TWO},x\nc-1\n".encode(), GENESYS)
    assert (found.ids, found.repeated, found.unreadable) == ((ONE, TWO), 1, (3, 6))


def test_read_ids_of_another_system_takes_any_word_and_no_sentence():
    found = read_ids(b"id\nc-1\nwith blanks\n" + b"x" * 101 + b"\n", CRM)
    assert (found.ids, found.unreadable) == (("c-1",), (3, 4))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "No conversation id was found in the file."),
        (b"id\nnothing here\n", "No conversation id was found in the file."),
        ("über".encode("latin-1"), "The file is not UTF-8 text: save it as CSV UTF-8."),
        (b"x" * (2 * 2**20 + 1), "The file is larger than 2 MB: split it."),
        (
            "\n".join(f"c-{n}" for n in range(MOST_IDS + 1)).encode(),
            "The file names more than 5000 conversations: split it.",
        ),
    ],
    ids=["empty", "no id", "latin-1", "too large", "too many"],
)
def test_read_ids_of_a_file_that_cannot_be_taken_says_why(data, said):
    with pytest.raises(InputError) as refused:
        read_ids(data, CRM)
    assert (refused.value.field, str(refused.value)) == ("file", said)


@pytest.mark.django_db
def test_touched_counts_open_cases_and_no_other_system():
    here, there = make_connection("here"), make_connection("there")
    named = conversation_index("here", "c-1")
    for state in (CaseState.EXECUTING, CaseState.PARTIAL_HOLD, CaseState.COMPLETE):
        make_item(make_case(state), here, parent_index=named)
    make_item(make_case(CaseState.EXECUTING), there, parent_index=named)
    assert touched(here, ["c-1", "c-2"]) == Touched(conversations=1, records=2, cases=2)
