"""Waiting for something that another thread or process does: ask again until a deadline, never just sleep."""

import time
from collections.abc import Callable

PATIENCE = 30.0


def until(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Ask ``condition`` every few milliseconds until it holds; after ``patience`` seconds fail, naming ``what``."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience} seconds in vain: {what}"
        time.sleep(0.005)
