"""Keys in a hardware module, played by SoftHSM (Debian: softhsm2)."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pkcs11
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import TokenFlag

from erasure.errors import KeyMissingError
from erasure.proof.seals import check_pdf
from erasure.sealing import hardware, key
from erasure.sealing.hardware import HardwareKey
from erasure.sealing.sign import seal_pdf, sign_file
from erasure.sealing.x509 import certify
from tests.documents.given import rendered
from tests.sealing.given import seal
from tests.sealing.module import PEM, PIN, certificates_of, in_module, module_with, tool, uri

AT = datetime(2026, 12, 9, 7, 5, tzinfo=UTC)
DER = serialization.Encoding.DER


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    folder = tmp_path_factory.mktemp("token")
    with module_with(folder, seal(), seal("Next")):
        yield folder


@pytest.fixture
def certificates(tmp_path):
    path = tmp_path / "certificates.pem"
    path.write_bytes(b"".join(one.public_bytes(PEM) for one in reversed(seal().chain)))
    return path


@pytest.fixture(autouse=True)
def _nothing_refused(monkeypatch):
    monkeypatch.setattr(hardware, "_refused", set())


def refusal(*given):
    with pytest.raises(KeyMissingError) as refused:
        key.load(*given)
    return str(refused.value)


@in_module
def test_seal_in_a_module_signs_the_same_bytes_as_from_a_file(token, certificates):
    """The certificates may stand in any order; RSASSA-PKCS1-v1_5 leaves nothing to chance."""
    loaded = key.load(certificates, "", uri(), PIN)
    assert (loaded.chain, loaded.sha256) == (seal().chain, seal().sha256)
    assert sign_file(b"data", loaded, AT) == sign_file(b"data", seal(), AT)


@in_module
def test_pdf_sealed_in_a_module_passes_and_holds_no_pin(token, certificates):
    done = seal_pdf(rendered(), key.load(certificates, "", uri(), PIN), AT)
    root = x509.Certificate.load(seal().root.public_bytes(DER))
    assert check_pdf(done, [root]).sha256 == seal().sha256
    assert "4711" not in repr(key.load(certificates, "", uri(), PIN).private)


@in_module
@pytest.mark.parametrize(
    "path",
    [
        "", "token=Example", "token=Example;object=seal%201", "token=Example;id=%01",
        "object=seal%201;token=Example;id=%01;type=private",
        "manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=Example;object=seal%201",
    ],
)  # fmt: skip
def test_key_is_found_by_what_the_uri_names(token, certificates, path):
    wanted = path or f"serial={serial()}"
    assert key.load(certificates, "", uri(wanted), PIN).sha256 == seal().sha256


def serial():
    slot = next(one for one in tool("--show-slots").split("\nSlot ") if "Example" in one)
    return next(row.split()[-1] for row in slot.splitlines() if "Serial" in row)


@in_module
def test_another_seal_of_the_same_token_is_found_by_its_certificate(token, tmp_path):
    path = tmp_path / "next.pem"
    path.write_bytes(certificates_of(seal("Next")))
    assert key.load(path, "", uri(), PIN).sha256 == seal("Next").sha256


@in_module
def test_module_signs_in_threads_and_in_a_process_that_forked_meanwhile(token, certificates):
    private = key.load(certificates, "", uri(), PIN).private
    once = private.sign(b"data")
    with ThreadPoolExecutor(8) as threads:
        signed = threads.map(private.sign, [b"data"] * 24)
        child = os.fork()
        if child == 0:
            os._exit(0 if private.sign(b"data") == once else 1)
        assert set(signed) == {once}
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert private.sign(b"data") == once


@in_module
def test_wrong_pin_is_tried_once_so_that_the_token_is_not_locked(token, certificates):
    given = (certificates, "", uri(), "0000")
    assert refusal(*given) == hardware.REFUSED
    with pytest.MonkeyPatch.context() as patch:  # nor is the module asked for anything else
        patch.setenv("SOFTHSM2_CONF", str(token / "none.conf"))
        assert refusal(*given) == hardware.REFUSED
    assert key.load(certificates, "", uri(), PIN).sha256 == seal().sha256


@in_module
def test_module_without_a_pin_is_not_asked(token, certificates):
    expected = "The PIN of the seal's module is not set (ERASURE_SEAL_PKCS11_PIN)."
    assert refusal(certificates, "", uri(), "") == expected


@pytest.mark.parametrize("flag", [TokenFlag.USER_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED])
def test_last_try_is_left_to_a_person(flag):
    """SoftHSM never locks a token; others say before they do."""
    hardware.require_tries(TokenFlag.TOKEN_INITIALIZED | TokenFlag.USER_PIN_COUNT_LOW)
    with pytest.raises(KeyMissingError, match=r"log in once by hand\.$"):
        hardware.require_tries(TokenFlag.TOKEN_INITIALIZED | flag)


NOT_HELD = (
    "The seal's module does not hold the key of the seal's certificate (ERASURE_SEAL_PKCS11)."
)


@in_module
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("token=Nobody", "The seal's module has no such token (ERASURE_SEAL_PKCS11)."),
        ("model=SoftHSM%20v2", "The seal's module has several such tokens (ERASURE_SEAL_PKCS11)."),
        ("token=Example;object=seal%202", NOT_HELD),
        ("token=Example;id=%09", NOT_HELD),
    ],
)  # fmt: skip
def test_key_that_is_not_there_says_so(token, certificates, path, expected):
    assert refusal(certificates, "", uri(path), PIN) == expected


class Mistaken(HardwareKey):
    """A module that takes another key than it was asked for."""

    def _key(self, session):
        return session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="seal 2")


@in_module
def test_signature_of_another_key_is_not_taken(token, certificates):
    asked = key.load(certificates, "", uri(), PIN).private
    with pytest.raises(KeyMissingError) as refused:
        Mistaken(asked.module, asked.token, asked.key, asked.public, PIN).sign(b"data")
    assert str(refused.value) == (
        "The key in the module is not that of the seal's certificate (ERASURE_SEAL_PKCS11)."
    )


@in_module
def test_module_that_is_gone_later_says_so(token, certificates, monkeypatch):
    loaded = key.load(certificates, "", uri(), PIN)
    monkeypatch.setenv("SOFTHSM2_CONF", str(token / "none.conf"))
    with pytest.raises(KeyMissingError) as refused:
        sign_file(b"data", loaded, AT)
    assert str(refused.value).startswith("The seal's module ")


URI = (
    "ERASURE_SEAL_PKCS11 must read pkcs11:token=...;object=...?module-path=... (RFC 7512; also "
    "serial, manufacturer, model, id), the PIN in ERASURE_SEAL_PKCS11_PIN."
)


@pytest.mark.parametrize(
    "given",
    [
        "x", "pkcs11:", "pkcs11:token=a", "pkcs12:token=a?module-path=/x",
        "pkcs11:slot-id=1?module-path=/x", "pkcs11:token=a?module-path=/x&pin-value=4711",
        "pkcs11:token=a;type=public?module-path=/x",
    ],
)  # fmt: skip
def test_uri_that_names_no_key_says_how_it_reads_and_repeats_no_pin(certificates, given):
    assert refusal(certificates, "", given, PIN) == URI


@pytest.mark.parametrize("module", ["/nowhere/module.so", __file__])
def test_module_that_cannot_be_loaded_says_so(certificates, module):
    expected = "The seal's module cannot be loaded (ERASURE_SEAL_PKCS11)."
    assert refusal(certificates, "", uri(module=module), PIN) == expected


def test_file_of_certificates_without_a_module_says_where_to_name_one(certificates):
    assert refusal(certificates) == (
        "The seal's file holds no key. Where a hardware module holds it, ERASURE_SEAL_PKCS11 "
        "names it."
    )


def test_weak_key_in_a_module_is_refused(tmp_path):
    weak = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "weak.pem"
    path.write_bytes(certify("a", "a", weak, weak, seals=True).public_bytes(PEM))
    assert refusal(path, "", uri(module="/x"), PIN) == (
        "The seal key must be an RSA key of 3072 bits or more."
    )
