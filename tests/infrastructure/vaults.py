"""An instance's keys in memory: the ``Keys`` port for tests, which remembers what an append would have recorded."""

from collections.abc import Iterable
from uuid import UUID

from application.records import Caller, Draft, Envelope, Recorded, WrappedKey
from domain.catalogue import Catalogue
from infrastructure.codec import EventCodec
from infrastructure.sealing import Vault
from tests.scenario import CASE, NOON

INSTANCE_KEY = bytes(range(32))

ENVELOPE = Envelope(
    actor=Caller("o-1", "officer", "unit-1", "agency"),
    on_behalf_of=None,
    command="RecordNothing",
    command_id="00" * 16,
    correlation_id=None,
    causation=None,
    decided_at=NOON,
    profile="default-neutral@1",
    handling="standard",
    software="casetrail/0",
)


class MemoryKeys:
    """Implements ``application.ports.Keys`` over a list; the newest key of a (party, case) is in use."""

    def __init__(self, keys: Iterable[WrappedKey] = ()) -> None:
        """Begin with these keys."""
        self.keys = list(keys)

    def find(self, case_id: UUID, party_id: UUID | None) -> bytes | None:
        """See ``Keys.find``."""
        owned = [key.wrapped for key in self.keys if (key.case_id, key.party_id) == (case_id, party_id)]
        return owned[-1] if owned else None

    def by_id(self, key_id: bytes) -> bytes | None:
        """See ``Keys.by_id``."""
        return next((key.wrapped for key in self.keys if key.key_id == key_id), None)

    def destroy(self, party_id: UUID | None) -> list[bytes]:
        """Destroy every key of a party (None: of narratives); their ids."""
        gone = [key.key_id for key in self.keys if key.party_id == party_id]
        self.keys = [key for key in self.keys if key.key_id not in gone]
        return gone


def codec_of(catalogue: Catalogue, keys: MemoryKeys) -> EventCodec:
    """A codec for a catalogue's events."""
    return EventCodec(catalogue.events, Vault(INSTANCE_KEY, keys))


def recorded(draft: Draft, version: int = 1, case_id: UUID = CASE) -> Recorded:
    """A draft as it would stand in the ledger."""
    return Recorded(
        position=version,
        case_id=case_id,
        version=version,
        kind="any",
        type=draft.type,
        schema_version=draft.schema_version,
        recorded_at=0,
        state=draft.state,
        envelope=draft.envelope,
        salt=bytes(32),
        leaf_hash=bytes(32),
        actor="o-1",
        command_id=bytes(16),
    )
