"""Cases to read back: detentions recorded through the command path, on a fresh database, by this process."""

import asyncio
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from application.execute import Call
from application.records import Receipt
from application.world import World
from domain.catalogue import Catalogue, discover
from domain.dossier.acts import AddAddendum
from domain.kernel import OFFICER, Actor, Command, Kind
from domain.kinds.detention.acts import OpenDetention
from domain.kinds.detention.rights_acts import RecordCounselRequest
from domain.kinds.party import RegisterParty
from infrastructure import instance
from infrastructure.actors import Registration
from infrastructure.database import open_engine
from infrastructure.settings import Settings
from infrastructure.wiring import running
from scripts.benchmarks.load import ADDENDUM, COUNSEL, detention, person
from tests.engines import Database

ACTOR = Actor("officer-1", OFFICER, "unit-1", "agency", frozenset())
OPEN, REGISTER = TypeAdapter(OpenDetention), TypeAdapter(RegisterParty)
ADD, REQUEST = TypeAdapter(AddAddendum), TypeAdapter(RecordCounselRequest)


@dataclass(frozen=True)
class Office:
    """The application on one database, without read models following."""

    engine: sa.Engine
    catalogue: Catalogue
    world: World

    def record(self, cases: int, events: int) -> list[UUID]:
        """Record ``cases`` detentions of ``events`` entries each, and answer their ids."""
        return asyncio.run(self._record(cases, events))

    async def _record(self, cases: int, events: int) -> list[UUID]:
        return list(await asyncio.gather(*(self._one(number, events) for number in range(cases))))

    async def _one(self, number: int, events: int) -> UUID:
        kinds = self.catalogue.kinds
        party = await self._give(uuid4(), None, kinds["party"], parsed(REGISTER, orjson.dumps(person(number))))
        opening = parsed(OPEN, orjson.dumps(detention(number, str(party.case_id))))
        case_id = (await self._give(uuid4(), None, kinds["detention"], opening)).case_id
        add, request = parsed(ADD, ADDENDUM), parsed(REQUEST, COUNSEL)
        for version in range(1, events):
            remark = version % 2 == 0
            await self._give(case_id, version, None if remark else kinds["detention"], add if remark else request)
        return case_id

    async def _give(self, case_id: UUID, expected: int | None, kind: Kind | None, command: Command) -> Receipt:
        call = Call(
            actor=ACTOR, kind=kind, case_id=case_id, command=command, expected=expected, command_id=os.urandom(16),
            fingerprint=bytes(32),
        )  # fmt: skip
        return await self.world.executor.execute(call)


def parsed(adapter: TypeAdapter[Any], body: bytes) -> Command:
    """A command as the API reads it."""
    command: Command = adapter.validate_json(body, strict=True, extra="forbid")
    return command


@contextmanager
def office(database: Database, folder: Path) -> Iterator[Office]:
    """An instance in ``folder`` on the database, open until the block ends."""
    settings = Settings(instance=folder, database_url=database.url, owner_database_url=database.owner_url, projections=False)
    catalogue = discover()
    instance.initialize(settings, catalogue, Registration(ACTOR.id, ACTOR.unit, ACTOR.agency, (ACTOR.role,)))
    engine = open_engine(settings)
    try:
        with running(settings, catalogue, instance.require_ready(settings), engine) as world:
            # As the server sets the collector of cycles; the library's side runs in this process and has the same.
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 100)
            yield Office(engine, catalogue, world)
    finally:
        engine.dispose()
