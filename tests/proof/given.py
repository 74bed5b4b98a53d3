"""The published vectors, as the files of a certificate and a trust file."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
from reportlab.pdfgen.canvas import Canvas

from erasure.proof import canonical, merkle, note, trust
from erasure.proof.encoding import b64, parse_time
from erasure.proof.entries import digest, entry, parse_lines
from erasure.proof.scopes import CaseKeys

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


SIGNER = note.Signer.from_seed(
    "erasure.example.org/log/1", bytes.fromhex(VECTORS["checkpoint"]["seed_hex"])
)
KEYS = CaseKeys(SECRET)


def certificate(version):
    return json.loads(SET[f"version_{version}"]["certificate_json"])


def lines(version):
    return parse_lines(SET[f"version_{version}"]["entries_jsonl"].encode())


def events(version):
    """Scope and entry of each event of a version, to be altered and logged anew."""
    return [(line.scope, dict(line.entry)) for line in lines(version)]


def issue(value, listed, *, at=None, scope=None, **certified):
    """Log events and a certificate over them as somebody with the log key could.

    Everything that binds the files together is made anew; what ``value`` states
    beyond that stays, true or not.
    """
    logged = [entry("key", datetime(2026, 1, 5, 9, tzinfo=UTC), vkey=str(SIGNER.vkey))]
    logged += [canonical.encode(one) for _, one in listed]
    rows = [
        b'{"entry":%b,"index":%d,"scope":"%b"}' % (logged[number], number, place.encode())
        for number, (place, _) in enumerate(listed, start=1)
    ]
    data = b"".join(row + b"\n" for row in rows)
    leaves = [merkle.leaf_hash(one) for one in logged]
    value = value | {
        "entries": {"bytes": len(data), "count": len(rows), "sha256": digest(data)},
        "log": {
            "origin": SIGNER.origin,
            "root": b64(merkle.root(leaves)),
            "size": len(leaves),
        },
    }
    statement = canonical.encode(value)
    scope = scope or f"c/{sum(place.startswith('c/') for place, _ in listed)}"
    stated = {
        "sha256": digest(statement),
        "version": value["certificate"]["version"],
        "status": value["case"]["status"],
    }
    when = at or parse_time(value["certificate"]["issued_at"])
    com = KEYS.commitment(scope, {"actor": "dpo-1"})
    last = entry("certificate", when, tag=KEYS.tag(scope), com=com, **(stated | certified))
    index = len(leaves)
    leaves.append(merkle.leaf_hash(last))
    point = SIGNER.sign(len(leaves), merkle.root(leaves))
    proof = note.TlogProof(
        index,
        tuple(merkle.inclusion_proof(index, len(leaves), leaves)),
        point,
        b'{"entry":%b,"index":%d,"scope":"%b"}' % (last, index, scope.encode()),
    )
    hashes = merkle.entries_proof(range(1, index), len(leaves), leaves)
    return {
        "certificate.json": statement,
        "entries.jsonl": data,
        "entries.proof": note.render_entries_proof(len(leaves), hashes).encode(),
        "certificate.tlog-proof": proof.render().encode(),
    }


def certificate_pdf(attached, printed, *, twice=False, password=""):
    """A PDF of one page with the printed lines and the files attached."""
    buffer = BytesIO()
    page = Canvas(buffer)
    for number, row in enumerate(printed):
        page.drawString(50, 800 - 14 * number, row)
    page.save()
    with pikepdf.open(BytesIO(buffer.getvalue())) as pdf:
        for name, data in attached.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, filename=name)
        if twice:
            names = pdf.Root.Names.EmbeddedFiles.Names
            names.extend([names[0], names[1]])
        lock = pikepdf.Encryption(owner=password, user=password) if password else False
        out = BytesIO()
        pdf.save(out, encryption=lock)
    return out.getvalue()
