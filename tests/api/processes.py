"""The program as real processes: ``casetrail serve`` and its neighbors, started quickly, killed at will.

Processes are forked from one that has imported the program already (``multiprocessing``'s fork server), since importing
takes longer than most tests; what runs in them is the command line's own ``main``.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.waiting import until

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["api.cli", "api.main", "tests.matters"])

HOST = "127.0.0.1"


def run_main(arguments: list[str], environment: Mapping[str, str], output: str) -> None:
    """In the new process: become ``casetrail ARGUMENTS``, saying everything to a file."""
    from api.cli import main  # noqa: PLC0415 - imported ahead in the fork server, not in the tests' process

    os.environ.update(environment)
    with Path(output).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    # A pipe is buffered, whatever the surroundings of the tests say.
    sys.stdout = Path(output).open("a")  # noqa: SIM115 - open as long as the process
    sys.argv = ["casetrail", *arguments]
    main()


def follow(url: str, batch: int) -> None:
    """In the new process: follow a ledger of matters, in batches of that many events, until killed."""
    from infrastructure.database import open_engine  # noqa: PLC0415 - as above
    from tests.matters import Office  # noqa: PLC0415 - as above

    Office(open_engine(url)).projector(batch=batch).start()
    threading.Event().wait()


@dataclass
class Running:
    """One process of the program; what it prints is in ``output``."""

    process: BaseProcess
    output: Path

    def said(self) -> str:
        """All it has printed so far."""
        return self.output.read_text() if self.output.exists() else ""

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join(30)

    def terminate(self) -> None:
        """Ask it to end, as a service manager does."""
        pid = self.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGTERM)

    def exit_code(self, patience: float) -> int | None:
        """Its exit code, None if it still runs after ``patience`` seconds."""
        self.process.join(patience)
        return self.process.exitcode


@dataclass
class Serving(Running):
    """A server, listening."""

    port: int = field(default=0)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class Program:
    """Starts processes of the program on one instance; those still running at the end are killed."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Run in ``environment``; keep what processes print in ``folder``."""
        self.environment = dict(environment)
        self._folder = folder
        self._started: list[BaseProcess] = []

    def start(self, *arguments: str, **environment: str) -> Running:
        """Start ``casetrail ARGUMENTS``."""
        output = self._folder / f"process-{len(self._started) + 1}.txt"
        values = self.environment | environment
        process = PROCESSES.Process(target=run_main, args=(list(arguments), values, str(output)), daemon=True)
        process.start()
        self._started.append(process)
        return Running(process, output)

    def serve(self, port: int = 0, **environment: str) -> Serving:
        """Start a server and wait until it listens."""
        port = port or free_port()
        running = self.start("serve", "--port", str(port), **environment)
        until(lambda: listens(port) or not running.process.is_alive(), "the server listens", patience=90)
        assert running.process.is_alive(), running.said()
        return Serving(running.process, running.output, port)

    def end(self) -> None:
        """Leave none behind."""
        for process in self._started:
            process.kill()
            process.join(30)
            process.close()
