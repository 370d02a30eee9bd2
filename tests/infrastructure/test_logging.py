"""A log line holds named fields with harmless values, whatever was passed."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infrastructure.logging import ALLOWED, DROPPED, begin_request, configure

SECRET = "Jane Roe, born 1990"


class Log:
    """What was written, line by line."""

    def __init__(self) -> None:
        """Begin empty."""
        self.file = io.BytesIO()

    def lines(self) -> list[dict[str, Any]]:
        """The lines so far, and begin anew."""
        lines = [json.loads(line) for line in self.file.getvalue().splitlines()]
        self.file.seek(0)
        self.file.truncate()
        return lines

    def line(self) -> dict[str, Any]:
        """The only line."""
        [line] = self.lines()
        return line


@pytest.fixture
def log() -> Iterator[Log]:
    """Logging as the server has it, written to memory; the process's own configuration comes back afterward."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = Log()
    configure(file=written.file)
    yield written
    root.handlers[:], root.level = handlers, level
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_a_line_is_json_with_time_level_and_fields(log: Log) -> None:
    case = uuid4()
    structlog.get_logger().info("command.recorded", case_id=case, version=3, kind="detention", duration_ms=1.5)
    line = log.line()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "command.recorded",
        "level": "info",
        "case_id": str(case),
        "version": 3,
        "kind": "detention",
        "duration_ms": 1.5,
    }


def test_unknown_fields_are_dropped_and_counted(log: Log) -> None:
    before = DROPPED._value.get()
    structlog.get_logger().warning("party.named", name=SECRET, party={"name": SECRET}, position=1)
    line = log.line()
    assert (line["dropped"], line["position"]) == (2, 1)
    assert set(line) == {"timestamp", "level", "event", "position", "dropped"}
    assert DROPPED._value.get() == before + 2


@pytest.mark.parametrize(
    "value", [SECRET, "Jane\nRoe", "Łódź", "x" * 201, b"bytes", {"a": 1}, ["Jane Roe"], [["a"]], 2**53, float("nan")]
)
def test_known_fields_hold_only_numbers_and_words(log: Log, value: object) -> None:
    structlog.get_logger().info("command.refused", code=value)
    line = log.line()
    assert "code" not in line
    assert line["dropped"] == 1


def test_an_event_is_a_name_and_never_a_sentence(log: Log) -> None:
    structlog.get_logger().info(f"could not record {SECRET}")
    line = log.line()
    assert (line["event"], line["dropped"]) == ("unnamed", 1)


def test_an_exception_is_its_class_and_its_place(log: Log) -> None:
    try:
        try:
            UUID(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        structlog.get_logger().exception("projection.parked", projection="worklist")
    line = log.line()
    assert (line["error"], line["causes"]) == ("builtins.KeyError", ["builtins.ValueError"])
    assert line["where"][0].startswith(f"{__name__}:")
    assert "Jane" not in json.dumps(line)


def test_an_exception_may_be_handed_over(log: Log) -> None:
    error = RuntimeError(SECRET)
    structlog.get_logger().error("committer.dead", exc_info=error)
    structlog.get_logger().error("committer.dead", exc_info=(RuntimeError, error, None))
    structlog.get_logger().error("committer.dead", exc_info=True)
    first, second, third = log.lines()
    assert (first["error"], second["error"], "error" in third) == (
        "builtins.RuntimeError",
        "builtins.RuntimeError",
        False,
    )


def test_a_library_s_text_is_left_out(log: Log) -> None:
    library = logging.getLogger("some.library")
    library.info("connected")
    library.error("duplicate key: %s", SECRET)
    line = log.line()
    assert (line["event"], line["level"], line["logger"]) == ("library.message", "error", "some.library")
    assert line["source"].startswith("test_logging:")
    assert "Jane" not in json.dumps(line)


def test_our_own_text_is_left_out_and_what_it_is_about_is_kept(log: Log) -> None:
    fields = {"event": "projection.parked", "projection": "cases", "position": 7, "code": ["not-open"], "person": SECRET}
    logging.getLogger("infrastructure.runner").error("projection %s: %s", "cases", SECRET, extra=fields)
    line = log.line()
    assert {name: line[name] for name in fields if name in line} == {n: v for n, v in fields.items() if n != "person"}
    assert "Jane" not in json.dumps(line)
    logging.getLogger("some.library").error("text", extra=fields)
    assert log.line()["event"] == "library.message"


def test_levels_below_are_silent(log: Log) -> None:
    structlog.get_logger().debug("ledger.opened")
    configure(logging.ERROR, log.file)
    structlog.get_logger().warning("ledger.opened")
    logging.getLogger("some.library").warning("ledger opened")
    assert log.lines() == []


def test_every_line_of_a_request_has_its_id(log: Log) -> None:
    request_id = begin_request("client-chosen-1")
    structlog.get_logger().info("command.recorded")
    logging.getLogger("some.library").warning("slow")
    assert [line["request_id"] for line in log.lines()] == [request_id] * 2 == ["client-chosen-1"] * 2


@pytest.mark.parametrize("offered", [None, "", "short", SECRET, "x" * 65, "line\nbreak-8"])
def test_a_request_id_that_is_none_is_replaced(log: Log, offered: str | None) -> None:
    request_id = begin_request(offered)
    structlog.get_logger().info("command.recorded")
    assert log.line()["request_id"] == request_id != offered
    assert begin_request(offered) != request_id


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(event=st.text(), fields=st.dictionaries(st.sampled_from([*sorted(ALLOWED - {"event"}), "name", "x"]), VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_fields_make_one_line_without_spaces(log: Log, event: str, fields: dict[str, object]) -> None:
    structlog.get_logger().info(event, **fields)
    line = log.line()
    assert set(line) <= ALLOWED | {"dropped"}
    assert not any(" " in value for value in line.values() if isinstance(value, str))
