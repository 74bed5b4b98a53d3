"""Who may import whom: only a lower rank, never a sibling. Read from the source, not run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANKS = {
    "values": 0,
    "errors": 0,
    "clock": 0,
    "loop": 0,
    "proof": 1,
    "sealing": 1,
    "crypto": 1,
    "identity": 1,
    "deadlines": 1,
    "documents": 1,
    "uploads": 1,
    "connectors": 1,
    "sandbox": 1,
    "periods": 2,
    "models": 2,
    "migrations": 4,
    "ledger": 3,
    "limiter": 3,
    "holds": 4,
    "systems": 4,
    "register": 4,
    "cases": 5,
    "notices": 5,
    "coverage": 5,
    "follow_ups": 5,
    "intake": 6,
    "verification": 6,
    "discovery": 6,
    "review": 6,
    "handwork": 6,
    "execution": 6,
    "protection": 6,
    "audits": 6,
    "watch": 6,
    "evidence": 6,
    "correspondence": 6,
    "reporting": 6,
    "retention": 6,
    "pack": 7,
    "tasks": 7,
    "admin": 8,
    "web": 8,
    "api": 8,
    "management": 8,
    "apps": 8,
}
SYSTEMS = ("genesys", "salesforce", "servicenow", "opendsr", "manual")
FRAMEWORK = ("django", "django_fsm", "celery", "csp", "environ", "config", "redis")


def product_files() -> list[Path]:
    return sorted((ROOT / "erasure").rglob("*.py"))


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[str, ast.stmt]]:
    """Every module named by an import statement, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                up = node.level - 1 if is_package else node.level
                home = parts[: len(parts) - up]
                base = ".".join([*home, base] if base else home)
            yield from ((f"{base}.{alias.name}", node) for alias in node.names)


def room(module: str) -> str:
    """The part of the product that a module lies in: erasure.models.cases is in models."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def complaints(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What one file does that the layout forbids."""
    tree = ast.parse(source)
    here = room(module)
    if here and here not in RANKS:
        return [f"{module} lies in no room with a rank"]
    found = []
    for target, node in imported(tree, module, is_package=is_package):
        top = target.split(".")[0]
        if top == "erasure":
            why = forbidden_arrow(module, target)
        else:
            why = forbidden_library(module, here, top)
        if why:
            found.append(f"{module}:{node.lineno} imports {target}: {why}")
    return found + late_imports(tree, module)


def forbidden_arrow(module: str, target: str) -> str:
    here, there = room(module), room(target)
    if not here or not there:
        return ""
    if here == there:
        return forbidden_system(module, target) if here in ("connectors", "sandbox") else ""
    if here == "sandbox":
        return "the sandbox imports nothing of the product"
    if there not in RANKS:
        return "no such room"
    if RANKS[there] >= RANKS[here]:
        return f"rank {RANKS[here]} may import lower ranks only"
    return ""


def forbidden_system(module: str, target: str) -> str:
    """One vendor never imports another."""
    mine = [name for name in module.split(".")[2:3] if name in SYSTEMS]
    theirs = [name for name in target.split(".")[2:3] if name in SYSTEMS]
    return "a system imports base and http only" if mine and theirs and mine != theirs else ""


def forbidden_library(module: str, here: str, top: str) -> str:
    if top in FRAMEWORK and here in RANKS and RANKS[here] <= 1:
        return "ranks 0 and 1 know no framework"
    if top == "config" and here != "management":
        return "settings are read through django.conf"
    if top == "requests" and module != "erasure.connectors.http" and here != "management":
        return "only connectors/http.py touches requests"
    return ""


def late_imports(tree: ast.AST, module: str) -> list[str]:
    return [
        f"{module}:{node.lineno} imports inside {function.name}()"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


@pytest.mark.parametrize("path", product_files(), ids=module_name)
def test_module_imports_only_what_its_rank_allows(path):
    source = path.read_text()
    found = complaints(source, module_name(path), is_package=path.name == "__init__.py")
    assert found == []


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        ("erasure.proof.log", "import erasure.models", "rank 1 may import lower ranks only"),
        (
            "erasure.proof.log",
            "from erasure.crypto import kek",
            "rank 1 may import lower ranks only",
        ),
        ("erasure.proof.log", "from ..crypto import kek", "rank 1 may import lower ranks only"),
        (
            "erasure.crypto.kek",
            "from django.conf import settings",
            "ranks 0 and 1 know no framework",
        ),
        ("erasure.review", "from erasure import intake", "rank 6 may import lower ranks only"),
        (
            "erasure.review",
            "from erasure.admin.site import x",
            "rank 6 may import lower ranks only",
        ),
        ("erasure.execution.call", "import requests", "only connectors/http.py touches requests"),
        ("erasure.review", "from config.env import ROOT", "settings are read through django.conf"),
        (
            "erasure.sandbox.x",
            "import erasure.values",
            "the sandbox imports nothing of the product",
        ),
        (
            "erasure.connectors.genesys.jobs",
            "from erasure.connectors.salesforce import bulk",
            "a system imports base and http only",
        ),
        ("erasure.review", "from erasure.nowhere import x", "no such room"),
    ],
)
def test_forbidden_import_is_named(module, line, complaint):
    assert [text.rpartition(": ")[2] for text in complaints(line, module)] == [complaint]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("erasure.review", "from erasure.models.cases import ErasureCase"),
        ("erasure.models.cases", "from erasure.models.items import Item"),
        ("erasure.connectors.http", "import requests"),
        ("erasure.connectors.genesys.jobs", "from erasure.connectors import base, http"),
        ("erasure.connectors.genesys.jobs", "from erasure.connectors.genesys import areas"),
        ("erasure.admin.cases", "from erasure.tasks import sweep"),
    ],
)
def test_allowed_import_is_left_alone(module, line):
    assert complaints(line, module) == []


def test_import_inside_a_function_is_named():
    source = "def late():\n    import json\n    return json"
    assert complaints(source, "erasure.review") == ["erasure.review:2 imports inside late()"]


def test_module_outside_every_room_is_named():
    assert complaints("", "erasure.helpers") == ["erasure.helpers lies in no room with a rank"]
