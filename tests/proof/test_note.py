import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from erasure.errors import TamperedError
from erasure.proof import note
from tests.proof.given import LOG_KEY, SET, VECTORS, WITNESS_KEY

POINT = VECTORS["checkpoint"]
WITNESS = POINT["witness"]
ROOT = bytes.fromhex(VECTORS["merkle_roots"]["7"]["hex"])
ORIGIN = "erasure.example.org/log/1"
LOG_ONLY = POINT["text"] + "\n" + POINT["signature_line"]


def signer():
    return note.Signer.from_seed(ORIGIN, bytes.fromhex(POINT["seed_hex"]))


def test_signer_of_published_seed_has_its_key():
    assert str(signer().vkey) == POINT["vkey"]
    assert signer().vkey.key_id.hex() == POINT["key_id_hex"]
    assert signer().vkey.public.hex() == POINT["public_hex"]


def test_sign_of_published_root_gives_the_published_note():
    assert signer().sign(7, ROOT) == LOG_ONLY


def test_cosign_of_published_note_gives_the_published_line():
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(WITNESS["seed_hex"]))
    assert note.cosign(LOG_ONLY, WITNESS["name"], key, WITNESS["time"]) == POINT["note"]
    assert str(WITNESS_KEY) == WITNESS["vkey"]


def test_open_checkpoint_published_gives_size_root_and_witness():
    opened = note.open_checkpoint(POINT["note"], [LOG_KEY], [WITNESS_KEY])
    seen = (note.Cosignature(WITNESS["name"], WITNESS["time"]),)
    assert opened == note.Checkpoint(ORIGIN, 7, ROOT, seen)


def test_open_checkpoint_ignores_a_witness_it_does_not_know():
    opened = note.open_checkpoint(POINT["note"], [LOG_KEY])
    assert opened == note.Checkpoint(ORIGIN, 7, ROOT)


def test_open_checkpoint_signed_by_two_log_keys_takes_either():
    second = note.Signer.from_seed(ORIGIN, bytes(32))
    both = LOG_ONLY + second.signature_line(POINT["text"])
    for key in (LOG_KEY, second.vkey):
        assert note.open_checkpoint(both, [key]).size == 7


@pytest.mark.parametrize(
    "altered",
    [
        LOG_ONLY.replace("\n7\n", "\n8\n"),
        LOG_ONLY.replace("\n7\n", "\n07\n"),
        LOG_ONLY.replace(ORIGIN + "\n", "other.example.org/log/1\n", 1),
        LOG_ONLY.replace("\n\n", "\nextension\n\n"),
        LOG_ONLY.replace("\n\n", "\n"),
        LOG_ONLY.replace("— ", "- "),
        LOG_ONLY[:-1],
        LOG_ONLY + "\n",
        LOG_ONLY.replace("QRxS", "QRxT"),
        LOG_ONLY.replace("kA+z", "kA+y"),
        POINT["text"],
        POINT["text"] + "\n",
        "",
    ],
)
def test_open_checkpoint_altered_raises(altered):
    with pytest.raises(TamperedError):
        note.open_checkpoint(altered, [LOG_KEY])


def test_open_checkpoint_with_one_good_and_one_bad_known_signature_raises():
    bad = note.Signer.from_seed(ORIGIN, bytes(32)).signature_line("another text\n")
    other = note.Signer.from_seed(ORIGIN, bytes(32)).vkey
    with pytest.raises(TamperedError) as tampered:
        note.open_checkpoint(LOG_ONLY + bad, [LOG_KEY, other])
    assert str(tampered.value) == f"The signature of {ORIGIN} on the checkpoint is wrong."


def test_open_checkpoint_with_a_false_time_of_a_known_witness_raises():
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(WITNESS["seed_hex"]))
    line = note.cosign(LOG_ONLY, WITNESS["name"], key, 1).removeprefix(LOG_ONLY)
    moved = line.replace("AAAAAAB", "AAAAAAC").replace("AAAAAAE", "AAAAAAF")
    assert moved != line
    with pytest.raises(TamperedError):
        note.open_checkpoint(LOG_ONLY + moved, [LOG_KEY], [WITNESS_KEY])


def test_open_checkpoint_with_no_known_key_raises():
    with pytest.raises(TamperedError) as tampered:
        note.open_checkpoint(LOG_ONLY, [WITNESS_KEY])
    assert str(tampered.value) == "The checkpoint is not signed by a known log key."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        POINT["vkey"].replace("411c5290", "411c5291"),
        POINT["vkey"].replace("erasure.", "erasure "),
        POINT["vkey"][:-4],
        POINT["vkey"].replace("+ASVD", "+AiVD"),
        POINT["vkey"] + "=",
    ],
)
def test_parse_vkey_malformed_raises(text):
    with pytest.raises(ValueError, match="[a-z]"):
        note.parse_vkey(text)


@pytest.mark.parametrize("version", [1, 2])
def test_tlog_proof_published_is_read_and_written_alike(version):
    text = SET[f"version_{version}"]["tlog_proof"]
    proof = note.parse_proof(text)
    assert proof.index == SET[f"version_{version}"]["certificate_entry_index"]
    assert proof.render() == text


@pytest.mark.parametrize(
    "altered",
    [
        lambda text: text.replace("proof@v1", "proof@v2"),
        lambda text: text.replace("index ", "indes "),
        lambda text: text.replace("extra ", "extrb "),
        lambda text: text.replace("index 29", "index 029"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("extra eyJ", "extra "),
        lambda text: text.replace("z7n4", "z7n"),
        lambda text: "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n",
        lambda text: "",
    ],
)
def test_tlog_proof_malformed_raises(altered):
    with pytest.raises(ValueError, match="[a-z]"):
        note.parse_proof(altered(SET["version_1"]["tlog_proof"]))


@pytest.mark.parametrize("key", ["entries_proof", "entries_proof_gaps"])
def test_entries_proof_text_published_is_read_and_written_alike(key):
    vector = VECTORS[key]
    size, hashes = note.parse_entries_proof(vector["text"])
    assert (size, [one.hex() for one in hashes]) == (vector["tree_size"], vector["hashes_hex"])
    assert note.render_entries_proof(size, hashes) == vector["text"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "erasure-log/entries-proof@v1\n",
        "erasure-log/entries-proof@v2\nsize 7\n",
        "erasure-log/entries-proof@v1\nsize 7",
        "erasure-log/entries-proof@v1\nsize -7\n",
        "erasure-log/entries-proof@v1\nlength 7\n",
        "erasure-log/entries-proof@v1\nsize 7\nAAAA\n",
        "erasure-log/entries-proof@v1\nsize 7\n\n",
    ],
)
def test_entries_proof_text_malformed_raises(text):
    with pytest.raises(ValueError, match="[a-z]"):
        note.parse_entries_proof(text)
