"""A seal key that never leaves its hardware module: PKCS#11, the key named by a URI (RFC 7512)."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import unquote_to_bytes

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag

from erasure.errors import KeyMissingError

SETTING, PIN_SETTING = "ERASURE_SEAL_PKCS11", "ERASURE_SEAL_PKCS11_PIN"
OF_TOKEN = ("token", "serial", "manufacturer", "model")
OF_KEY = ("object", "id")
REFUSED = f"The seal's module refuses the PIN ({PIN_SETTING}): it is tried again after a restart."
WRONG_PIN = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked)

SAID = {
    pkcs11.NoSuchToken: "has no such token",
    pkcs11.MultipleTokensReturned: "has several such tokens",
    pkcs11.NoSuchKey: "does not hold the key of the seal's certificate",
}
PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds: SoftHSM may lose sight while another process signs in
LAST_TRY = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED

_one_at_a_time = Lock()  # a module is set up by each use, and not for threads
os.register_at_fork(
    before=_one_at_a_time.acquire,
    after_in_parent=_one_at_a_time.release,
    after_in_child=_one_at_a_time.release,
)
_refused: set[tuple[str, str]] = set()


@dataclass(frozen=True, slots=True)
class HardwareKey:
    """Where an RSA key lies, and its public half.

    ``module`` is the maker's library. ``token`` and ``key`` hold the attributes of the URI
    by their names in RFC 7512; one that is left out is not asked for.
    """

    module: str
    token: Mapping[str, str]
    key: Mapping[str, bytes]
    public: rsa.RSAPublicKey
    pin: str = field(repr=False)

    @classmethod
    def at(cls, uri: str, pin: str, public: rsa.RSAPublicKey) -> "HardwareKey":
        """The key that belongs to ``public``, in the token that a URI names:
        ``pkcs11:token=Example;object=seal?module-path=/usr/lib/example.so``.

        Raises:
            KeyMissingError: the URI cannot be read.
        """
        scheme, _, rest = uri.partition(":")
        path, _, query = rest.partition("?")
        named, asked = _pairs(path, ";"), _pairs(query, "&")
        private = named.pop("type", b"private") == b"private"
        known = set(named) <= {*OF_TOKEN, *OF_KEY} and set(asked) == {"module-path"}
        if scheme != "pkcs11" or not private or not known:
            raise KeyMissingError(
                f"{SETTING} must read pkcs11:token=...;object=...?module-path=... (RFC 7512; also "
                f"serial, manufacturer, model, id), the PIN in {PIN_SETTING}."
            )
        token = {name: _text(named[name]) for name in OF_TOKEN if name in named}
        key: dict[str, bytes] = {name: named[name] for name in OF_KEY if name in named}
        return cls(_text(asked["module-path"]), token, key, public, pin)

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over the data, made in the module and checked here.

        The module is set up and left each time: a process that forks must not take it along.

        Raises:
            KeyMissingError: one sentence says why the module does not sign.
        """
        with _one_at_a_time:
            signature = self._signed(data)
        try:
            self.public.verify(signature, data, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise KeyMissingError(
                f"The key in the module is not that of the seal's certificate ({SETTING})."
            ) from None
        return signature

    def _signed(self, data: bytes, pauses: Sequence[float] = PAUSES) -> bytes:
        if not self.pin:
            raise KeyMissingError(f"The PIN of the seal's module is not set ({PIN_SETTING}).")
        if (self.module, self.pin) in _refused:  # again and again would lock the token
            raise KeyMissingError(REFUSED)
        try:
            return self._at_work(data)
        except WRONG_PIN:
            _refused.add((self.module, self.pin))
            raise KeyMissingError(REFUSED) from None
        except pkcs11.PKCS11Error as why:
            if not pauses:
                said = SAID.get(type(why), f"does not sign: {type(why).__name__}")
                raise KeyMissingError(f"The seal's module {said} ({SETTING}).") from None
        time.sleep(pauses[0])
        return self._signed(data, pauses[1:])

    def _at_work(self, data: bytes) -> bytes:
        try:
            module = pkcs11.lib(self.module)
        except pkcs11.PKCS11Error:
            raise KeyMissingError(f"The seal's module cannot be loaded ({SETTING}).") from None
        try:
            with self._token(module).open(user_pin=self.pin) as session:
                return bytes(self._key(session).sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
        finally:
            module.finalize()

    def _token(self, module: Any) -> Any:
        ready = module.get_tokens(token_flags=TokenFlag.TOKEN_INITIALIZED)
        found = [one for one in ready if self._is_meant(one)]
        if len(found) != 1:
            raise pkcs11.MultipleTokensReturned if found else pkcs11.NoSuchToken
        require_tries(found[0].flags)
        return found[0]

    def _is_meant(self, token: Any) -> bool:
        of = {
            "token": token.label, "serial": _text(token.serial),
            "manufacturer": token.manufacturer_id, "model": token.model,
        }  # fmt: skip
        return all(of[name] == value for name, value in self.token.items())

    def _key(self, session: Any) -> Any:
        """The private key with the certificate's modulus: a token may hold the next one too."""
        asked: dict[Attribute, object] = {
            Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.KEY_TYPE: KeyType.RSA,
        }  # fmt: skip
        if "object" in self.key:
            asked[Attribute.LABEL] = _text(self.key["object"])
        if "id" in self.key:
            asked[Attribute.ID] = self.key["id"]
        number = self.public.public_numbers().n
        for one in list(session.get_objects(asked)):
            if int.from_bytes(one[Attribute.MODULUS]) == number:
                return one
        raise pkcs11.NoSuchKey


def require_tries(flags: TokenFlag) -> None:
    """Leave the last try before a token locks to a person.

    Raises:
        KeyMissingError: a token with these flags is locked, or the next wrong PIN locks it.
    """
    if flags & LAST_TRY:
        raise KeyMissingError(
            "The seal's module is locked, or the next wrong PIN locks it: log in once by hand."
        )


def _pairs(text: str, between: str) -> dict[str, bytes]:
    pairs = (one.partition("=") for one in text.split(between) if one)
    return {name: unquote_to_bytes(value) for name, _, value in pairs}


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
