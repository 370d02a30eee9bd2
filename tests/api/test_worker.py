"""A worker process as uvicorn starts one: nothing but the application factory runs in it."""

import json
import subprocess
import sys

FAILING = """
import structlog
from api.main import server

server()
name = "Jane Roe, born 1990"
try:
    raise ValueError(name)
except ValueError as error:
    structlog.get_logger().error("request.defect", exc_info=error)
"""


def test_a_worker_logs_as_the_server_does() -> None:
    told = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True)
    assert told.stdout == ""
    (line,) = told.stderr.splitlines()
    assert (json.loads(line)["event"], json.loads(line)["error"]) == ("request.defect", "builtins.ValueError")
    assert "Jane Roe" not in line
