"""Problem documents (RFC 9457): what the application and the law say, as HTTP says it. The only place that knows statuses.

A problem's ``type`` is ``urn:casetrail:problem:<code>``; codes are permanent. Nothing here repeats a value of the caller
or of the record, and no stack, statement or path ever leaves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.gate import GateRefused
from application.errors import (
    ApplicationError,
    CannotSuppress,
    ClaimTaken,
    Invalid,
    KeyReused,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PreconditionMissing,
    Stale,
    Unavailable,
)
from domain.kernel import RECORD, Refused

MEDIA_TYPE = "application/problem+json"
URN = "urn:casetrail:problem:"

STATUSES: Mapping[type[ApplicationError], tuple[int, str, str]] = {
    NotAuthenticated: (401, "not-authenticated", "A valid bearer token is needed"),
    NotAllowed: (403, "not-allowed", "Not allowed"),
    NotFound: (404, "not-found", "Not found"),
    Stale: (412, "stale-version", "The case has moved on"),
    PreconditionMissing: (428, "version-missing", "The version decided on is missing: send If-Match"),
    KeyReused: (422, "idempotency-key-reused", "This idempotency key was used for something else"),
    ClaimTaken: (409, "claim-taken", "Another case holds this"),
    Invalid: (422, "invalid", "The input makes no sense"),
    CannotSuppress: (501, "cannot-suppress", "The table cannot be given with its small cells suppressed"),
    Unavailable: (503, "unavailable", "The ledger cannot answer now"),
}
"""Every application error: its status, its code, its title."""

LONGEST_PLACE = 200
"""Characters of a place in the input that are given back: it may hold a name the caller made up."""

ONE_HOLDER = "Only one case at a time may hold this."
"""The rule behind every claim; the case that holds it stays unnamed, for the caller may not know it."""


@dataclass
class Problem(Exception):
    """An answer that is a problem document. ``more`` holds members of its own."""

    status: int
    code: str
    title: str
    detail: str | None = None
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def response(self) -> Response:
        """The document as sent."""
        body = {"type": URN + self.code, "title": self.title, "status": self.status}
        if self.detail is not None:
            body["detail"] = self.detail
        content = orjson.dumps(body | self.more)
        return Response(content, self.status, {"cache-control": "no-store", **self.headers}, MEDIA_TYPE)


def problem_of(error: ApplicationError) -> Problem:
    """The problem an application error makes by itself."""
    status, code, title = STATUSES[type(error)]
    problem = Problem(status, code, title)
    match error:
        case NotAuthenticated():
            problem.headers["www-authenticate"] = 'Bearer realm="casetrail"'
        case NotAllowed() | NotFound() | CannotSuppress():
            problem.detail = str(error)
        case Stale(expected=expected, actual=actual):
            problem.more = {"expected_version": expected, "current_version": actual}
        case ClaimTaken(scope=scope):
            problem.code, problem.detail = f"{scope}-taken", ONE_HOLDER
            problem.more = {"rule": ONE_HOLDER, "source": RECORD, "scope": scope}
        case Invalid(field=place, reason=reason):
            problem.more = {"errors": [{"field": place, "reason": reason}]}
        case Unavailable(retry_after=seconds):
            problem.headers["retry-after"] = str(seconds)
        case _:
            pass
    return problem


def refused(error: Refused) -> Problem:
    """The problem a refusal makes: the rule and where it comes from."""
    refusal = error.refusal
    more: dict[str, Any] = {"rule": refusal.rule, "source": refusal.source}
    if error.version is not None:
        more["entry"] = error.version
    return Problem(409, refusal.code, "Refused by the law or the record", refusal.rule, more)


def invalid(errors: list[dict[str, Any]]) -> Problem:
    """The problem that malformed input makes: where and why, without the values."""
    places = [
        {"field": ".".join(str(p) for p in e["loc"] if p != "Sealed")[:LONGEST_PLACE], "reason": e["msg"]}
        for e in errors
        if "Sealed" not in e["loc"]
    ]
    return Problem(422, "invalid", "The input does not fit", more={"errors": places[:50]})


def from_validation(error: ValidationError) -> Problem:
    """As ``invalid``, from Pydantic's own error."""
    return invalid([dict(e) for e in error.errors(include_input=False, include_url=False, include_context=False)])


def install(app: FastAPI) -> None:
    """Have every error answered as a problem document."""

    async def handler(_: Request, error: Exception) -> Response:
        return answered(error)

    for error in answers():
        app.add_exception_handler(error, handler)


def answered(error: Exception) -> Response:
    """The problem document that answers an error; a defect is logged."""
    make = next(make for kind, make in answers().items() if isinstance(error, kind))
    return make(error).response()


@cache
def answers() -> Mapping[type[Exception], Callable[[Any], Problem]]:
    """What makes a problem of each sort of error, the last of any."""
    return {
        ApplicationError: problem_of,
        Problem: lambda problem: problem,
        GateRefused: turned_away,
        ClientDisconnect: lambda _: Problem(400, "body-incomplete", "The caller left before the body ended"),
        RequestValidationError: lambda error: invalid([dict(e) for e in error.errors()]),
        HTTPException: from_framework,
        Exception: defect,
    }


def turned_away(error: GateRefused) -> Problem:
    """A body that did not come in."""
    more = {} if error.pointer is None else {"pointer": error.pointer}
    return Problem(error.status, error.code, "The body does not come in", error.detail, more)


def from_framework(error: HTTPException) -> Problem:
    """What the framework itself refuses: unknown paths and methods."""
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http")
    return Problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))


def defect(error: Exception) -> Problem:
    """A defect: logged with where it happened, answered without."""
    structlog.get_logger().error("request.defect", error=type(error).__name__, exc_info=error)
    return Problem(500, "defect", "A defect of the server; it has been logged")
