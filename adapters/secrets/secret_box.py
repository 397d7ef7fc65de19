"""AES-256-GCM under keys derived from the process's secret key; a ciphertext opens only in its own place."""

import base64
import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import DomainError

_NONCE_BYTES = 12
_KEY_ID_CHARS = 8


class AesGcmSecretBox:
    """The port ``SecretBox``. Sealed text: ``v1.KEYID.BASE64(nonce + ciphertext)``; the place is authenticated with it."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(_derive(secret_key, b"billhook secrets"))
        self._mac_key = _derive(secret_key, b"billhook fingerprints")
        self._key_id = sha256(_derive(secret_key, b"billhook key id")).hexdigest()[:_KEY_ID_CHARS]

    def seal(self, plain: str, place: str) -> str:
        """The ciphertext of a value."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plain.encode(), place.encode())
        return f"v1.{self._key_id}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """The value again."""
        version, _, rest = sealed.partition(".")
        key_id, _, payload = rest.partition(".")
        if version != "v1" or key_id != self._key_id:
            raise _unreadable(place, "it was sealed with another BILLHOOK_SECRET_KEY")
        try:
            raw = base64.b64decode(payload, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise _unreadable(place, "it was changed, or belongs elsewhere") from error

    def fingerprint(self, plain: str, place: str) -> str:
        """A keyed hash, to see a change by."""
        return hmac.new(self._mac_key, f"{place}\0{plain}".encode(), sha256).hexdigest()


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())


def _unreadable(place: str, why: str) -> DomainError:
    return DomainError("secret_unreadable", f"The secret {place} cannot be read: {why}.", "Apply the configuration again with the secret.")
