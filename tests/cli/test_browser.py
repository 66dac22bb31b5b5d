"""Chromium for the tests of pages: found, fetched, or asked for in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from merilo.cli import browser
from merilo.cli.failure import CommandFailed


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.delenv("MERILO_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "NAMES", ())
    monkeypatch.setattr(browser, "_driver", lambda: Path("/nonexistent"))


def test_a_named_browser_that_does_not_start_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MERILO_CHROMIUM", str(script(tmp_path / "broken", "exit 1")))
    with pytest.raises(CommandFailed, match="MERILO_CHROMIUM не запускается"):
        browser.ensure_browser(tmp_path)


def test_an_unpacked_browser_is_used_again_with_its_driver(nothing_installed, tmp_path):
    run = script(tmp_path / "chromium" / "run", "echo '<html></html>'")
    node = script(tmp_path / "chromium" / "node", "echo v24")
    assert browser.ensure_browser(tmp_path) == {
        "MERILO_CHROMIUM": str(run),
        "PLAYWRIGHT_NODEJS_PATH": str(node),
    }


def test_without_apt_the_sentence_says_what_to_install(nothing_installed, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandFailed, match="нужен Chromium"):
        browser.ensure_browser(tmp_path)


def test_when_nothing_can_be_fetched_the_log_is_named(nothing_installed, monkeypatch, tmp_path):
    script(tmp_path / "bin" / "apt-get", "echo no network; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    with pytest.raises(CommandFailed, match="apt install chromium libatomic1"):
        browser.ensure_browser(tmp_path)
    assert "no network" in (tmp_path / "logs" / "chromium.log").read_text()


def test_a_wrapper_brings_its_libraries_and_fonts(tmp_path):
    library = tmp_path / "root" / "usr" / "lib" / "x86_64-linux-gnu" / "libx.so.1"
    library.parent.mkdir(parents=True)
    library.touch()
    program = script(tmp_path / "program", 'echo "$LD_LIBRARY_PATH|$FONTCONFIG_FILE|$*"')
    browser._write_wrapper(tmp_path / "run", tmp_path / "root", program, "--quiet")
    import subprocess

    done = subprocess.run([tmp_path / "run", "page"], capture_output=True, text=True, check=True)
    libraries, fonts, arguments = done.stdout.strip().split("|")
    assert libraries.split(":")[0] == str(library.parent)
    assert str(tmp_path / "root") in Path(fonts).read_text()
    assert arguments == "--quiet page"
