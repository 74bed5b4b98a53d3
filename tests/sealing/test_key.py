import stat
from datetime import UTC, datetime
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from erasure.errors import KeyMissingError
from erasure.sealing import key
from erasure.sealing.x509 import certify
from tests.sealing.given import seal

PEM = serialization.Encoding.PEM


def kept(folder, data):
    path = folder / "seal"
    path.write_bytes(data)
    return path


def p12(one, passphrase=b"open sesame"):
    locked = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(
        b"seal", one.private, one.certificate, one.above, locked
    )


def private(one):
    return one.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip


def refusal(folder, data, passphrase=""):
    with pytest.raises(KeyMissingError) as refused:
        key.load(kept(folder, data), passphrase)
    return str(refused.value)


def test_made_seal_may_sign_documents_and_mail_and_nothing_else():
    usage = seal().certificate.extensions.get_extension_for_class(x509.KeyUsage)
    extended = seal().certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    allowed = {name for name in vars(usage.value) if vars(usage.value)[name] is True}
    assert (usage.critical, allowed) == (True, {"_digital_signature", "_content_commitment"})
    assert [one.dotted_string for one in extended] == [
        "1.3.6.1.5.5.7.3.36",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    ]
    assert seal().private.key_size == 3072


def test_made_seal_leads_to_its_root():
    seal().certificate.verify_directly_issued_by(seal().root)
    assert x509.load_pem_x509_certificate(seal().root_pem) == seal().root


@pytest.mark.parametrize(("mark", "development"), [("Example", False), (key.DEVELOPMENT, True)])
def test_seal_knows_whether_it_is_for_development(mark, development):
    made = certify(f"{mark} root", f"{mark} root", seal().private, seal().private, ca=True)
    assert key.SealKey(seal().private, made, ()).development is development


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [(lambda: seal().pem(), ""), (lambda: p12(seal()), "open sesame")],
    ids=["PEM", "PKCS#12"],
)
def test_seal_is_read_from_its_file(tmp_path, data, passphrase):
    read = key.load(kept(tmp_path, data()), passphrase)
    assert (read.sha256, read.chain) == (seal().sha256, seal().chain)
    assert read.private.private_numbers() == seal().private.private_numbers()


def test_seal_is_not_shown_by_its_repr():
    assert "private" not in repr(seal())


def test_seal_that_several_make_at_once_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(key, "BITS", 1024)
    path, made = tmp_path / "keys" / "seal", []
    makers = [Thread(target=lambda: made.append(key.make_file(path))) for _ in range(4)]
    for one in makers:
        one.start()
    for one in makers:
        one.join()
    assert {one.sha256 for one in made} == {key.load(path).sha256}
    assert [one.name for one in path.parent.iterdir()] == ["seal"]
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)]
    assert modes == [0o600, 0o700]


@pytest.mark.parametrize(
    ("moment", "valid"),
    [(datetime(2019, 1, 1, tzinfo=UTC), False), (datetime(2026, 1, 1, tzinfo=UTC), True),
     (datetime(2050, 1, 1, tzinfo=UTC), False)],
)  # fmt: skip
def test_seal_is_valid_between_its_dates(moment, valid):
    assert seal().valid_at(moment) is valid


NEITHER = "The seal key is neither PKCS#12 nor PEM, or ERASURE_SEAL_PASSPHRASE does not open it."
USE = (
    "The seal's certificate must allow digitalSignature and nonRepudiation, and name "
    "emailProtection if it names extended uses."
)


def test_seal_without_a_file_says_so(tmp_path):
    with pytest.raises(KeyMissingError) as refused:
        key.load(tmp_path / "none")
    assert str(refused.value) == "The seal key cannot be read (ERASURE_SEAL_FILE)."


@pytest.mark.parametrize("data", [b"", b"\x30\x82\x00", b"-----BEGIN NONSENSE-----", bytes(4000)])
def test_seal_of_nonsense_says_so(tmp_path, data):
    assert refusal(tmp_path, data) == NEITHER


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_seal_with_another_passphrase_says_so(tmp_path, passphrase):
    assert refusal(tmp_path, p12(seal()), passphrase) == NEITHER


def test_seal_without_its_root_says_so(tmp_path):
    alone = private(seal().private) + seal().certificate.public_bytes(PEM)
    expected = "The seal key's file does not hold every certificate up to the root."
    assert refusal(tmp_path, alone) == expected


def test_seal_whose_root_only_has_the_name_is_refused(tmp_path):
    strange = ec.generate_private_key(ec.SECP256R1())
    name = "Example root"
    forged = certify(name, name, strange, strange, ca=True)
    data = private(seal().private) + seal().certificate.public_bytes(PEM)
    assert refusal(tmp_path, data + forged.public_bytes(PEM)).endswith("up to the root.")


def test_seal_with_the_certificate_of_another_key_says_so(tmp_path):
    data = private(seal().private) + seal().root_pem
    expected = "The seal key's file holds no certificate of that key."
    assert refusal(tmp_path, data) == expected


@pytest.mark.parametrize(
    "one",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["2048", "curve"],
)
def test_seal_of_a_weak_or_unfit_key_is_refused(tmp_path, one):
    made = one()
    data = private(made) + certify("a", "a", made, made, seals=True).public_bytes(PEM)
    assert refusal(tmp_path, data) == "The seal key must be an RSA key of 3072 bits or more."


@pytest.mark.parametrize(
    ("seals", "extended"),
    [
        (False, None),
        (True, ExtendedKeyUsageOID.CLIENT_AUTH),
        (True, x509.ObjectIdentifier("1.2.3")),
    ],
)
def test_seal_that_may_not_seal_is_refused(tmp_path, seals, extended):
    own = seal().private
    also = [(x509.ExtendedKeyUsage([extended]), False)] if extended else []
    made = certify("a", "a", own, own, seals=seals, also=also)
    assert refusal(tmp_path, private(own) + made.public_bytes(PEM)) == USE
