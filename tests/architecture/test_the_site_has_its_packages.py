"""What the site itself imports is installed with the site, not only with the tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def asked_by(file: Path) -> set[str]:
    """The packages a module imports as soon as it is imported itself."""
    found = set()
    for line in ast.parse(file.read_text()).body:
        if isinstance(line, ast.Import):
            found |= {one.name.partition(".")[0] for one in line.names}
        elif isinstance(line, ast.ImportFrom) and not line.level and line.module:
            found.add(line.module.partition(".")[0])
    return found


def test_what_the_agreement_of_experts_is_counted_by_comes_with_the_site():
    code = (
        "import sys, merilo_psychometrics.raters, merilo_psychometrics.errors;"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('merilo_psych')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    asked = {name for file in said.stdout.split() for name in asked_by(Path(file))}
    known = packages_distributions()
    needed = {name.lower() for module in asked for name in known.get(module, ())} - {"merilo"}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/run.txt").read_text(), re.M))
    assert {"numpy", "scipy", "numba", "threadpoolctl"} <= needed
    assert needed <= pinned
