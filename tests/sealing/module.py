"""SoftHSM plays the hardware module (Debian: softhsm2)."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

PLACES = ("/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm", "/opt/homebrew/lib")
MODULE = next((at for place in PLACES if (at := Path(place, "libsofthsm2.so")).exists()), None)
ABSENT = not (MODULE and shutil.which("softhsm2-util"))
PIN = "4711"
PEM = serialization.Encoding.PEM


def in_module(test):
    """A test that needs the module itself."""
    return pytest.mark.services(pytest.mark.skipif(ABSENT, reason="not installed: softhsm2")(test))


def uri(path="token=Example", module=MODULE):
    return f"pkcs11:{path}?module-path={module}"


def certificates_of(seal):
    return b"".join(one.public_bytes(PEM) for one in seal.chain)


@contextmanager
def module_with(folder, *seals):
    """Two tokens, "Example" with the keys of these seals by number, in a folder of their own."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        for label in ("Example", "Another"):
            tool("--init-token", "--free", "--label", label, "--so-pin", "0815", "--pin", PIN)
        for number, one in enumerate(seals, start=1):
            _take_in(folder / "key.pem", one, f"seal {number}", f"{number:02}")
        yield
    finally:
        os.environ.pop("SOFTHSM2_CONF")
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before


def tool(*given):
    done = subprocess.run(
        ["softhsm2-util", *given], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def _take_in(path, seal, label, number):
    path.write_bytes(seal.pem())
    pin = ("--pin", PIN)
    tool("--import", str(path), "--token", "Example", "--label", label, "--id", number, *pin)
    path.unlink()
