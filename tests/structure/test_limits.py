"""The limits that keep modules readable; nothing is excepted."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "robotrader"
MODULES = sorted(PACKAGE.rglob("*.py"))
SPECIAL = {"core/orchestrator.py": 299, "core/di.py": 500, "core/errors.py": 220, "core/event_bus.py": 350}


def limit_of(path: Path) -> int:
    name = path.relative_to(PACKAGE).as_posix()
    if name in SPECIAL:
        return SPECIAL[name]
    return 150 if path.parent.name == "coordinators" else 350


def classes(path: Path) -> list[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def methods(node: ast.ClassDef) -> list[str]:
    functions = [f for f in node.body if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [f.name for f in functions if not f.name.startswith("__")]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_keeps_its_limits(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= limit_of(path)
    crowded = {node.name: len(methods(node)) for node in classes(path) if len(methods(node)) > 10}
    assert not crowded


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_broad_except_swallows(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            names = {getattr(node.type, "id", None)} if node.type is not None else {None}
            if names & {None, "Exception", "BaseException"} and not isinstance(node.type, ast.Tuple | ast.Attribute):
                assert not all(isinstance(line, ast.Pass | ast.Continue) for line in node.body), f"line {node.lineno}"


def test_the_limits_see_what_they_forbid() -> None:
    tree = ast.parse("class A:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(11)))
    node = tree.body[0]
    assert isinstance(node, ast.ClassDef)
    assert len(methods(node)) == 11
    assert limit_of(PACKAGE / "core" / "coordinators" / "x.py") == 150


def test_coordinators_share_their_base() -> None:
    for path in (PACKAGE / "core" / "coordinators").glob("*_coordinator.py"):
        if path.name != "base_coordinator.py":
            (node,) = classes(path)
            assert [base.id for base in node.bases if isinstance(base, ast.Name)] == ["BaseCoordinator"]


@pytest.mark.parametrize(
    ("word", "allowed"),
    [
        ("os.environ", {"settings.py"}),
        ("import aiosqlite", {"core/database_state.py"}),
        ("import sqlite3", {"core/database_state.py", "core/database_units.py", "core/migrations/__init__.py"}),
    ],
)
def test_what_lives_in_one_place(word: str, allowed: set[str]) -> None:
    found = {p.relative_to(PACKAGE).as_posix() for p in MODULES if word in p.read_text(encoding="utf-8")}
    assert found <= allowed


def test_httpx_is_known_to_the_clients_and_the_sandbox_alone() -> None:
    for path in MODULES:
        if "httpx" in path.read_text(encoding="utf-8"):
            name = path.relative_to(PACKAGE).as_posix()
            text = path.read_text(encoding="utf-8")
            imports = [line for line in text.splitlines() if line.strip().startswith(("import httpx", "from httpx"))]
            assert not imports or name.startswith(("core/background_scheduler/clients/", "sandbox/")), name
