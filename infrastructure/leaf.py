"""The leaf of the Merkle log: what exactly is hashed for one event.

Leaf data, version 1. Integers are big-endian; ``text`` is its length in UTF-8 bytes as u16, then those bytes.

    text    tag: "casetrail/leaf/1"
    text    kind of entry: the stream's kind, e.g. "detention" or "ledger"
    u64     position in the log (leaf index + 1)
    16      case id
    u64     version within the case
    text    type: the event's wire name
    u32     schema version
    i64     recorded_at, microseconds since 1970-01-01 UTC
    32      SHA-256(first 16 bytes of the salt, then the state)
    32      SHA-256(last 16 bytes of the salt, then the envelope)
    32      leaf hash of the same case's previous version, zeros for its first

The leaf hash is RFC 6962's: SHA-256(0x00, then the leaf data). The salt is stored with the event and is not part of the
leaf data, so leaf data can be given away without making the content guessable, and one part shown without the other.
``docs/leaf-format.md`` says the same with a worked example.
"""

from hashlib import sha256
from struct import Struct
from uuid import UUID

NO_PREVIOUS = bytes(32)
"""What stands for the previous leaf hash in the leaf of a case's first event."""

SALT_LENGTH = 32
"""Random bytes per event: the first half salts the state, the second half the envelope."""

_TAG = b"\x00\x10casetrail/leaf/1"
_LENGTH = Struct(">H")
_PLACE = Struct(">Q16sQH")
_FACTS = Struct(">Iq32s32s32s")


def leaf_data(
    kind: str,
    position: int,
    case_id: UUID,
    version: int,
    type: str,  # noqa: A002
    schema_version: int,
    recorded_at: int,
    state: bytes,
    envelope: bytes,
    salt: bytes,
    previous: bytes,
) -> bytes:
    """The leaf data of one event, as in the table above.

    Raises struct.error or OverflowError for a number or text that does not fit, ValueError for a salt or previous leaf
    hash that is not 32 bytes.
    """
    if len(salt) != SALT_LENGTH or len(previous) != len(NO_PREVIOUS):
        raise ValueError("salt and previous leaf hash are 32 bytes each")
    kind_bytes, type_bytes = kind.encode(), type.encode()
    return b"".join(
        (
            _TAG,
            _LENGTH.pack(len(kind_bytes)),
            kind_bytes,
            _PLACE.pack(position, case_id.bytes, version, len(type_bytes)),
            type_bytes,
            _FACTS.pack(
                schema_version,
                recorded_at,
                sha256(salt[:16] + state).digest(),
                sha256(salt[16:] + envelope).digest(),
                previous,
            ),
        )
    )


def leaf_hash(data: bytes) -> bytes:
    """The 32-byte leaf hash of leaf data, as RFC 6962 defines it."""
    return sha256(b"\x00" + data).digest()
