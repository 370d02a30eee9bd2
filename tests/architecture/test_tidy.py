"""The budgets every file keeps. Each check is itself proved: a sample that breaks it is found."""

import ast
import re
from collections.abc import Callable, Iterator
from statistics import median

import pytest

from tests.architecture.tree import CODE, PACKAGES, Source, python_files, text_files

FUNCTION_LINES = 50
FUNCTION_LINES_MEDIAN = 10
FILE_LINES = 400
VAGUE_NAMES = frozenset({"base", "common", "helper", "helpers", "manager", "misc", "service", "util", "utils"})
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
ELSEWHERE = re.compile(
    "|".join(
        (
            r"\b(?:py" + r"pi\.org|pythonhosted\." + r"org|registry\.npm" + r"js)\b",
            r"--(?:extra-)?index" + r"-url\b|--find" + r"-links\b|--trusted" + r"-host\b",
            r"(?<![\w.~}>*-])/(?:home|root|Users|work|tmp|opt)/\w",
            r"\b[A-Z]:\\\\?Users\b",
        )
    )
)

Check = Callable[[Source], Iterator[str]]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines from ``def`` to its last, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def too_long_functions(source: Source) -> Iterator[str]:
    """Functions over the budget."""
    for function in source.functions:
        if length(function) > FUNCTION_LINES:
            yield f"{source.name}:{function.lineno} {function.name} has {length(function)} lines"


def too_long_file(source: Source) -> Iterator[str]:
    """The file itself, when over the budget."""
    if source.lines > FILE_LINES:
        yield f"{source.name} has {source.lines} lines"


def unannotated(source: Source) -> Iterator[str]:
    """Parameters and results without a type; a method's first parameter needs none."""
    methods = {id(m) for c in ast.walk(source.tree) if isinstance(c, ast.ClassDef) for m in c.body}
    for function in source.functions:
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        if id(function) in methods and not any(ast.unparse(d) == "staticmethod" for d in function.decorator_list):
            positional = positional[1:]
        every = [*positional, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
        if function.returns is None or any(argument.annotation is None for argument in every):
            yield f"{source.name}:{function.lineno} {function.name} is not fully annotated"


def unfinished(source: Source) -> Iterator[str]:
    """Notes to oneself."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if UNFINISHED.search(line):
            yield f"{source.name}:{number} {line.strip()}"


def undocumented(source: Source) -> Iterator[str]:
    """A module, or a public class in it, without a docstring."""
    if not ast.get_docstring(source.tree):
        yield f"{source.name} has no docstring"
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"{source.name}:{node.lineno} {node.name} has no docstring"


def vaguely_named(source: Source) -> Iterator[str]:
    """A file or folder whose name does not say what is in it."""
    if VAGUE_NAMES & set(re.split(r"[/._-]", source.name)):
        yield f"{source.name} says nothing"


def bound_elsewhere(source: Source) -> Iterator[str]:
    """A package registry's address, an index option, or an absolute path of somebody's machine."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if found := ELSEWHERE.search(line):
            yield f"{source.name}:{number} {found.group()}"


PYTHON_CHECKS = (too_long_functions, too_long_file, unannotated, unfinished, undocumented, vaguely_named)


@pytest.mark.parametrize("check", PYTHON_CHECKS)
def test_every_python_file_keeps_the_budget(check: Check) -> None:
    assert [finding for source in python_files(*CODE) for finding in check(source)] == []


def test_half_of_all_functions_are_short() -> None:
    lengths = [length(function) for source in python_files(*PACKAGES) for function in source.functions]

    assert median(lengths) <= FUNCTION_LINES_MEDIAN


def test_no_text_file_names_a_registry_or_a_machine() -> None:
    assert [finding for source in text_files() for finding in bound_elsewhere(source)] == []


def function_of(lines: int) -> str:
    """A function of so many lines, the first included."""
    return "def f() -> None:\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("check", "kept", "broken"),
    [
        (too_long_functions, function_of(50), function_of(51)),
        (too_long_functions, function_of(50), "class C:\n    async " + function_of(51).replace("\n", "\n    ")),
        (too_long_file, "\n" * 400, "\n" * 401),
        (unannotated, "def f(a: int, *b: int, c: int = 0, **d: int) -> None: ...", "def f(a) -> None: ..."),
        (unannotated, "f = lambda a: a", "def f(*a) -> None: ..."),
        (unannotated, "def f() -> None: ...", "def f(): ..."),
        (unannotated, "class C:\n    def f(self) -> None: ...", "class C:\n    def f(self, a) -> None: ..."),
        (
            unannotated,
            "class C:\n    def f(self) -> None: ...",
            "class C:\n    @staticmethod\n    def f(a) -> None: ...",
        ),
        (unfinished, "# done", "# TO" + "DO: later"),
        (unfinished, "# done", "# FIX" + "ME"),
        (undocumented, '"""Says what."""', "x = 1"),
        (undocumented, '"""A."""\nclass _C: ...', '"""A."""\nclass C: ...'),
        (bound_elsewhere, "/v1/cases", "https://py" + "pi.org/simple"),
        (bound_elsewhere, "requirements/dev.lock", "--index" + "-url x"),
        (bound_elsewhere, "https://example.org/home/x", "cat /ho" + "me/me/x"),
        (bound_elsewhere, "{instance}/tmp/x", "open('/tm" + "p/x')"),
    ],
)
def test_each_check_finds_what_breaks_it(check: Check, kept: str, broken: str) -> None:
    assert list(check(Source("domain/sample.py", kept))) == []
    assert len(list(check(Source("domain/sample.py", broken)))) == 1


@pytest.mark.parametrize("name", ["utils.py", "api/case_helpers.py", "domain/base/a.py", "tests/common.py"])
def test_a_vague_name_is_found(name: str) -> None:
    assert list(vaguely_named(Source("domain/database.py", ""))) == []
    assert len(list(vaguely_named(Source(name, "")))) == 1


def test_the_checks_see_the_whole_project() -> None:
    names = {source.name for source in text_files()}

    assert {source.folder for source in python_files(*CODE)} >= {*PACKAGES, "tests"}
    assert names >= {"pyproject.toml", "scripts/test", ".ci/run", "requirements/dev.lock", "domain/kernel.py"}
