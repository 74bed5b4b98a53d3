"""pdfsig and openssl judge the files that our verifier judges, and come to the same."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from erasure.proof import files as reading
from erasure.proof.anchors import wrap
from erasure.proof.verify import passed, verify
from erasure.sealing.sign import seal_pdf
from tests.proof import authority
from tests.proof.given import (
    certificate_pdf,
    files,
    pages_of,
    sealed,
    sealed_pdf,
    trusted,
)
from tests.proof.test_seals import appended, signed
from tests.sealing.given import root_file, seal

ROOT = Path(__file__).parents[2]
TOOLS = ("pdfsig", "pdfdetach", "pdftotext", "openssl", "base64", "awk", "sed")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.poppler,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]
AT = datetime(2026, 1, 6, 13, 5, tzinfo=UTC)


def unsealed(**files):
    return certificate_pdf(sealed(1) | files, pages_of(1))


def genuine():
    return seal_pdf(unsealed(), seal(), AT)


def tools(folder, pdf, *anchors, trust=None):
    """The exit status, and what failed."""
    (folder / "certificate.pdf").write_bytes(pdf)
    (folder / "trust.txt").write_text((trust or trusted()).render())
    done = run(folder / "certificate.pdf", folder / "trust.txt", *anchors)
    return done.returncode, [row[8:] for row in done.stdout.splitlines() if row[:7] == "failed "]


def run(*files, **given):
    return subprocess.run(
        [shutil.which("sh"), "tools/verify-independent.sh", *map(str, files)],
        cwd=ROOT, capture_output=True, text=True, check=False, **given,
    )  # fmt: skip


def altered():
    whole = genuine()
    at = whole.index(b"/Producer") + 12
    return whole[:at] + b"!" + whole[at + 1 :]


def swapped():
    return seal_pdf(unsealed(**{"certificate.json": b"{}"}), seal(), AT)


def foreign():
    """The head is signed by nobody: the signature under it is another one's."""
    proof = files(2)["certificate.tlog-proof"][:-9] + b"AAAAAAAA\n"
    return seal_pdf(unsealed(**{"certificate.tlog-proof": proof}), seal(), AT)


SIGNED = "openssl cms: certificate.p7s signs certificate.json, up to the root"
DIGEST = "openssl dgst: certificate.json has the digest on page 1"
LOG = "openssl pkeyutl: a log key of the trust file signed the checkpoint"
ONE = "pdfsig: there is one signature"
WHOLE = ["pdfsig: Total document signed", "pdfsig: nothing is left unsigned"]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (genuine, []),
        (altered, ["pdfsig: Signature is Valid"]),
        (lambda: appended(genuine()), WHOLE),
        (unsealed, [
            "pdfsig: Signature is Valid", "pdfsig: Total document signed", ONE]),
        (lambda: signed(signed(unsealed(), seal()), seal("Other"), field_name="More"),
         ["pdfsig: nothing is left unsigned", ONE]),
        (swapped, [DIGEST, SIGNED, "openssl x509: the trust file lists this seal"]),
        (foreign, [LOG]),
    ],
    ids=["genuine", "byte", "revision", "no seal", "two", "facts swapped", "log signature"],
)  # fmt: skip
def test_tools_and_our_verifier_judge_the_same_files_alike(tmp_path, made, expected):
    pdf = made()
    status, failed = tools(tmp_path, pdf)
    assert (status, failed) == (int(bool(expected)), expected)
    assert passed(verify(reading.parse(pdf), trusted())) is not bool(expected)


def test_tools_check_a_time_stamp_of_the_logs_head(tmp_path):
    head = reading.parse(sealed_pdf(1)).files["certificate.tlog-proof"].decode().split("\n\n", 1)[1]
    anchors = []
    for name, data in (("good", head.encode()), ("bad", b"another head")):
        path = tmp_path / f"{name}.json"
        path.write_bytes(wrap(head, authority.token(data)))
        anchors.append(path)
    trust = replace(trusted(), roots=(root_file(), authority.root_file(tmp_path)))
    status, failed = tools(tmp_path, genuine(), *anchors, trust=trust)
    assert (status, failed) == (1, [f"openssl ts: the time-stamp of {anchors[1]}"])


def test_tools_that_are_missing_are_named(tmp_path):
    for tool in ("sh", "openssl", "base64", "awk", "sed"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = run("a.pdf", "trust.txt", env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr.splitlines()[:3] == [f"Missing: {tool}" for tool in TOOLS[:3]]
