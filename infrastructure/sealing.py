"""Sealing: personal values and narrative are ciphertext before they are hashed and stored.

What is described here is stored for ever.

Keys
    instance key   32 random bytes in a file of the instance folder: standard base64 of them and a newline, mode 0600.
    data key       32 random bytes (AES-256), one per (party, case), and one per case for its narrative (no party).
    key id         SHA-256(b"casetrail/key/1" || data key), 32 bytes; lower-case hex wherever it is text.
    wrapped key    the data key under the instance key by AES key wrap (RFC 3394), 40 bytes.

Sealed value, in JSON ``{"key_id": "<64 hex digits>", "ciphertext": "<base64url, no padding>"}``. The bytes behind
``ciphertext`` are nonce (12, random) || AES-256-GCM ciphertext || tag (16). The plaintext is the UTF-8 JSON of the
value: a text, a number, a date as its ISO text, a list. Its length shows.

Associated data, big-endian, bind a value to its place, so that it cannot be moved to another field, entry or case:

    2   length of the tag, 15
    15  the tag, b"casetrail/aad/1"
    16  case id, the UUID's bytes
    8   version of the entry within the case
    2   length of the type
    n   type: the event's wire name, UTF-8
    2   length of the path
    m   path of the field within the entry, UTF-8
    32  key id

A nonce is random, which is safe for 2^32 values under one key: far beyond what a case says about one person. Destroying
the wrapped key makes the value unreadable for ever, while every hash over the ciphertext still holds.
"""

import base64
import binascii
import os
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from application.ports import Keys
from application.records import WrappedKey
from domain.values import Sealed
from infrastructure import key_files

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
REMEMBERED: Final = 4096
"""How many unwrapped keys each of the two lists of a vault holds: about 3 KB a key, 25 MB when both are full."""

DRAWN_AT_ONCE: Final = 256
"""How many nonces are drawn from the operating system at a time."""

_KEY_LABEL: Final = b"casetrail/key/1"
_AAD_TAG: Final = b"casetrail/aad/1"
_AAD_HEAD: Final = struct.Struct(f">H{len(_AAD_TAG)}s16sQH")
_AAD_LENGTH: Final = struct.Struct(">H")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")

_Owner: TypeAlias = tuple[UUID, UUID | None]


class Unreadable(Exception):
    """A sealed value cannot be opened; ``reason`` says why without saying what.

    ``gone``: its key was destroyed, or never was. ``damaged``: the value stands in another place than it was sealed
    for, was altered, or the instance key is not the one its data key was wrapped with.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands: the case, the entry's version and wire name, and the path of the field within it.

    ``type`` and ``path`` have at most 65535 bytes.
    """

    case_id: UUID
    version: int
    type: str
    path: str


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key ready for use; safe to share between threads. ``name`` is the key id in hex."""

    key_id: bytes
    name: str
    cipher: AESGCM


def create_instance_key(path: Path) -> bytes:
    """Make a new instance key file and return the key. Raises UnusableKeyFile if the file exists."""
    key = os.urandom(KEY_BYTES)
    key_files.create(path, base64.b64encode(key) + b"\n")
    return key


def load_instance_key(path: Path) -> bytes:
    """The 32 bytes of an instance key file. Raises UnusableKeyFile if others may read it or it holds no such key."""
    text = key_files.load(path)
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise key_files.UnusableKeyFile(f"{path} does not hold base64") from None
    if len(key) != KEY_BYTES:
        raise key_files.UnusableKeyFile(f"{path} does not hold a key of {KEY_BYTES} bytes")
    return key


class Vault:
    """Seals and opens values. Safe to use from several threads.

    Keys in use are remembered; that a key does not exist is not, since it may be made at any moment. Whoever destroys
    keys calls ``forget`` in every process that seals: sealing with a destroyed key would lose the value.
    """

    def __init__(self, instance_key: bytes, keys: Keys, remembered: int = REMEMBERED) -> None:
        if len(instance_key) != KEY_BYTES:
            raise ValueError(f"an instance key has {KEY_BYTES} bytes")
        self._instance_key = instance_key
        self._keys = keys
        self._remembered = remembered
        self._by_owner: OrderedDict[_Owner, DataKey] = OrderedDict()
        self._by_name: OrderedDict[str, DataKey] = OrderedDict()
        self._forgotten = 0
        self._lock = threading.Lock()
        self.nonces = Nonces()

    def writer(self, case_id: UUID, *, opening: bool = False) -> "Sealer":
        """A sealer for one append to this case. ``opening``: the case is new, so there is no key to look for."""
        return Sealer(self, case_id, opening=opening)

    def open(self, place: Place, sealed: Sealed) -> bytes:
        """The plaintext sealed for this place. Raises Unreadable. May ask the key store, so it may block."""
        key = self._named(sealed.key_id)
        try:
            box = base64.urlsafe_b64decode(sealed.ciphertext + "==")
            if _text(box) != sealed.ciphertext:
                raise Unreadable("damaged")
            return key.cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _associated(place, key.key_id))
        except (InvalidTag, ValueError):
            raise Unreadable("damaged") from None

    def learn(self, keys: Iterable[WrappedKey]) -> None:
        """Remember keys that are now committed, so that the next append and the next reader find them."""
        for new in keys:
            self._remember(self._unwrapped(new.wrapped), (new.case_id, new.party_id), self._forgotten)

    def forget(self, key_ids: Iterable[bytes]) -> None:
        """Drop keys that are now destroyed."""
        names = {key_id.hex() for key_id in key_ids}
        with self._lock:
            self._forgotten += 1
            for name in names:
                self._by_name.pop(name, None)
            for owner in [owner for owner, key in self._by_owner.items() if key.name in names]:
                del self._by_owner[owner]

    def current(self, case_id: UUID, party_id: UUID | None) -> DataKey | None:
        """The key now in use for a (party, case), None if there is none yet. Unreadable if it cannot be unwrapped."""
        owner = (case_id, party_id)
        with self._lock:
            known = self._by_owner.get(owner)
            if known is not None:
                self._by_owner.move_to_end(owner)
                return known
            forgotten = self._forgotten
        wrapped = self._keys.find(case_id, party_id)
        if wrapped is None:
            return None
        key = self._unwrapped(wrapped)
        self._remember(key, owner, forgotten)
        return key

    def remembers(self, case_id: UUID) -> bool:
        """Whether the key of a case's narrative is in memory."""
        return (case_id, None) in self._by_owner

    def fresh(self, case_id: UUID, party_id: UUID | None) -> tuple[DataKey, WrappedKey]:
        """A new key and its wrapped form; nobody else sees it before it is committed and learned."""
        secret = os.urandom(KEY_BYTES)
        key = _data_key(secret)
        return key, WrappedKey(key.key_id, case_id, party_id, aes_key_wrap(self._instance_key, secret))

    def _named(self, name: str) -> DataKey:
        """The key of that id, wherever it was used."""
        with self._lock:
            known = self._by_name.get(name)
            if known is not None:
                self._by_name.move_to_end(name)
                return known
            forgotten = self._forgotten
        try:
            key_id = bytes.fromhex(name)
        except ValueError:
            raise Unreadable("damaged") from None
        wrapped = self._keys.by_id(key_id)
        if wrapped is None:
            raise Unreadable("gone")
        key = self._unwrapped(wrapped)
        if key.name != name:
            raise Unreadable("damaged")
        self._remember(key, None, forgotten)
        return key

    def _unwrapped(self, wrapped: bytes) -> DataKey:
        """The data key in its wrapping."""
        try:
            return _data_key(aes_key_unwrap(self._instance_key, wrapped))
        except (InvalidUnwrap, ValueError):
            raise Unreadable("damaged") from None

    def _remember(self, key: DataKey, owner: _Owner | None, forgotten: int) -> None:
        """Keep a key, unless keys were forgotten since it was looked up: it may have been one of them."""
        with self._lock:
            if self._forgotten != forgotten:
                return
            self._by_name[key.name] = key
            if len(self._by_name) > self._remembered:
                self._by_name.popitem(last=False)
            if owner is None:
                return
            self._by_owner[owner] = key
            if len(self._by_owner) > self._remembered:
                self._by_owner.popitem(last=False)


class Nonces:
    """Fresh random nonces, drawn from the operating system many at a time. Safe to use from several threads.

    Asking the system gives up the interpreter's lock, which a busy event loop gets back late: once for hundreds of values
    instead of once for each. A forked process draws its own, so none is ever used twice.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn = b""
        self._process = 0

    def draw(self) -> bytes:
        """The next nonce."""
        with self._lock:
            if not self._drawn or self._process != os.getpid():
                self._drawn = os.urandom(NONCE_BYTES * DRAWN_AT_ONCE)
                self._process = os.getpid()
            nonce, self._drawn = self._drawn[:NONCE_BYTES], self._drawn[NONCE_BYTES:]
            return nonce


class Sealer:
    """Seals the values of one append, and holds the keys made for it. For one thread at a time.

    A new key lives here until the append is committed and the vault learns it; if the append fails, it goes with the
    sealer, and with it everything sealed under it.
    """

    def __init__(self, vault: Vault, case_id: UUID, *, opening: bool) -> None:
        self._vault = vault
        self._case_id = case_id
        self._opening = opening
        self._keys: dict[UUID | None, DataKey] = {}
        self._new: list[WrappedKey] = []

    @property
    def new_keys(self) -> tuple[WrappedKey, ...]:
        """The keys to be recorded together with what was sealed."""
        return tuple(self._new)

    def seal(self, party_id: UUID | None, place: Place, plaintext: bytes) -> Sealed:
        """Seal a value of a party (None: of the case's narrative) for its place; JSON in UTF-8 goes in.

        May ask the key store the first time a party is named, so it may block. Raises Unreadable if the key in use
        cannot be unwrapped, ValueError if the place is in another case.
        """
        if place.case_id != self._case_id:
            raise ValueError("the place is in another case")
        key = self._keys.get(party_id) or self._key(party_id)
        nonce = self._vault.nonces.draw()
        box = nonce + key.cipher.encrypt(nonce, plaintext, _associated(place, key.key_id))
        return Sealed(key.name, _text(box))

    def _key(self, party_id: UUID | None) -> DataKey:
        """The key in use for a party, or a new one."""
        key = None if self._opening else self._vault.current(self._case_id, party_id)
        if key is None:
            key, wrapped = self._vault.fresh(self._case_id, party_id)
            self._new.append(wrapped)
        self._keys[party_id] = key
        return key


def _data_key(secret: bytes) -> DataKey:
    """A data key ready for use. ValueError if the secret has not 32 bytes."""
    if len(secret) != KEY_BYTES:
        raise ValueError("a data key has 32 bytes")
    key_id = sha256(_KEY_LABEL + secret).digest()
    return DataKey(key_id, key_id.hex(), AESGCM(secret))


def _associated(place: Place, key_id: bytes) -> bytes:
    """The associated data of a value, laid out as the module says."""
    kind, path = place.type.encode(), place.path.encode()
    head = _AAD_HEAD.pack(len(_AAD_TAG), _AAD_TAG, place.case_id.bytes, place.version, len(kind))
    return b"".join((head, kind, _AAD_LENGTH.pack(len(path)), path, key_id))


def _text(box: bytes) -> str:
    """Base64url without padding."""
    return binascii.b2a_base64(box, newline=False).translate(_URL_SAFE, b"=").decode("ascii")
