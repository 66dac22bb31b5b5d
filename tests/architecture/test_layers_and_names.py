"""The plan of the house, held to the sources: layers, names, sizes, one transaction an action."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "merilo"
LIMIT = 400
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service",
                "services", "misc", "shared"}  # fmt: skip
# Public functions in actions that do not open a durable transaction themselves, with the reason.
NOT_ONE_TRANSACTION = {
    "send_notice": "a letter is claimed in one transaction and its fate noted in another",
    "send_waiting": "sends many letters, each in its own transactions",
    "consolidate_day": "consolidates many works, each in its own transaction",
    "expire_due": "ends many terms, each in its own transaction",
    "mark_document": "one mark of `mark_documents`, which opens it",
    "show_person": "shows; its only write is the entry of the journal",
    "note_token_used": "one UPDATE, which is a transaction of its own",
    "open_upcoming_days": "opens many days, each in its own transaction",
}
# Actions that ask by another function whether the person may, with its name.
PERMITTED_BY_ANOTHER = {
    "mark_document": "mark_documents",
    "load_specification": "check_specification",
}


def modules() -> list[Path]:
    return [p for p in sorted(SOURCES.rglob("*.py")) if "migrations" not in p.parts]


def named(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def contexts() -> list[str]:
    """Every package that holds rules or models of its own, but for the foundation."""
    found = {p.parent.name for p in SOURCES.glob("*/rules.py")}
    found |= {p.parent.name for p in SOURCES.glob("*/rules")}
    found |= {p.parent.name for p in SOURCES.glob("*/models.py")}
    return sorted(found)


def contracts() -> list[dict]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["importlinter"]["contracts"]


def test_the_import_contracts_are_kept():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command;"
         "lint_imports_command()", "--no-cache", "--no-logo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(SOURCES.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_context_stands_in_the_order_and_keeps_the_modules():
    order = " ".join(contracts()[0]["layers"])
    inside = set(contracts()[1]["containers"])
    for context in contexts():
        assert context in order
        assert f"merilo.{context}" in inside
    assert contracts()[0]["exhaustive"] and contracts()[1]["exhaustive"]


def test_there_are_no_junk_drawers():
    assert not [named(p) for p in modules() if {p.stem, *p.parts} & JUNK_DRAWERS]


def test_a_long_module_becomes_a_package():
    long = {named(p) for p in modules() if len(p.read_text().splitlines()) > LIMIT}
    assert long == set(), "split it"


def test_nobody_asks_the_clock_but_the_clock():
    asking = (" datetime.now(", " date.today(", "timezone.now(", "utcnow(")
    found = [p for p in modules() if any(words in p.read_text() for words in asking)]
    assert found == [SOURCES / "foundation" / "clock.py"]


def test_only_the_edges_use_the_clock():
    edges = ("web/", "api/", "workers/", "cli/", "demo/", "bench/")
    inner = [p for p in modules() if not named(p).startswith(edges)]
    assert not [named(p) for p in inner if "foundation import clock" in p.read_text()]


def test_there_are_no_signals():
    words = ("django.db.models.signals", "django.dispatch", "@receiver")
    assert not [named(p) for p in modules() if any(word in p.read_text() for word in words)]


# --- actions -----------------------------------------------------------------------------------


def action_modules() -> list[Path]:
    single = SOURCES.glob("*/actions.py")
    packages = SOURCES.glob("*/actions/*.py")
    return sorted(p for p in (*single, *packages) if p.name != "__init__.py")


def public_functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in action_modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield path, node


def writes(function: ast.FunctionDef) -> bool:
    """An action takes a moment; a pure look-up beside it does not."""
    return "now" in {argument.arg for argument in function.args.kwonlyargs}


ACTIONS = [
    pytest.param(path, node, id=f"{named(path)}:{node.name}")
    for path, node in public_functions()
    if writes(node)
]


@pytest.mark.parametrize(("path", "function"), ACTIONS)
def test_an_action_is_one_durable_transaction(path: Path, function: ast.FunctionDef):
    opened = [
        ast.unparse(item.context_expr)
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
        if "transaction.atomic" in ast.unparse(item.context_expr)
    ]
    if function.name in NOT_ONE_TRANSACTION:
        assert len(opened) != 1, "the exception is not needed any more"
    else:
        assert opened == ["transaction.atomic(durable=True)"]


@pytest.mark.parametrize(("path", "function"), ACTIONS)
def test_an_action_of_a_person_begins_by_asking_whether_he_may(path, function):
    arguments = {argument.arg for argument in function.args.kwonlyargs}
    if "actor" not in arguments or function.name in PERMITTED_BY_ANOTHER:
        return
    calls = [ast.unparse(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)]
    assert "permit" in calls


def test_the_exceptions_exist():
    names = {node.name for _path, node in public_functions()}
    assert set(NOT_ONE_TRANSACTION) | set(PERMITTED_BY_ANOTHER) <= names


@pytest.mark.parametrize("path", [p for p in modules() if p.name == "__init__.py"], ids=named)
def test_a_package_of_actions_hides_nothing(path: Path):
    """What `actions/__init__.py` re-exports is defined beside it."""
    if path.parent.name != "actions":
        return
    own = {
        node.name
        for file in path.parent.glob("*.py")
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and writes(node)
    }
    told = {
        alias.asname or alias.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert own <= told
