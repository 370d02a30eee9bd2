"""The project's own files, as the architecture tests see them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "application", "infrastructure", "api", "migrations")
CODE = (*PACKAGES, "scripts", "tests")
FOLDERS = (*CODE, ".ci", "docs", "requirements")


@dataclass(frozen=True)
class Source:
    """One text file: its path relative to the root, with slashes, and its content."""

    name: str
    text: str

    @property
    def folder(self) -> str:
        """The first part of the path."""
        return self.name.partition("/")[0]

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text, self.name)

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function, nested ones and methods included."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @property
    def is_python(self) -> bool:
        """Whether this is Python: by suffix, or by the first line for a script without one."""
        first = self.text.partition("\n")[0]
        return self.name.endswith(".py") or (first.startswith("#!") and "python" in first)


@cache
def text_files() -> tuple[Source, ...]:
    """Every text file of the project in name order; binary files and caches are left out."""
    return tuple(sorted(_text_files(), key=lambda source: source.name))


def python_files(*folders: str) -> list[Source]:
    """Every Python file in the folders."""
    return [source for source in text_files() if source.folder in folders and source.is_python]


def _text_files() -> Iterator[Source]:
    at_root = (path for path in ROOT.iterdir() if path.is_file())
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    for path in (*at_root, *below):
        content = path.read_bytes()
        if b"\0" not in content and "__pycache__" not in path.parts:
            yield Source(path.relative_to(ROOT).as_posix(), content.decode())
