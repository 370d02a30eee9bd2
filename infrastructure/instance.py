"""An instance: a folder with its keys, and a database whose first event says which ledger it is."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.records import LEDGER_STREAM, Append, Caller, Envelope, moment
from domain.catalogue import Catalogue
from domain.deadlines import DEFAULT_PROFILE
from domain.kernel import SYSTEM
from domain.ledger_stream import EVENTS, KIND_NAME, LedgerOpened
from domain.values import ClaimStatus, Source, SourceKind, at
from infrastructure.actors import Registration, register, registered
from infrastructure.clock import system_clock
from infrastructure.codec import EventCodec
from infrastructure.database import database_url, engine_of, migrate, schema_is_current
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.reporting_role import grant_reporting
from infrastructure.sealing import Vault, create_instance_key, load_instance_key
from infrastructure.settings import Settings
from infrastructure.tokens import Issuer, create_signing_key, load_signing_key

INSTANCE_KEY = "instance.key"
SIGNING_KEY = "issuer.pem"
BACKUP_MANIFEST = "manifest.json"
"""The file that an instance folder has only if it is a backup."""
LEAF_FORMAT = "casetrail/leaf/1"


class NotReady(Exception):
    """The instance cannot be used as it is; the text tells the operator what to do, in one line."""


def software() -> str:
    """The name and version that stand in every envelope."""
    try:
        return f"casetrail/{version('casetrail')}"
    except PackageNotFoundError:
        return "casetrail/0"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the instance folder keeps: the key that wraps data keys, and the key that signs tokens."""

    instance_key: bytes
    signing_key: Ed25519PrivateKey

    def fingerprint(self) -> Callable[[bytes], bytes]:
        """The keyed hash of a request body, so that the ledger can tell a repeat without keeping the body."""
        keyed = hmac.new(hmac.digest(self.instance_key, b"casetrail/fingerprint/1", "sha256"), digestmod="sha256")

        def fingerprint(body: bytes) -> bytes:
            # hmac.digest would give up the interpreter's lock for every body, which a busy event loop gets back late.
            hashed = keyed.copy()
            hashed.update(body)
            return hashed.digest()

        return fingerprint


def create_secrets(folder: Path) -> None:
    """Make the instance folder, for its owner alone, and the keys that are not there yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / INSTANCE_KEY).exists():
        create_instance_key(folder / INSTANCE_KEY)
    if not (folder / SIGNING_KEY).exists():
        create_signing_key(folder / SIGNING_KEY)


def load_secrets(folder: Path) -> Secrets:
    """The keys of an instance. Raises NotReady where there is none, UnusableKeyFile where others could read one."""
    for name in (INSTANCE_KEY, SIGNING_KEY):
        if not (folder / name).exists():
            raise NotReady(f"no instance in {folder}: run casetrail init")
    return Secrets(load_instance_key(folder / INSTANCE_KEY), load_signing_key(folder / SIGNING_KEY))


def issuer(secrets: Secrets) -> Issuer:
    """The embedded issuer of this instance."""
    return Issuer(secrets.signing_key, system_clock)


def codec(catalogue: Catalogue, vault: Vault) -> EventCodec:
    """The codec for a catalogue's events and the ledger's own."""
    return EventCodec({**catalogue.events, **{event.type: event for event in EVENTS}}, vault)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the instance's database. Raises NotOwner on PostgreSQL without the owner's URL, NotReady for a backup."""
    if (settings.instance / BACKUP_MANIFEST).exists():
        raise NotReady(f"{settings.instance} is a backup, and a changed one is never restored: restore it, and go on there")
    url = database_url(settings.application_url())
    if url.get_backend_name() == "sqlite":
        migrate(settings.application_url())
    else:
        migrate(settings.owner_database_url, url.username)
        if settings.owner_database_url is not None and settings.reporting_role is not None:
            grant_reporting(settings.owner_database_url, settings.reporting_role)


def initialize(settings: Settings, catalogue: Catalogue, administrator: Registration) -> UUID:
    """Make an instance: keys, schema, the first administrator, the ledger's first event. Answers the ledger id.

    Running it again changes nothing that is there, neither the ledger id nor a person who is registered. Raises NotReady
    where the database has a ledger already and the folder has no instance key: a new one would open nothing of it.
    """
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    bring_up_to_date(settings)
    with engine_of(settings) as engine:
        ledger = SqlLedger(engine, system_clock)
        known = find_ledger_id(ledger)
        if known is not None:
            _require_key(settings.instance, known)
        create_secrets(settings.instance)
        if administrator.id not in registered(engine):  # who was since given other roles, or shut out, stays so
            register(engine, administrator)
        return known or open_ledger(ledger, codec(catalogue, vault(settings, engine)), settings.agency)


def _require_key(folder: Path, ledger_id: UUID) -> None:
    """A restore that was interrupted leaves a ledger without its key, and so does naming another instance's database."""
    if not (folder / INSTANCE_KEY).exists():
        raise NotReady(
            f"the database holds the ledger {ledger_id}, and {folder} has no {INSTANCE_KEY}: another would open nothing. "
            "Put the ledger's own key files there, or restore the backup into an empty database"
        )


def vault(settings: Settings, engine: sa.Engine) -> Vault:
    """The vault of an instance."""
    return Vault(load_secrets(settings.instance).instance_key, SqlKeys(engine))


def find_ledger_id(ledger: SqlLedger) -> UUID | None:
    """The id in the ledger's first event, None before it is there."""
    first = ledger.load(LEDGER_STREAM, 0, 1)
    return UUID(json.loads(first[0].state)["ledger_id"]) if first else None


def ledger_id_of(ledger: SqlLedger) -> UUID:
    """The id of a ledger that was opened. Raises NotReady."""
    found = find_ledger_id(ledger)
    if found is None:
        raise NotReady("the ledger was never opened: run casetrail init")
    return found


def open_ledger(ledger: SqlLedger, events: EventCodec, agency: str) -> UUID:
    """Record the ledger's first event: which ledger this is."""
    ledger_id, now = uuid4(), moment(system_clock())
    command_id = sha256(b"casetrail/ledger-opened").digest()[:16]
    stated = LedgerOpened(
        when=at(now - timedelta(seconds=1)),
        sources=(Source(KIND_NAME, SourceKind.SYSTEM, KIND_NAME),),
        claim_status=ClaimStatus.OBSERVED,
        decided_by=SYSTEM,
        ledger_id=ledger_id,
        agency=agency,
        leaf_format=LEAF_FORMAT,
    )
    envelope = Envelope(
        actor=Caller(SYSTEM, SYSTEM, KIND_NAME, agency),
        on_behalf_of=None,
        command="OpenLedger",
        command_id=command_id.hex(),
        correlation_id=None,
        causation=None,
        decided_at=now,
        profile=DEFAULT_PROFILE,
        handling="standard",
        software=software(),
    )
    drafts, keys = events.drafts(LEDGER_STREAM, 0, (stated,), envelope)
    ledger.start()
    try:
        ledger.append_now(
            Append(LEDGER_STREAM, KIND_NAME, 0, drafts, SYSTEM, command_id, sha256(command_id).digest(), keys=keys)
        )
    finally:
        ledger.close()
    return find_ledger_id(ledger) or ledger_id


def require_ready(settings: Settings) -> Secrets:
    """The keys of an instance that can serve. Raises NotReady with what to do."""
    secrets = load_secrets(settings.instance)
    with engine_of(settings) as engine:
        if not schema_is_current(engine):
            raise NotReady("the database is not at this program's schema: run casetrail migrate")
        ledger_id_of(SqlLedger(engine, system_clock))
    return secrets
