"""The locks are complete, hashed and in step: an environment for development is one for running."""

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pins(lock: str) -> dict[tuple[str, str], frozenset[str]]:
    """The pinned packages of a lock: (name, version) and the hashes that are accepted for it."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / lock).read_text()):
        if pin := PIN.match(block):
            found[pin[1], pin[2]] = frozenset(HASH.findall(block))
    return found


def names(requirements: list[str]) -> set[str]:
    """The names of requirements as pyproject.toml writes them, without extras, ranges and markers."""
    return {re.split(r"[\[<>=~; ]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", ["runtime.lock", "dev.lock"])
def test_every_package_of_a_lock_is_pinned_once_and_hashed(lock: str) -> None:
    locked = pins(lock)

    assert len({name for name, _ in locked}) == len(locked) > 0
    assert [pin for pin, hashes in locked.items() if not hashes] == []


def test_the_development_lock_contains_the_runtime_lock() -> None:
    assert pins("runtime.lock").items() <= pins("dev.lock").items()


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    running = names(project["dependencies"])

    assert running | {"setuptools"} <= {name for name, _ in pins("runtime.lock")}
    assert running | names(project["optional-dependencies"]["dev"]) <= {name for name, _ in pins("dev.lock")}
