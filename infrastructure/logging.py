"""Logs: one JSON object a line on standard error, with nothing personal in it.

A log line is for the operator of the machine, who need not be allowed to see any case. So a line holds only fields that
are named here, each a number, a truth value, or a word without spaces; an event is named, never told in a sentence.
Whatever else somebody passes is dropped, counted in the line (``dropped``) and in the metric
``casetrail_log_fields_dropped_total``. An exception is its class, its causes' classes and where it happened: its text
may quote a value. Libraries' own messages are free text, so only their place and level remain; of our own modules that log
through the standard library, the event and the fields that they state in ``extra``.

Log with ``structlog.get_logger().info("projection.parked", projection=name, position=7)``, or where no server need run with
``logging.getLogger(__name__).error("a sentence", extra={"event": "projection.parked", "position": 7})``. Run uvicorn with
``log_config=None, access_log=False``: this module's handler takes its records.
"""

import itertools
import logging
import os
import re
import sys
import traceback
from typing import BinaryIO, Final
from uuid import UUID, uuid4

import orjson
import structlog
from prometheus_client import Counter
from structlog.typing import EventDict, WrappedLogger

ALLOWED: Final = frozenset(
    {
        *("timestamp", "level", "event", "request_id", "logger", "source", "error", "causes", "where"),
        *("method", "route", "status", "code", "role", "duration_ms", "retry_after"),
        *("case_id", "kind", "command", "type", "version", "position", "ledger_id", "key_id", "webhook_id"),
        *("projection", "generation", "lag_events", "lag_seconds", "tree_size"),
        *("batch", "count", "bytes", "attempt", "pid", "signal", "host", "port", "dialect", "revision", "software"),
    }
)
"""Every field a line may have. Add one only if its value can never be about a person."""

MOST_FRAMES: Final = 30
LARGEST: Final = 2**53

_OURS: Final = ("application.", "infrastructure.", "api.")
_EVENT: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.:/{}+-]{1,200}")
_PROCESS: Final = uuid4().hex[:12]
_COUNT: Final = itertools.count(1)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

DROPPED: Final = Counter("casetrail_log_fields_dropped", "Log fields dropped because they are not on the allow-list")


def configure(level: int = logging.INFO, file: BinaryIO | None = None) -> None:
    """Send all logs to ``file`` (standard error by default): ours from ``level`` on, libraries' from WARNING on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_text,
            only_allowed,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(file or sys.stderr.buffer),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Libraries()], level=max(level, logging.WARNING), force=True)


def begin_request(offered: str | None) -> str:
    """Put a request id on every line of this request, the client's if it looks like one, else a new one; return it."""
    request_id = offered if offered is not None and _REQUEST_ID.fullmatch(offered) else _next_request_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def _next_request_id() -> str:
    """A new request id: this process, and the how manieth of it. Asking for randomness would give up the interpreter's lock."""
    return f"{_PROCESS}-{os.getpid():x}-{next(_COUNT):x}"


class Libraries(logging.Handler):
    """Takes what is logged through the standard library: place, level, exception's class, and the fields of our own modules."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record without its text."""
        stated = {name: record.__dict__[name] for name in ALLOWED & record.__dict__.keys()}
        fields = stated if record.name.startswith(_OURS) else {}
        structlog.get_logger().log(
            record.levelno,
            fields.pop("event", "library.message"),
            **fields,
            logger=record.name,
            source=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )


def without_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put an exception's class, causes and place in the stead of its text and traceback."""
    given = event.pop("exc_info", None)
    error = sys.exception() if given is True else given[1] if isinstance(given, tuple) else given
    if not isinstance(error, BaseException):
        return event
    frames = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    event.update(error=_class(error), causes=_causes(error), where=frames[-MOST_FRAMES:])
    return event


def only_allowed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the fields on the list whose values are safe; drop and count the rest."""
    line = {name: value for name, value in event.items() if name in ALLOWED and _is_safe(value)}
    if not _EVENT.fullmatch(str(event.get("event"))):
        line.pop("event", None)
    dropped = len(event) - len(line)
    if dropped:
        DROPPED.inc(dropped)
        line["dropped"] = dropped
    line.setdefault("event", "unnamed")
    return line


def _is_safe(value: object) -> bool:
    """Whether a value is a number, a truth value, a word, or a short list of words."""
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value))
    if isinstance(value, (int, float)):
        return abs(value) < LARGEST
    if isinstance(value, list):
        return len(value) <= MOST_FRAMES and all(isinstance(word, str) and _is_safe(word) for word in value)
    return value is None or isinstance(value, UUID)


def _class(error: BaseException) -> str:
    """The full name of an exception's class, as a word."""
    return f"{type(error).__module__}.{type(error).__name__}"


def _causes(error: BaseException) -> list[str]:
    """The classes of what an exception arose from, the nearest first."""
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < MOST_FRAMES:
        causes.append(_class(cause))
        cause = cause.__cause__ or cause.__context__
    return causes


def _json(line: EventDict, **_: object) -> bytes:
    """One line. Whatever is not safe to encode was dropped before."""
    return orjson.dumps(line)
