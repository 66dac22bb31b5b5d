"""The library stands alone and keeps the habits of the house."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "merilo_psychometrics"
LIMIT = 400


def test_it_is_imported_without_django_and_without_merilo():
    program = (
        "import sys, merilo_psychometrics.data, merilo_psychometrics.calibration;"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'merilo', 'pandas')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True, env={"PYTHONPATH": str(SOURCES.parent)})  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_long_module_becomes_a_package():
    long = [p.name for p in SOURCES.rglob("*.py") if len(p.read_text().splitlines()) > LIMIT]
    assert not long


def test_it_asks_neither_the_clock_nor_the_global_chance():
    forbidden = ("datetime.now", "date.today", "time.time(", "np.random.seed", "np.random.rand")
    doors = {"bench", "command"}
    inner = [p for p in SOURCES.rglob("*.py") if not doors & set(p.parts)]
    assert not [p.name for p in inner if any(word in p.read_text() for word in forbidden)]
