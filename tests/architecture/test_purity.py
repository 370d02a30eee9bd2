"""What the inner layers may reach for at all: lists of what is allowed, where the import contracts list what is not."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.tree import Source, python_files

PURE_MODULES = frozenset(
    {"abc", "bisect", "calendar", "collections", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions"}
    | {"functools", "hashlib", "heapq", "itertools", "math", "operator", "re", "string", "textwrap", "types", "typing"}
    | {"unicodedata", "uuid", "zoneinfo"}
)
"""The part of the standard library that gives the same answer everywhere and at any time."""
LOADERS = {"domain/catalogue.py": frozenset({"importlib", "pkgutil"})}
"""The one place that finds modules by looking: the kinds of cases."""
CLOCKS_AND_DICE = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "uuid.getnode",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid6",
        "uuid.uuid7",
        "uuid.uuid8",
    }
)
WORLDLY_BUILTINS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"})
APPLICATION_MODULES = sys.stdlib_module_names | {"application", "domain"}


def imports(source: Source) -> Iterator[tuple[int, str, str]]:
    """Every absolute import: line, the name it binds, and the dotted origin of that name."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield node.lineno, alias.asname or root, alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, f"{node.module}.{alias.name}"


def foreign_imports(source: Source, allowed: frozenset[str]) -> Iterator[str]:
    """Imports of anything outside the allowed top-level modules."""
    for line, _, origin in imports(source):
        if origin.partition(".")[0] not in allowed:
            yield f"{source.name}:{line} imports {origin}"


def worldly_uses(source: Source) -> Iterator[str]:
    """Uses of a clock, of chance or of the outside world, under whatever name they were imported."""
    origins = {bound: origin for _, bound, origin in imports(source)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            root, dot, rest = ast.unparse(node).partition(".")
            if origins.get(root, root) + dot + rest in CLOCKS_AND_DICE:
                yield f"{source.name}:{node.lineno} uses {ast.unparse(node)}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLDLY_BUILTINS:
            yield f"{source.name}:{node.lineno} calls {node.func.id}"


def impurities(source: Source) -> list[str]:
    """Everything in a module of the domain that could make it answer differently another time."""
    allowed = PURE_MODULES | {"domain"} | LOADERS.get(source.name, frozenset())
    return [*foreign_imports(source, allowed), *worldly_uses(source)]


def test_the_domain_depends_on_nothing_but_its_arguments() -> None:
    assert [finding for source in python_files("domain") for finding in impurities(source)] == []


def test_the_application_imports_the_domain_and_the_standard_library_only() -> None:
    sources = python_files("application")

    assert [finding for source in sources for finding in foreign_imports(source, APPLICATION_MODULES)] == []


@pytest.mark.parametrize(
    "broken",
    [
        "import random",
        "import os.path",
        "from time import monotonic",
        "import anything_from_the_registry",
        "import importlib",
        "from datetime import datetime\nnow = datetime.now()",
        "from datetime import datetime as instant\nnow = instant.now",
        "import datetime\ntoday = datetime.date.today()",
        "import uuid\nid = uuid.uuid4()",
        "from uuid import uuid4 as fresh\nid = fresh()",
        "def load() -> None:\n    from domain import kernel\n    import socket",
        "text = open('law.txt')",
        "print('decided')",
    ],
)
def test_an_impure_module_is_found(broken: str) -> None:
    assert len(impurities(Source("domain/sample.py", broken))) == 1


@pytest.mark.parametrize(
    "kept",
    [
        "from datetime import datetime\nwhen = context.now\nparsed = datetime.fromisoformat(text)",
        "from domain.kernel import Event",
        "from uuid import UUID\nid = UUID(int=0)",
    ],
)
def test_a_pure_module_is_let_be(kept: str) -> None:
    assert impurities(Source("domain/sample.py", kept)) == []


def test_a_library_in_the_application_is_found() -> None:
    source = Source("application/sample.py", "import asyncio\nimport domain.kernel\nfrom pydantic import BaseModel")

    assert list(foreign_imports(source, APPLICATION_MODULES)) == [
        "application/sample.py:3 imports pydantic.BaseModel",
    ]
