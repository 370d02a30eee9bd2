"""Bearer tokens: who calls, proved by a signature.

The embedded issuer signs with an Ed25519 key in the instance folder; it is meant for a server on the loopback address.
The verifier takes any mapping of key id to public key, so the keys of an OpenID Connect provider fit in the same place.

A token is a JWT (RFC 7519) in compact form, at most 8 KiB, with ``kid`` in its header and the claims ``exp iat iss aud
sub role``; ``nbf`` is honored. Times are whole seconds since 1970-01-01 UTC. A token is good until the second named by
``exp``, without any leeway; ``iat`` and ``nbf`` may be a minute ahead, for clocks that differ.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from application.ports import Clock
from infrastructure import key_files

ISSUER: Final = "casetrail"
AUDIENCE: Final = "casetrail"
MAX_TOKEN_BYTES: Final = 8 * 1024
MAX_SUBJECT: Final = 200
MAX_ROLE: Final = 64
CLOCKS_DIFFER: Final = 60
REMEMBERED: Final = 10_000
"""How many verified tokens are remembered, about 400 bytes each; beyond it the first remembered is forgotten."""

MIN_RSA_BITS: Final = 2048
_SECOND: Final = 1_000_000
_REQUIRED: Final = ["exp", "iat", "iss", "aud", "sub"]

PublicKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token speaks for, in which role, and until when (seconds since 1970-01-01 UTC)."""

    subject: str
    role: str
    expires_at: int


class BadToken(Exception):
    """The token proves nothing. ``reason`` is all a caller may learn: its time is over, or it is no good."""

    def __init__(self, reason: Literal["expired", "invalid"]) -> None:
        super().__init__(reason)
        self.reason = reason


def create_signing_key(path: Path) -> Ed25519PrivateKey:
    """Make a new key file (PEM, PKCS #8) and return the key. Raises UnusableKeyFile if the file exists."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_files.create(path, pem)
    return key


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """The key of a key file. Raises UnusableKeyFile if others may read it or it holds no Ed25519 key."""
    pem = key_files.load(path)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise key_files.UnusableKeyFile(f"{path} holds no readable private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise key_files.UnusableKeyFile(f"{path} holds no Ed25519 key")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """The ``kid`` of an embedded issuer's key: the first 32 hex digits of the SHA-256 of its 32 raw bytes."""
    return sha256(key.public_bytes_raw()).hexdigest()[:32]


class Issuer:
    """The embedded issuer: signs tokens for people on this machine."""

    def __init__(self, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._kid = key_id(key.public_key())

    def issue(self, subject: str, role: str, ttl: int) -> str:
        """A token for ``subject`` in ``role``, good for ``ttl`` seconds. ValueError if no verifier would take it."""
        if ttl < 1:
            raise ValueError("a token lives for a second at least")
        now = self._clock() // _SECOND
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "role": role,
            "iat": now,
            "exp": now + ttl,
            "jti": uuid4().hex,
        }
        try:
            _identity(claims, now)
        except BadToken:
            raise ValueError("a subject and a role are short texts without control characters") from None
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})

    def public_keys(self) -> dict[str, PublicKey]:
        """What a verifier needs to trust this issuer."""
        return {self._kid: self._key.public_key()}


class Verifier:
    """Tells who a token speaks for. Safe to use from several threads.

    A verified token is remembered by its SHA-256 until it expires, since checking a signature costs about as much as an
    empty request; a bad one is never remembered. ValueError for a key no allowed algorithm (EdDSA, ES256, RS256) takes.
    """

    def __init__(self, keys: Mapping[str, PublicKey], clock: Clock, issuer: str = ISSUER, audience: str = AUDIENCE) -> None:
        self._keys = {kid: (key, _algorithm(key)) for kid, key in keys.items()}
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._known: dict[bytes, Identity] = {}
        self._lock = threading.Lock()

    def verify(self, token: str) -> Identity:
        """The identity the token proves now; BadToken otherwise, whatever the text."""
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise BadToken("invalid")
        digest = sha256(token.encode()).digest()
        now = self._clock() // _SECOND
        known = self._known.get(digest)
        identity = known or self._prove(token, now)
        if identity.expires_at <= now:
            self._forget(digest)
            raise BadToken("expired")
        if known is None:
            self._remember(digest, identity)
        return identity

    def _prove(self, token: str, now: int) -> Identity:
        """The identity in a token with a good signature and good claims, though its time may be over."""
        try:
            key, algorithm = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                # PyJWT would ask the machine's clock; the three times are judged by ours.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, LookupError, TypeError, ValueError, RecursionError):
            raise BadToken("invalid") from None
        return _identity(claims, now)

    def _remember(self, digest: bytes, identity: Identity) -> None:
        """Keep a verified token, forgetting the one remembered first when the memory is full."""
        with self._lock:
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[digest] = identity

    def _forget(self, digest: bytes) -> None:
        """Drop a token whose time is over."""
        with self._lock:
            self._known.pop(digest, None)


def _identity(claims: dict[str, Any], now: int) -> Identity:
    """The identity in properly signed claims; BadToken if they are of the wrong shape or not good yet."""
    begins = max(_instant(claims["iat"]), _instant(claims.get("nbf", 0)))
    if begins > now + CLOCKS_DIFFER:
        raise BadToken("invalid")
    return Identity(
        subject=_name(claims["sub"], MAX_SUBJECT),
        role=_name(claims.get("role"), MAX_ROLE),
        expires_at=_instant(claims["exp"]),
    )


def _instant(claim: object) -> int:
    """A claim that states a time, in whole seconds; BadToken if it does not."""
    if not isinstance(claim, int) or isinstance(claim, bool):
        raise BadToken("invalid")
    return claim


def _name(claim: object, most: int) -> str:
    """A claim that is a short text without control characters; BadToken if it is not."""
    if not isinstance(claim, str) or not 0 < len(claim) <= most or not claim.isprintable():
        raise BadToken("invalid")
    return claim


def _algorithm(key: PublicKey) -> str:
    """The one algorithm a key is used with, decided by the key and never by the token (RFC 8725, section 3.1)."""
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return "RS256"
    raise ValueError("a token key is Ed25519, P-256, or RSA of at least 2048 bits")
