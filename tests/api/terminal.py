"""The command line as its users have it: what they type, what it prints, how it ends. In this process, since it is quicker."""

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

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
        """Type ``casetrail ARGUMENTS`` and wait."""
        out, err = io.StringIO(), io.StringIO()
        code: Any = 0
        with (
            surroundings([str(a) for a in arguments], self.environment | environment),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
        return Told(code, out.getvalue(), err.getvalue())
