from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from erasure.errors import ErasureError, TamperedError
from erasure.proof import anchors, note
from erasure.proof.anchors import Anchor, AnchorKind, read
from erasure.proof.errors import UnreadableError
from tests.proof import authority
from tests.proof.given import LOG_KEY, SIGNER, TRUST, VECTORS, WITNESS_KEY

POINT = VECTORS["checkpoint"]
SIZE, ROOT = 7, bytes.fromhex(VECTORS["merkle_roots"]["7"]["hex"])
SEEN = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOTE = SIGNER.sign(SIZE, ROOT)
WITNESSED = replace(TRUST, witnesses=(WITNESS_KEY,))
BARE = Anchor(AnchorKind.CHECKPOINT, LOG_KEY.name, SIZE, ROOT)


@pytest.fixture
def trust(tmp_path):
    return replace(TRUST, roots=(authority.root_file(tmp_path),))


def test_read_of_a_checkpoint_says_what_the_log_was_and_not_when():
    assert read(NOTE.encode(), TRUST) == BARE


def test_read_of_a_checkpoint_whose_line_ends_a_mail_program_changed_is_the_same():
    assert read(NOTE.replace("\n", "\r\n").encode(), TRUST) == BARE


def test_read_of_the_published_cosigned_note_gives_the_witness_and_its_time():
    found = read(POINT["note"].encode(), WITNESSED)
    assert found == Anchor(
        AnchorKind.WITNESS, LOG_KEY.name, SIZE, ROOT,
        datetime.fromtimestamp(POINT["witness"]["time"], UTC), (WITNESS_KEY.name,),
    )  # fmt: skip


def test_read_of_a_note_cosigned_by_a_stranger_is_a_bare_checkpoint():
    assert read(POINT["note"].encode(), TRUST) == BARE


def test_read_of_two_cosignatures_takes_the_earlier_time():
    key = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
    other = note.Vkey("w2.example.org", note.WITNESS_KEY, key.public_key().public_bytes_raw())
    early = POINT["witness"]["time"] - 60
    text = note.cosign(POINT["note"], other.name, key, early)
    found = read(text.encode(), replace(TRUST, witnesses=(WITNESS_KEY, other)))
    assert found.at == datetime.fromtimestamp(early, UTC)
    assert found.witnesses == (WITNESS_KEY.name, other.name)


def test_read_of_a_time_stamped_checkpoint_gives_the_time_of_the_authority(trust):
    data = anchors.wrap(NOTE, authority.token(NOTE.encode(), SEEN))
    assert read(data, trust) == Anchor(AnchorKind.TIMESTAMP, LOG_KEY.name, SIZE, ROOT, SEEN)


def test_read_of_a_token_that_outlived_its_authority_is_accepted(trust, tmp_path):
    data = anchors.wrap(NOTE, authority.token(NOTE.encode(), datetime(2025, 2, 1, tzinfo=UTC)))
    assert read(data, trust).at == datetime(2025, 2, 1, tzinfo=UTC)


def test_read_of_a_token_dated_before_its_authority_began_is_refused(trust):
    data = anchors.wrap(NOTE, authority.token(NOTE.encode(), datetime(2024, 1, 1, tzinfo=UTC)))
    with pytest.raises(TamperedError, match="authority that is not trusted"):
        read(data, trust)


def test_read_of_a_token_over_another_checkpoint_is_refused(trust):
    other = SIGNER.sign(8, ROOT)
    data = anchors.wrap(NOTE, authority.token(other.encode()))
    with pytest.raises(TamperedError, match="of another checkpoint"):
        read(data, trust)


@pytest.mark.parametrize(
    "given", [{"purpose": ExtendedKeyUsageOID.CODE_SIGNING}, {"issuer": "Another Root"}], ids=str
)
def test_read_of_a_token_by_somebody_who_is_no_trusted_authority_is_refused(trust, given):
    data = anchors.wrap(NOTE, authority.token(NOTE.encode(), **given))
    with pytest.raises(TamperedError, match="authority that is not trusted"):
        read(data, trust)


def test_read_of_a_token_without_any_root_is_refused():
    data = anchors.wrap(NOTE, authority.token(NOTE.encode()))
    with pytest.raises(TamperedError, match="authority that is not trusted"):
        read(data, TRUST)


def test_read_of_a_token_with_any_byte_altered_is_never_accepted_as_another_time(trust):
    token = authority.token(NOTE.encode(), SEEN)
    whole = read(anchors.wrap(NOTE, token), trust)
    for place in range(0, len(token), 211):
        altered = bytearray(token)
        altered[place] ^= 1
        try:
            found = read(anchors.wrap(NOTE, bytes(altered)), trust)
        except ErasureError:
            continue
        assert found == whole  # a byte that nothing depends on, as of an unused field


@pytest.mark.parametrize("place", range(0, len(NOTE.encode()), 11))
def test_read_of_a_checkpoint_with_a_byte_altered_is_refused(place):
    altered = bytearray(NOTE.encode())
    altered[place] ^= 1
    with pytest.raises(ErasureError):
        read(bytes(altered), TRUST)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b'{"note":1,"schema":"erasure-anchor/v1","token":""}',
        b'{"note":"","schema":"erasure-anchor/v2","token":""}',
        b'{"note":"","schema":"erasure-anchor/v1","token":"?"}',
        b'{"note":"x"}',
        b"{" * 100_000,
        b"x" * (anchors.MOST_BYTES + 1),
    ],
    ids=lambda data: repr(data[:20]),
)
def test_read_of_something_else_is_refused_with_a_sentence(data):
    with pytest.raises((UnreadableError, TamperedError), match=r"\.$"):
        read(data, TRUST)


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"x" * 300])
def test_read_of_a_stamp_that_is_no_token_is_unreadable(token):
    with pytest.raises(UnreadableError, match="token cannot be read"):
        read(anchors.wrap(NOTE, token), TRUST)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_read_with_a_root_that_cannot_be_read_is_unreadable(tmp_path, content):
    path = tmp_path / "root.pem"
    if content is not None:
        path.write_bytes(content)
    data = anchors.wrap(NOTE, authority.token(NOTE.encode()))
    with pytest.raises(UnreadableError, match="root of the trust file"):
        read(data, replace(TRUST, roots=(str(path),)))
