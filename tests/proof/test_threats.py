"""Every attempt on the files of a certificate, and the check that finds it; and bad input.

Both are printed as tables at the end of the run.
"""

from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from erasure.proof import canonical, files, merkle, note
from erasure.proof.entries import digest
from erasure.proof.printed import TITLE
from erasure.proof.report import main
from erasure.sealing.sign import seal_pdf, sign_file
from tests.proof.given import (
    SIGNER,
    certificate,
    certificate_pdf,
    events,
    issue,
    pages_for,
    pages_of,
    sealed,
    sealed_pdf,
    trust_file,
)
from tests.proof.given import files as published
from tests.proof.test_later import FAILED, event
from tests.proof.test_seals import AT, appended, signed
from tests.proof.test_verify import FORGED
from tests.sealing.given import seal, siblings


def pdf(found, pages=None, own=None):
    """As whoever has the seal would make it."""
    return seal_pdf(certificate_pdf(found, pages or pages_for(found)), own or seal(), AT)


def altered_byte():
    whole = sealed_pdf(1)
    at = whole.index(b"/Producer") + 12
    return whole[:at] + b"!" + whole[at + 1 :]


def not_logged():
    """The facts say something nicer, under the genuine seal; the log knows nothing of it."""
    value = canonical.decode(sealed(1)["certificate.json"])
    value["recipients"] = {"told": 2, "not_told": 0}
    return pdf(restated(sealed(1), value))


def restated(found, value):
    document = canonical.encode(value)
    return found | {
        "certificate.json": document, "certificate.p7s": sign_file(document, seal(), AT),
    }  # fmt: skip


def outcomes_changed():
    """A held record becomes an erased one in the entries too; the log was not re-written."""
    data = sealed(1)["entries.jsonl"].replace(b'"outcome":"HELD"', b'"outcome":"VERIFIED"')
    value = canonical.decode(sealed(1)["certificate.json"])
    value["entries"] |= {"bytes": len(data), "sha256": digest(data)}
    return pdf(restated(sealed(1) | {"entries.jsonl": data}, value))


def other_log_key():
    """The whole log signed anew, by a key that nobody was given."""
    other = note.Signer.from_seed(SIGNER.origin, bytes(range(32)))
    found = sealed(1)
    leaves = [merkle.leaf_hash(line) for line in found.log]
    proof = note.parse_proof(found["certificate.tlog-proof"].decode())
    again = note.TlogProof(
        proof.index, proof.hashes, other.sign(len(leaves), merkle.root(leaves)), proof.extra
    )
    return pdf(found | {"certificate.tlog-proof": again.render().encode()})


def with_openings(old, new):
    data = sealed(1)["openings.jsonl"]
    return pdf(sealed(1) | {"openings.jsonl": data.replace(old, new, 1)})


def false_jobs():
    value = certificate(1) | {"jobs": {"genesys-eu": 2, "salesforce": 1}}
    return pdf(issue(value, events(1)) | {"openings.jsonl": published(1)["openings.jsonl"]})


def other_pages():
    pages = [row.replace("PARTIAL_HOLD", "COMPLETE") for row in pages_of(1)]
    return pdf(sealed(1), pages)


def other_front():
    """What a person reads is another certificate; the block that a machine reads is genuine."""
    value = canonical.decode(sealed(1)["certificate.json"])
    value["case"]["status"] = "COMPLETE"
    other = pages_for({"certificate.json": canonical.encode(value)})
    cut = other.index(TITLE)
    return pdf(sealed(1), other[:cut] + pages_of(1)[cut:])


def left_out():
    bad = ("i/1/3", canonical.decode(event("i/1/3", "outcome", "2026-01-06T13:04:00Z", **FAILED)))
    found = issue(certificate(1), events(1), others=[bad])
    found["openings.jsonl"] = published(1)["openings.jsonl"]
    return pdf(found), found.log


def same_authority():
    one, other = siblings()
    return pdf(issue(certificate(1), events(1), own=one), own=other)


TRIED = {
    "PDF byte altered": (altered_byte, ["V1"]),
    "revision appended": (lambda: appended(sealed_pdf(1)), ["V1"]),
    "second signature": (
        lambda: signed(signed(certificate_pdf(sealed(1), pages_of(1)), seal()), seal("Other"),
                       field_name="More"), ["V1"]),
    "forged seal of another authority": (lambda: pdf(sealed(1), own=seal("Other")), ["V1"]),
    "forged seal of the same authority": (same_authority, ["V1", "V4"]),
    "genuine seal, not logged": (not_logged, ["V7"]),
    "genuine seal, outcomes changed": (outcomes_changed, ["V7", "V9", "V10"]),
    "log signed by another key": (other_log_key, ["V6"]),
    "printed facts differ": (other_pages, ["V5"]),
    "printed facts differ where people read": (other_front, ["V5"]),
    "opening false": (lambda: with_openings(b'"channel":"web"', b'"channel":"phone"'), ["V12"]),
    "openings swapped": (lambda: with_openings(b'"scope":"c/5"', b'"scope":"c/6"'), ["V12"]),
    "false job count": (false_jobs, ["V12"]),
    **{
        f"issued with the log key: {what}": (lambda one=one: files.bundle(issue(*one)), ["V10"])
        for what, one in FORGED.items()
    },
}  # fmt: skip


def run(folder, capsys, data, *more, trust=None):
    """The exit status, the checks that failed, and what stands on the error output."""
    (folder / "certificate.pdf").write_bytes(data)
    given = [str(folder / "certificate.pdf"), "--trust", str(trust or trust_file(folder)), *more]
    status, shown = main(given), capsys.readouterr()
    failed = [row.split()[0] for row in shown.out.splitlines() if row[4:10] == "failed"]
    return status, failed, shown.err


@pytest.mark.parametrize("what", TRIED)
def test_attempt_on_a_certificate_is_found(tmp_path, capsys, record_property, what):
    made, expected = TRIED[what]
    status, failed, _ = run(tmp_path, capsys, made())
    record_property("table", ("Attempts on certificates", what, ", ".join(failed)))
    assert (status, failed) == (1, expected)


def test_latest_bad_event_left_out_is_found_with_a_log_copy(tmp_path, capsys, record_property):
    data, log = left_out()
    assert run(tmp_path, capsys, data)[:2] == (0, [])
    (tmp_path / "log.jsonl").write_bytes(b"".join(line + b"\n" for line in log))
    _, failed, _ = run(tmp_path, capsys, data, "--log", str(tmp_path / "log.jsonl"))
    record_property("table", ("Attempts on certificates", "latest event left out, logged", *failed))
    assert failed == ["V14"]


def test_earlier_version_shown_is_found_with_a_log_copy(tmp_path, capsys, record_property):
    (tmp_path / "log.jsonl").write_bytes(b"".join(line + b"\n" for line in sealed(2).log))
    _, failed, _ = run(tmp_path, capsys, sealed_pdf(1), "--log", str(tmp_path / "log.jsonl"))
    record_property("table", ("Attempts on certificates", "version 1 shown after 2", *failed))
    assert failed == ["V14"]


def rewritten():
    with pikepdf.open(BytesIO(sealed_pdf(1))) as opened:
        out = BytesIO()
        opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def reordered():
    rows = sealed(1)["entries.jsonl"].splitlines(keepends=True)
    return pdf(sealed(1) | {"entries.jsonl": b"".join([rows[1], rows[0], *rows[2:]])})


def stated(old, new):
    facts = sealed(1)["certificate.json"].replace(old, new, 1)
    return pdf(sealed(1) | {"certificate.json": facts}, pages_of(1))


def twice():
    return certificate_pdf(sealed(1), pages_of(1), twice=True)


def bundle(old, new):
    return files.bundle(sealed(1)).replace(old, new, 1)


BAD = {  # what it is: how to make it, and the one sentence; or the checks that fail
    "truncated PDF": (lambda: sealed_pdf(1)[:-900], "The PDF is cut off."),
    "PDF of 200 bytes": (lambda: sealed_pdf(1)[:200], "The PDF is cut off."),
    "PDF of nonsense": (
        lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"%%EOF",
        "The PDF is damaged and cannot be read."),
    "PDF written anew by another tool": (rewritten, ["V1"]),
    "entries in another order": (reordered, ["V8"]),
    "foreign PDF": (lambda: certificate_pdf({}, ["x"]), "The file carries no certificate.json."),
    "encrypted PDF": (
        lambda: certificate_pdf(sealed(1), ["x"], password="secret"), "The PDF is encrypted."),
    "attachments with the same name": (twice, "Two attachments of the PDF have the same name."),
    "not a certificate": (
        lambda: b"PK\x03\x04", "The file is neither a PDF nor a certificate bundle."),
    "empty file": (lambda: b"", "The file is neither a PDF nor a certificate bundle."),
    "facts with a float": (
        lambda: stated(b'"version":1', b'"version":1.0'),
        "certificate.json holds a number that is no integer."),
    "facts with 5,000 digits": (
        lambda: stated(b'"version":1', b'"version":1' + b"0" * 5000),
        "certificate.json holds an integer beyond 2^53 - 1."),
    "facts with a duplicate key": (
        lambda: stated(b'"version":1', b'"version":1,"version":1'),
        "certificate.json has a duplicate key."),
    "facts with a space": (lambda: stated(b'"version":1', b'"version": 1'), ["V3", "V4"]),
    "bundle with a float": (
        lambda: bundle(b'{"files"', b'{"a":1.5,"files"'),
        "The certificate bundle holds a number that is no integer."),
    "bundle with a duplicate key": (
        lambda: bundle(b'{"files"', b'{"files":{},"files"'),
        "The certificate bundle has a duplicate key."),
    "bundle encoded otherwise": (
        lambda: bundle(b'{"files"', b'{ "files"'),
        "The certificate bundle is not in canonical form."),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_ends_with_a_sentence_and_never_passes(tmp_path, capsys, record_property, what):
    made, expected = BAD[what]
    status, failed, said = run(tmp_path, capsys, made())
    told = ", ".join(failed) or said.removeprefix("UNREADABLE: ").strip()
    record_property("table", ("Bad input", what, f"exit {status}: {told}"))
    if isinstance(expected, list):
        assert (status, failed[: len(expected)], said) == (1, expected, "")
    else:
        assert (status, failed, said) == (2, [], f"UNREADABLE: {expected}\n")


NOT_TEXT = "The trust file is not UTF-8 text."
GARBAGE = "Line 1 of the trust file is none of log, witness, seal and root."
NO_ROOT = "A root of the trust file cannot be read as PEM certificates."


def request():
    asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return asked.sign(seal().private, SHA256()).public_bytes(Encoding.PEM)


PEMS = {
    "good.pem": lambda: seal().root_pem,
    "empty.pem": lambda: b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    "request.pem": request,
    "renamed.pem": lambda: request().replace(b" REQUEST", b""),
    "key-first.pem": lambda: seal().pem(),
}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe", NOT_TEXT),
        (b"garbage\n", GARBAGE),
        (b"root none.pem\n", NO_ROOT),
        (b"root trust.bad\n", NO_ROOT),
        (b"root empty.pem\n", NO_ROOT),
        (b"root request.pem\n", NO_ROOT),
        (b"root renamed.pem\n", NO_ROOT),
        (b"root key-first.pem\n", NO_ROOT),
        (b"root good.pem\nroot empty.pem\n", NO_ROOT),
        (b"x" * (2**20 + 1), "The trust file is larger than 1 MiB."),
    ],
)
def test_bad_trust_file_ends_with_a_sentence(tmp_path, capsys, text, sentence):
    (tmp_path / "trust.bad").write_bytes(text)
    for name, pem in PEMS.items():
        (tmp_path / name).write_bytes(pem())
    found = run(tmp_path, capsys, sealed_pdf(1), trust=tmp_path / "trust.bad")
    assert found == (2, [], f"UNREADABLE: {sentence}\n")


@pytest.mark.parametrize("option", ["--log", "--anchor", "--previous"])
@pytest.mark.parametrize("data", [b"", b"\xff\x00", b"{}\n", b"%PDF-1.7\n"])
def test_bad_file_beside_ends_with_a_sentence(tmp_path, capsys, option, data):
    (tmp_path / "beside").write_bytes(data)
    status, failed, said = run(tmp_path, capsys, sealed_pdf(1), option, str(tmp_path / "beside"))
    if (option, data) == ("--log", b"{}\n"):  # a line that may be an entry of some log
        assert (status, failed) == (1, ["V14"])
    else:
        assert (status, said[:12], said.count("\n")) == (2, "UNREADABLE: ", 1)
