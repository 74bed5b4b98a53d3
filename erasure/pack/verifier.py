"""The offline verifier as runnable source, with the keys it trusts and how to run it."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import erasure
from erasure.evidence.trust import TRUST_FILE, own_trust, root_files

SOURCE = Path(erasure.__file__).parent
ALONE = ("__init__.py", "errors.py", "loop.py", "values.py")  # what the verifier stands on
NEEDS = ("cryptography", "pyhanko", "pypdf", "rfc8785")


def steps(reference: str) -> list[str]:
    """How to check every certificate of the pack."""
    return [
        "1. Compare trust.txt in the folder verifier with the one you were given by another way.",
        "2. In that folder, with Python 3.11 or later: python -m pip install -r requirements.txt",
        f"3. python -m erasure.proof ../certificates/certificate-{reference}-v1-authority.pdf "
        "--trust trust.txt",
        "4. This edition opens what stands behind each entry; the one without -authority is what "
        "the person has.",
        "5. It prints one line for each check and ends with 0 when all passed. It reads no "
        "database and asks no network.",
    ]


def verifier_files(reference: str) -> Iterator[tuple[str, bytes]]:
    """
    Raises:
        KeyMissingError: the seal cannot be read. OSError: the root of time-stamps cannot.
    """
    paths = [SOURCE / name for name in ALONE]
    for path in sorted([*paths, *(SOURCE / "proof").rglob("*.py")]):
        yield f"erasure/{path.relative_to(SOURCE).as_posix()}", path.read_bytes()
    needs = [f"{name}=={version(name)}" for name in NEEDS]
    yield "requirements.txt", "\n".join([*needs, ""]).encode()
    yield TRUST_FILE, own_trust().render().encode()
    yield from sorted(root_files().items())
    yield "README.txt", "\n".join([*steps(reference), ""]).encode()
