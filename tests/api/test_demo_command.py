"""``casetrail demo`` as a visitor runs it: twice, on a busy port, in the wrong folder, ended by a signal."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from api.cli.demonstration import serving
from api.cli.demonstration.checking import STAGES
from infrastructure.instance import INSTANCE_KEY
from tests.api.processes import HOST, Program, free_port, listens
from tests.waiting import until

PATIENCE = 90.0


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program on an instance that is not there yet."""
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    program = Program({"CASETRAIL_INSTANCE": str(tmp_path / "instance")}, outputs)
    yield program
    program.end()


def test_a_second_run_serves_what_is_there(program: Program, tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        port = free_port()
        running = program.start("demo", "--port", str(port))
        until(lambda: "Ctrl-C" in running.said() or not running.process.is_alive(), "the demonstration stands", PATIENCE)  # noqa: B023
        told += re.findall(r"9 cases, (\d+) events, (\d+) of them recorded now", running.said())
        assert f"http://{HOST}:{port}/docs" in running.said()
        token = re.findall(r"auditor \(auditor-1\)\s+(\S+)", running.said())[0]
        answer = httpx2.get(f"http://{HOST}:{port}/v1/cases", headers={"authorization": f"Bearer {token}"})
        assert len(answer.json()["items"]) == len(STAGES)
        running.terminate()
        assert running.exit_code(PATIENCE) == 0
        assert not listens(port)
    (events, new), again = told
    assert int(events) == int(new) + 1  # the first event opened the ledger
    assert again == (events, "0")
    assert (tmp_path / "instance" / serving.LOG).exists()


def test_the_check_passes_and_leaves_nothing_behind(program: Program, tmp_path: Path) -> None:
    running = program.start("demo", "--check", TMPDIR=str(tmp_path))

    assert running.exit_code(PATIENCE) == 0, running.said()
    assert "every hash and every case's chain holds" in running.said()
    assert [path.name for path in tmp_path.iterdir()] == ["outputs"]


def test_a_busy_port_is_one_line_and_nothing_is_made(program: Program, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        running = program.start("demo", "--port", str(taken.getsockname()[1]))
        assert running.exit_code(PATIENCE) == 2

    assert re.fullmatch(r"casetrail: port \d+ on 127\.0\.0\.1 is taken: name another with --port\n", running.said())
    assert not (tmp_path / "instance").exists()


def test_an_instance_that_is_not_a_demonstration_is_left_alone(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / INSTANCE_KEY).write_bytes(b"somebody's")
    running = program.start("demo", "--port", str(free_port()))

    assert running.exit_code(PATIENCE) == 2
    assert re.fullmatch(r"casetrail: .* is an instance, but no demonstration's: .*\n", running.said())
    assert [path.name for path in folder.iterdir()] == [INSTANCE_KEY]
