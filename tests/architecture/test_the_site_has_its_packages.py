"""What the site itself imports is installed with the site, not only with the tests."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Parts of the measurement engine a page asks for, and everything they bring along.
ASKED = ("merilo_psychometrics.raters", "merilo_psychometrics.errors")


def test_what_the_agreement_of_experts_is_counted_by_comes_with_the_site():
    code = (
        "import sys; before = set(sys.modules); "
        f"import {', '.join(ASKED)}; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    known = packages_distributions()
    needed = {
        name.lower().replace("_", "-")
        for module in said.stdout.split()
        for name in known.get(module, ())
        if not module.startswith(("_", "merilo"))
    }
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/run.txt").read_text(), re.M))
    assert {"numpy", "scipy", "numba"} <= needed
    assert needed - {"setuptools", "pip"} <= pinned
