"""What a strict policy of content and a screen reader need from every template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_layers_and_names import SOURCES

FOLDER = SOURCES / "web" / "templates"
STATIC = SOURCES / "web" / "static"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
OUTSIDE = re.compile(r"""(?:src|href|action)=["']https?://|url\(["']?https?://|@import""")


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_nothing_is_written_inline(path: Path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=\s*[\"']", text), "a class, not a style"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "a listener in a script, not on…="
    assert "<style" not in text
    assert not re.search(r"href=[\"']javascript:", text)
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script, "scripts are files"


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_nothing_comes_from_elsewhere(path: Path):
    assert not OUTSIDE.search(path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_page_has_a_title_of_its_own(path: Path):
    text = path.read_text()
    base = re.search(r"{% extends [\"']([^\"']+)", text)
    if (
        not base
        or named(path).startswith(("base", "cotton/", "allauth/"))
        or path.stem.startswith("base")
    ):
        return
    seen = text
    while base and not re.search(r"{% block (head_)?title %}", seen):
        if base[1].startswith(("base", "allauth/layouts")):
            pytest.fail("write {% block title %}")
        parent = FOLDER / base[1]
        if not parent.exists():
            return  # the template of a package
        seen = parent.read_text()
        base = re.search(r"{% extends [\"']([^\"']+)", seen)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_form_that_writes_carries_its_token(path: Path):
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), flags=re.S):
        if re.search(r"method=[\"']post", form, flags=re.I):
            assert "csrf_token" in form


def test_styles_and_scripts_are_local():
    files = [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]
    assert files
    for file in files:
        assert not OUTSIDE.search(file.read_text()), file.name
        assert "sourceMappingURL=http" not in file.read_text()
