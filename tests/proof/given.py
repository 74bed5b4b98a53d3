"""The published vectors, as the files of a certificate and a trust file."""

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import wrap

import pikepdf
from reportlab.pdfgen.canvas import Canvas

from erasure.documents.certified import counted, result, totals
from erasure.documents.front import STATUS
from erasure.documents.words import written
from erasure.proof import canonical, merkle, note, printed, trust
from erasure.proof.encoding import b64, parse_time
from erasure.proof.entries import digest, entry, parse_lines
from erasure.proof.files import Evidence
from erasure.proof.scopes import CaseKeys
from erasure.proof.verify import Beside, verify
from erasure.sealing.sign import seal_pdf, sign_file
from tests.sealing.given import root_file, seal

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
SECRET = bytes.fromhex(VECTORS["case_secret"]["secret_hex"])
ENTRIES = VECTORS["entries"]
LEAVES = [bytes.fromhex(one["leaf_hash_hex"]) for one in ENTRIES]
SET = VECTORS["certificate_set"]
LOG_KEY = note.parse_vkey(VECTORS["checkpoint"]["vkey"])
WITNESS_KEY = note.parse_vkey(VECTORS["checkpoint"]["witness"]["vkey"])


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


TRUST = trust.Trust(logs=(LOG_KEY,))


@cache
def trusted():
    """What a reader was given beforehand."""
    return trust.Trust(logs=(LOG_KEY,), seals=(seal().sha256,), roots=(root_file(),))


def trust_file(folder):
    """The same as a file."""
    path = folder / "trust.txt"
    path.write_text(trusted().render())
    return path


def pages_of(version):
    """The printed lines of a version."""
    return pages_for(sealed(version))


def pages_for(found):
    """What the pages of a certificate say as far as it is compared, cell by cell."""
    data = found["certificate.json"]
    value = canonical.decode(data)
    case, this, stores = value["case"], value["certificate"], value["summary"]["by_store"]
    systems = {}
    for store, counts in sorted(stores.items()):
        systems.setdefault(store.partition(".")[0], Counter()).update(counts)
    lost = len(value["not_reached"])
    return [
        f"{case['ref']}, version {this['version']}, issued {written(this['issued_at'])}",
        STATUS[case["status"]],
        *wrap(result(value), 80),
        "System", "Attested", "Kept",
        *(cell for slug, counts in systems.items() for cell in (slug, *counted(counts))),
        "All systems", *counted(totals(value)),
        f"{lost} stores no search could reach." if lost else "Every store was searched;",
        "Digest", digest(data),
        *(cell for store, counts in sorted(stores.items()) for cell in (store, *counted(counts))),
        "All stores", *counted(totals(value)),
        printed.TITLE,
        *printed.fact_lines(value, data),
    ]  # fmt: skip


@cache
def sealed_pdf(version, *, openings=True):
    """A version as a sealed PDF of one page."""
    files = sealed(version, openings=openings)
    at = parse_time(certificate(version)["certificate"]["issued_at"])
    return seal_pdf(certificate_pdf(files, pages_of(version)), seal(), at)


def judged(found, trust=None, pages=None, before=None, **beside):
    """The findings on some files, the text of pages, and an earlier version's files."""
    previous = None if before is None else Evidence(before)
    return verify(Evidence(found, pages), trust or trusted(), Beside(previous, **beside))


@cache
def sealed(version, *, openings=True):
    """The files of one version of the published case, issued anew under a seal of ours.

    The published set has no seal: nobody has its key.
    """
    value, listed = certificate(version), events(version)
    if version == 2:
        value["certificate"]["supersedes"] = superseded()
        listed = [(at, entry_of_first(one)) for at, one in listed]
    found = issue(value, listed)
    if openings:
        found["openings.jsonl"] = files(version)["openings.jsonl"]
    return found


def superseded():
    """What version 2 says of the version before."""
    first = sealed(1)
    return {
        "entries_bytes": len(first["entries.jsonl"]),
        "entries_sha256": digest(first["entries.jsonl"]),
        "sha256": digest(first["certificate.json"]),
        "version": 1,
    }


def entry_of_first(one):
    """The certificate entry of version 1, as it was issued anew."""
    mine = one["type"] == "certificate"
    return one | {"sha256": digest(sealed(1)["certificate.json"])} if mine else one


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


class Files(dict):
    """The files of a certificate; ``log`` holds the entries of the log they came from."""

    log: list[bytes] = []


def issue(value, listed, *, at=None, scope=None, own=None, others=(), **certified):
    """Log events and a certificate over them as somebody with the log key could.

    Everything that binds the files together is made anew; what ``value`` states
    beyond that stays, true or not. ``others``: events that are in the log, but left
    out of the certificate. ``own``: the seal.
    """
    own = own or seal()
    logged = [entry("key", datetime(2026, 1, 5, 9, tzinfo=UTC), vkey=str(SIGNER.vkey))]
    logged += [canonical.encode(one) for _, one in (*listed, *others)]
    rows = [
        b'{"entry":%b,"index":%d,"scope":"%b"}' % (logged[number], number, place.encode())
        for number, (place, _) in enumerate(listed, start=1)
    ]
    data = b"".join(row + b"\n" for row in rows)
    leaves = [merkle.leaf_hash(one) for one in logged]
    value = value | {
        "seal": {"x509_sha256": own.sha256},
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
    logged.append(last)
    leaves.append(merkle.leaf_hash(last))
    point = SIGNER.sign(len(leaves), merkle.root(leaves))
    proof = note.TlogProof(
        index,
        tuple(merkle.inclusion_proof(index, len(leaves), leaves)),
        point,
        b'{"entry":%b,"index":%d,"scope":"%b"}' % (last, index, scope.encode()),
    )
    hashes = merkle.entries_proof(range(1, len(rows) + 1), len(leaves), leaves)
    found = Files({
        "certificate.json": statement,
        "certificate.p7s": sign_file(statement, own, when),
        "entries.jsonl": data,
        "entries.proof": note.render_entries_proof(len(leaves), hashes).encode(),
        "certificate.tlog-proof": proof.render().encode(),
    })  # fmt: skip
    found.log = logged
    return found


def certificate_pdf(attached, printed, *, twice=False, password=""):
    """A PDF with the printed lines and the files attached."""
    buffer = BytesIO()
    page = Canvas(buffer)
    for number, row in enumerate(printed):
        if number and number % 50 == 0:
            page.showPage()
        page.drawString(50, 800 - 14 * (number % 50), row)
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
