"""The published vectors, as the files of a certificate and a trust file."""

import json
from pathlib import Path

from erasure.proof import note, trust

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
SECRET = bytes.fromhex(VECTORS["case_secret"]["secret_hex"])
ENTRIES = VECTORS["entries"]
LEAVES = [bytes.fromhex(one["leaf_hash_hex"]) for one in ENTRIES]
SET = VECTORS["certificate_set"]
LOG_KEY = note.parse_vkey(VECTORS["checkpoint"]["vkey"])
WITNESS_KEY = note.parse_vkey(VECTORS["checkpoint"]["witness"]["vkey"])
TRUST = trust.Trust(logs=(LOG_KEY,))


def files(version, *, openings=True):
    """The files of one version of the published certificate."""
    one = SET[f"version_{version}"]
    found = {
        "certificate.json": one["certificate_json"].encode(),
        "entries.jsonl": one["entries_jsonl"].encode(),
        "entries.proof": one["entries_proof"].encode(),
        "certificate.tlog-proof": one["tlog_proof"].encode(),
    }
    if openings:
        found["openings.jsonl"] = one["openings_jsonl"].encode()
    return found


def states(findings):
    return {one.id: str(one.state) for one in findings}
