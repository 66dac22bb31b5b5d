"""docs/security-properties.md names real tests only, and each line has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "security-properties.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| Must never")
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_each_promise_is_proved_by_a_test_that_exists(line: list[str]):
    _promise, _where, proved_by = line
    named = re.findall(r"`(tests/[^`]+)`", proved_by)
    assert named, "no test proves it"
    for one in named:
        path, _, test = one.partition("::")
        assert (ROOT / path).exists(), path
        if test:
            tree = ast.parse((ROOT / path).read_text())
            names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert test in names, one
