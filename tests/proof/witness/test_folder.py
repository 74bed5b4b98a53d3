import json
from dataclasses import replace

import pytest

from erasure.errors import TamperedError
from erasure.proof import anchors, merkle, note
from erasure.proof.errors import UnreadableError
from erasure.proof.witness.folder import Witness
from erasure.proof.witness.offer import Offer
from tests.proof.given import LEAVES, LOG_KEY, SIGNER, TRUST

NOW = 1_790_000_000


def offer(size, leaves=LEAVES, signer=SIGNER):
    """The head over so many of these leaves."""
    return Offer(
        signer.sign(size, merkle.root(leaves[:size])),
        lambda old, new: merkle.consistency_proof(old, new, leaves),
    )


@pytest.fixture
def witness(tmp_path):
    return Witness.make(tmp_path / "w", "dpo.example.org")


def seen(witness):
    return json.loads((witness.folder / "seen.json").read_text())["size"]


def test_witness_cosigns_each_head_that_continues_the_one_before(witness):
    for size in (7, 29, 29, 45):
        text = witness.cosign(offer(size), [LOG_KEY], now=NOW + size)
        trust = replace(TRUST, witnesses=(witness.vkey,))
        found = anchors.read(text.encode(), trust)
        assert (found.size, int(found.at.timestamp()), seen(witness)) == (size, NOW + size, size)


def test_witness_keeps_every_head_it_cosigned_as_an_anchor(witness):
    text = witness.cosign(offer(7), [LOG_KEY], now=NOW)
    assert (witness.folder / f"7-{NOW}.checkpoint").read_text() == text


def test_witness_reads_its_folder_again(witness):
    witness.cosign(offer(7), [LOG_KEY])
    again = Witness(witness.folder)
    assert (again.vkey, again.seen()) == (witness.vkey, witness.seen())


OTHER = [merkle.leaf_hash(b"x%d" % n) for n in range(45)]


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (offer(28), "The log has shrunk: 29 entries were seen, it offers 28."),
        (offer(29, OTHER), "The log was rewritten: its 29 entries are others."),
        (offer(45, OTHER), "The log was rewritten: it does not begin with the 29 entries"),
        (replace(offer(45), consistency=lambda old, new: []), "it does not begin with the 29"),
        (
            offer(45, signer=note.Signer.from_seed("erasure.example.org/log/2", b"2" * 32)),
            "not signed by a known log key",
        ),
        (offer(45, signer=note.Signer.from_seed(LOG_KEY.name, b"2" * 32)), "not signed by a known"),
    ],
    ids=["shrunk", "forked", "rewritten", "unproven", "another log", "another key"],
)
def test_witness_refuses_a_log_that_does_not_continue_and_remembers_the_old_head(
    witness, second, sentence
):
    witness.cosign(offer(29), [LOG_KEY], now=NOW)
    files = sorted(path.name for path in witness.folder.iterdir())
    with pytest.raises(TamperedError, match=sentence):
        witness.cosign(second, [LOG_KEY])
    assert seen(witness) == 29
    assert sorted(path.name for path in witness.folder.iterdir()) == files


def test_witness_refuses_a_log_of_another_name_although_its_key_is_trusted(witness):
    second = note.Signer.from_seed("erasure.example.org/log/2", b"2" * 32)
    witness.cosign(offer(7), [LOG_KEY])
    with pytest.raises(TamperedError, match="This is another log"):
        witness.cosign(offer(45, signer=second), [LOG_KEY, second.vkey])


def test_witness_of_an_empty_log_accepts_whatever_comes_first(witness):
    witness.cosign(offer(0), [LOG_KEY])
    witness.cosign(offer(7), [LOG_KEY])
    assert seen(witness) == 7


def test_witness_key_is_for_this_user_alone_and_made_once(witness):
    assert (witness.folder / "witness.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnreadableError, match="has a witness's key already"):
        Witness.make(witness.folder, "dpo.example.org")


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_witness_with_an_impossible_name_is_refused(tmp_path, name):
    with pytest.raises(UnreadableError, match="no space and no plus sign"):
        Witness.make(tmp_path / "w", name)
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("content", [None, "", "name", "name x", "a+b AAAA"])
def test_witness_without_a_key_that_can_be_read_is_unreadable(tmp_path, content):
    if content is not None:
        (tmp_path / "witness.key").write_text(content)
    with pytest.raises(UnreadableError, match="There is no witness.key"):
        Witness(tmp_path)


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"origin":"a","size":7,"root":"AA=="}'])
def test_witness_whose_memory_is_gone_or_damaged_cosigns_nothing(witness, content):
    witness.cosign(offer(7), [LOG_KEY])
    (witness.folder / "seen.json").unlink()
    if content is not None:
        (witness.folder / "seen.json").write_text(content)
    with pytest.raises(UnreadableError, match=r"seen\.json"):
        witness.cosign(offer(7), [LOG_KEY])
