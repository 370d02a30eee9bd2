"""The locks are complete, hashed and in step: an environment for development is one for running."""

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)(?: ; ([^\\]+))?")
LOCKS = ("runtime.lock", "reporting.lock", "disclosure.lock", "dev.lock")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def pins(lock: str) -> dict[tuple[str, str, str], frozenset[str]]:
    """The pinned packages of a lock: (name, version, for which Pythons and platforms) and the hashes accepted for it."""
    found: dict[tuple[str, str, str], frozenset[str]] = {}
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / lock).read_text()):
        if pin := PIN.match(block):
            found[pin[1], pin[2], (pin[3] or "").strip()] = frozenset(HASH.findall(block))
    return found


def names(requirements: list[str]) -> set[str]:
    """The names of requirements as pyproject.toml writes them, without extras, ranges and markers."""
    return {re.split(r"[\[<>=~; ]", requirement, maxsplit=1)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_once_for_each_python_and_hashed(lock: str) -> None:
    locked = pins(lock)

    where: dict[str, list[str]] = {}
    for name, _, condition in locked:
        where.setdefault(name, []).append(condition)

    assert where
    assert [name for name, found in where.items() if len(found) > 1 and ("" in found or len(set(found)) < len(found))] == []
    assert [pin for pin, hashes in locked.items() if not hashes] == []


def test_the_larger_locks_contain_the_runtime_lock() -> None:
    smaller, larger = LOCKS[:-1], LOCKS[1:]

    assert [pair for pair in zip(smaller, larger, strict=True) if not pins(pair[0]).items() <= pins(pair[1]).items()] == []


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    running, extras = names(project["dependencies"]), project["optional-dependencies"]
    everything = running.union(*map(names, extras.values())) - {project["name"]}

    assert running | {"setuptools"} <= {name for name, *_ in pins("runtime.lock")}
    assert running | names(extras["reporting"]) <= {name for name, *_ in pins("reporting.lock")}
    assert running | names(extras["reporting"] + extras["disclosure"]) <= {name for name, *_ in pins("disclosure.lock")}
    assert everything <= {name for name, *_ in pins("dev.lock")}
