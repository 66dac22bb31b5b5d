"""Spark for the tests on a cluster: fetched where there is a Java, else a sentence says why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from merilo.cli import cluster


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A clone and an environment of its own, without Spark, on a machine with nothing on the path."""
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "home" / "venv-test"))
    script(tmp_path / "clone" / "vendor" / "bootstrap" / "pip-1-none-any.whl", "")
    return tmp_path


def spark(place):
    return cluster.ensure_spark(place / "clone", place / "home")


@pytest.mark.parametrize(
    ("told", "number"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_452"', 8), ("?", None)],
)
def test_a_java_tells_its_number(bare, told, number):
    script(bare / "bin" / "java", f"echo '{told}' >&2")
    assert cluster.java_version() == number


def test_an_old_java_is_named_and_nothing_is_fetched(bare):
    script(bare / "bin" / "java", "echo 'openjdk version \"11.0.2\"' >&2")
    assert "нужна Java 17, а здесь 11" in spark(bare)
    assert not (bare / "home" / "logs").exists()


def test_without_java_the_tests_on_a_cluster_are_skipped(bare, monkeypatch):
    monkeypatch.setenv("PATH", str(bare / "bin"))
    assert spark(bare).endswith("нужна Java 17, а её нет")


def test_spark_is_installed_by_its_hashes_and_by_pip_when_uv_fails(bare, monkeypatch):
    script(bare / "bin" / "java", "echo 'openjdk version \"21\"' >&2")
    said = bare / "said"
    script(bare / "bin" / "uv", f'echo "uv $*" >> {said}; exit 1')
    monkeypatch.setattr(
        sys, "executable", str(script(bare / "python", f'echo "pip $*" >> {said}'))
    )
    assert spark(bare) == "Spark для проверок на кластере установлен"
    first, second = said.read_text().splitlines()
    assert first.startswith("uv pip install")
    assert second.startswith("pip ")
    for line in (first, second):
        assert line.endswith("--require-hashes -r requirements/cluster.txt")


def test_an_environment_that_is_not_ours_is_left_as_it_is(bare, monkeypatch):
    script(bare / "bin" / "java", "echo 'openjdk version \"17.0.1\"' >&2")
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert "uv pip install -r requirements/cluster.txt" in spark(bare)


def test_when_nothing_can_be_fetched_the_log_is_named(bare, monkeypatch):
    script(bare / "bin" / "java", "echo 'openjdk version \"17.0.1\"' >&2")
    script(bare / "bin" / "uv", "echo no network; exit 1")
    monkeypatch.setattr(sys, "executable", str(script(bare / "python", "exit 1")))
    log = bare / "home" / "logs" / "spark.log"
    assert str(log) in spark(bare)
    assert "no network" in log.read_text()
