"""A process that appends to a ledger until it is told to stop or is killed, and says what it tried and heard.

It writes ``try <command id>`` before a command and ``ack <command id> <position> <leaf hash>`` after its receipt, or
``not <command id> <reason>``, each line by one write. It ends when the other end of its pipe is closed.
"""

import asyncio
import os
import random
import threading
from contextlib import suppress
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from application.errors import Unavailable
from application.records import Append
from infrastructure.clock import system_clock
from infrastructure.database import open_engine, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.postgres_append import WRITER_LOCK
from tests.infrastructure.events import request

CALLERS = 8


def command(command_id: bytes) -> Append:
    """The one command of that id: whoever retries it sends the same again."""
    drafts = (b"{}",) * (1 + command_id[0] % 3)
    return request(UUID(bytes=command_id), 0, *drafts, command_id=command_id, fingerprint=sha256(command_id).digest())


class Voice:
    """Where a process says things, whole lines at once: half a line means that it was killed while it spoke."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(self, *words: object) -> None:
        """Write one line."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


async def append_for_ever(ledger: SqlLedger, voice: Voice, chance: random.Random, stop: threading.Event) -> None:
    """Append one command after the other."""
    while not stop.is_set():
        command_id = chance.randbytes(16)
        voice.say("try", command_id.hex())
        try:
            receipt = await ledger.append(command(command_id))
        except Unavailable as error:
            voice.say("not", command_id.hex(), error)
        else:
            voice.say("ack", command_id.hex(), receipt.position, receipt.leaf_hash.hex())


def roll_back_now_and_then(engine: sa.Engine, chance: random.Random, stop: threading.Event) -> None:
    """Take the writer lock, write something and think better of it: no position may be lost by that."""
    while not stop.wait(chance.random() / 5):
        with suppress(RuntimeError, Unavailable), write_transaction(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            connection.exec_driver_sql("INSERT INTO tracking VALUES ('rolled back', 1)")
            raise RuntimeError("rolled back")


def stop_at_end(pipe: Connection, stop: threading.Event) -> None:
    """Set ``stop`` when whoever started us closes the other end."""
    with suppress(EOFError):
        pipe.recv()
    stop.set()


def run(url: str, seed: int, path: Path, pipe: Connection) -> None:
    """Append from several tasks until the pipe is closed, then close the ledger."""
    chance, stop, voice = random.Random(seed), threading.Event(), Voice(path)  # noqa: S311
    engine = open_engine(url)
    ledger = SqlLedger(engine, system_clock)
    ledger.start()
    threading.Thread(target=stop_at_end, args=(pipe, stop), daemon=True).start()
    rollbacks = threading.Thread(target=roll_back_now_and_then, args=(engine, random.Random(-seed), stop))  # noqa: S311
    rollbacks.start()

    async def work() -> None:
        await asyncio.gather(*(append_for_ever(ledger, voice, chance, stop) for _ in range(CALLERS)))

    asyncio.run(work())
    rollbacks.join()
    ledger.close()
    engine.dispose()
