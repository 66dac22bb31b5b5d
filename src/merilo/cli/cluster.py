"""Fetch Spark for the tests of the measurement engine on a cluster, where there is a Java."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_JAVA = 17
REQUIREMENTS = Path("requirements") / "cluster.txt"


def ensure_spark(root: Path, home: Path) -> str:
    """Install Spark beside the other packages of the tests; say in words how it ended.

    A machine without Java, or without a way to fetch the packages, skips those tests: nothing else
    in Merilo needs Spark.
    """
    if importlib.util.find_spec("pyspark") is not None:
        return "Spark для проверок на кластере готов"
    found = java_version()
    if found is None or found < OLDEST_JAVA:
        here = "её нет" if found is None else f"здесь {found}"
        return f"Проверки на кластере пропущены: Spark нужна Java {OLDEST_JAVA}, а {here}"
    if not Path(sys.prefix).resolve().is_relative_to(home.resolve()):
        # An environment that ./merilo did not make is somebody's own.
        return (
            "Проверки на кластере пропущены: в этом окружении нет Spark "
            f"(uv pip install -r {REQUIREMENTS})"
        )
    log = home / "logs" / "spark.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if not any(_done(command, root, log) for command in installers(root, home)):
        return f"Проверки на кластере пропущены: Spark не установился, журнал: {log}"
    return "Spark для проверок на кластере установлен"


def _done(command: list[str], root: Path, log: Path) -> bool:
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(command)}\n".encode())
        output.flush()
        try:
            done = subprocess.run(command, stdout=output, stderr=output, cwd=root, check=False)
        except OSError as problem:
            output.write(f"{problem}\n".encode())
            return False
    return done.returncode == 0


def java_version() -> int | None:
    """The number of the Java that would be started, or None without one."""
    inside = Path(os.environ.get("JAVA_HOME", "/nonexistent")) / "bin" / "java"
    java = str(inside) if inside.exists() else shutil.which("java")
    if java is None:
        return None
    try:
        told = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # «version "17.0.15"», before Java 9 «version "1.8.0_452"».
    number = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(number.group(1)) if number else None


def installers(root: Path, home: Path) -> list[list[str]]:
    """List the ways to install, best first: a uv of this machine, then the pip of the clone."""
    what = ["--require-hashes", "-r", str(REQUIREMENTS)]
    found = [shutil.which("uv"), str(home / "tools" / "bin" / "uv")]
    ways = [[uv, "pip", "install", "--python", sys.executable, *what]
            for uv in found if uv and Path(uv).exists()]  # fmt: skip
    wheels = sorted((root / "vendor" / "bootstrap").glob("pip-*.whl"))
    pip = [sys.executable, str(wheels[-1] / "pip"), "--python", sys.executable, "install"]
    return [*ways, [*pip, *what]]
