"""The command line as its users have it: what they type, what it prints, how it ends. In this process, since it is quicker."""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any, TextIO

from api.cli import main


@dataclass(frozen=True)
class Told:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Its output, one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def value(self) -> Any:
        """Its output, one JSON value, when all went well."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line it gave on standard error, when it could not be done."""
        assert (self.code, self.out) == (2, ""), self
        (line,) = self.err.splitlines()
        assert line.startswith("casetrail: "), line
        return line.removeprefix("casetrail: ")


@contextmanager
def surroundings(arguments: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Arguments and environment of a command, put back afterwards."""
    before, typed = dict(os.environ), sys.argv
    os.environ.update(environment)
    sys.argv = ["casetrail", *arguments]
    try:
        yield
    finally:
        sys.argv = typed
        os.environ.clear()
        os.environ.update(before)


class Terminal:
    """Somebody at a terminal, with an environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Type in this environment."""
        self.environment = dict(environment)

    def type(self, *arguments: object, **environment: str) -> Told:
        """Type ``casetrail ARGUMENTS`` and wait; what it prints goes into pipes."""
        err = io.StringIO()
        code, out = self._run([str(a) for a in arguments], environment, err)
        return Told(code, out, err.getvalue())

    def watch(self, *arguments: object) -> Told:
        """As ``type``, with its standard error on a screen, escape sequences and all, and its output still in a pipe."""
        ours, theirs = os.openpty()
        seen: list[bytes] = []
        watching = threading.Thread(target=lambda: seen.extend(iter(partial(screenful, ours), b"")))
        watching.start()
        try:
            with open(theirs, "w") as err:  # noqa: PTH123 - a descriptor
                code, out = self._run([str(a) for a in arguments], {"TERM": "xterm", "COLUMNS": "100"}, err)
        finally:
            watching.join()
            os.close(ours)
        return Told(code, out, b"".join(seen).decode())

    def _run(self, arguments: list[str], environment: Mapping[str, str], err: TextIO) -> tuple[int, str]:
        """The exit code of a command and what it printed."""
        out = io.StringIO()
        code: Any = 0
        with surroundings(arguments, self.environment | dict(environment)), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
        return code, out.getvalue()


def screenful(terminal: int) -> bytes:
    """What a terminal shows next; nothing once whoever wrote to it has ended."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
