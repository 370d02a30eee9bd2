"""The import contracts of pyproject.toml hold, and each one notices the import it forbids."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
VIOLATIONS = {
    "layers": {"domain/intruder.py": "import application.errors"},
    "domain-libraries": {"domain/intruder.py": "import pydantic"},
    "domain-pure": {"domain/intruder.py": "import random"},
    "application-libraries": {"application/intruder.py": "import sqlalchemy"},
    "infrastructure-web": {"infrastructure/intruder.py": "import fastapi"},
    "api-database": {"api/intruder.py": "import sqlalchemy"},
    "migrations-frozen": {"migrations/versions/intruder.py": "import infrastructure.schema"},
    "wiring": {"api/intruder.py": "import infrastructure.settings"},
    "kinds": {
        "domain/kinds/intruder.py": "import domain.kinds.neighbor",
        "domain/kinds/neighbor.py": "",
    },
    "acyclic": {
        "application/intruder.py": "import application.neighbor",
        "application/neighbor.py": "import application.intruder",
    },
}


def configuration() -> dict[str, Any]:
    """The whole of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def contracts() -> dict[str, str]:
    """The contracts: id and name."""
    return {contract["id"]: contract["name"] for contract in configuration()["tool"]["importlinter"]["contracts"]}


def broken_contracts(root: Path) -> set[str]:
    """Names of the contracts that the packages under ``root`` break, as import-linter reports them.

    In a process of its own: import-linter finds packages through the import system, where this one has others loaded.
    """
    finished = subprocess.run(
        [sys.executable, "-P", "-c", LINT_IMPORTS, "--no-logo", "--no-cache"],
        cwd=root,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in finished.stdout, finished.stdout + finished.stderr
    return set(re.findall(r"^(.+) BROKEN\b", finished.stdout, re.MULTILINE))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, somewhere else."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_code_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_violation_breaks_its_own_contract_only(contract: str, copy: Path) -> None:
    for name, text in VIOLATIONS[contract].items():
        (copy / name).write_text(text)

    assert broken_contracts(copy) == {contracts()[contract]}


def test_every_contract_is_proved_by_a_violation() -> None:
    assert contracts().keys() == VIOLATIONS.keys()


def test_no_package_is_left_out_of_the_layers() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    settings = configuration()["tool"]
    layers = next(c["layers"] for c in settings["importlinter"]["contracts"] if c["id"] == "layers")

    assert packages == set(PACKAGES) == set(layers) == set(settings["importlinter"]["root_packages"])
    assert {f"{package}*" for package in packages} == set(settings["setuptools"]["packages"]["find"]["include"])
