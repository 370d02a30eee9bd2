"""The secrets of receivers, as Standard Webhooks has them, and the signatures made with them.

A secret is 32 random bytes, given to the receiver's operator once as ``whsec_`` and base64, and stored under AES key wrap
(RFC 3394) by a key made of the instance key for this purpose alone: a row moved from another table cannot be unwrapped.
"""

import base64
import hmac
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from standardwebhooks import Webhook

from infrastructure.key_files import UnusableKeyFile

SECRET_BYTES = 32
PREFIX = "whsec_"
_LABEL = b"casetrail/webhook/1"


class Secretary:
    """Makes, wraps and unwraps the secrets of receivers under an instance key."""

    def __init__(self, instance_key: bytes) -> None:
        """Derive the wrapping key."""
        self._key = hmac.digest(instance_key, _LABEL, "sha256")

    def fresh(self) -> tuple[str, bytes]:
        """A new secret: as text for the receiver, and wrapped to be stored."""
        secret = os.urandom(SECRET_BYTES)
        return PREFIX + base64.b64encode(secret).decode(), aes_key_wrap(self._key, secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """A stored secret. Raises UnusableKeyFile if it was wrapped under another instance key."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except (InvalidUnwrap, ValueError):
            raise UnusableKeyFile("a webhook's secret was not wrapped by this instance's key") from None


def signed(secrets: Sequence[bytes], message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks for a body sent at ``at`` (microseconds), with a signature by each secret."""
    now = datetime.fromtimestamp(at // 1_000_000, UTC)
    signatures = [Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at // 1_000_000),
        "webhook-signature": " ".join(signatures),
    }
