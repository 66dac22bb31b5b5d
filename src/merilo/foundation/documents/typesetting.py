"""Typst, started once per template and process: data in as JSON, a tagged PDF out."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FONTS = HERE / "fonts"

# Accessible (PDF/UA-1) and fit for an archive (PDF/A-2a): both are checked on every document.
STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]


@cache
def _fonts() -> typst.Fonts:
    # System fonts are left out on purpose: the same data gives the same page on every machine.
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


@cache
def _compiler(template: str) -> tuple[typst.Compiler, Lock]:
    """The compiler keeps the parsed template; it is not for two threads at once."""
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=_fonts()
    )
    return compiler, Lock()


def typeset(template: str, data: Mapping[str, object]) -> bytes:
    """Render `templates/<template>.typ`; raises `typst.TypstError` for a broken template.

    Values reach the template as strings and are never read as markup.
    """
    compiler, lock = _compiler(template)
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with lock:
        pdf = compiler.compile(sys_inputs=inputs, pdf_standards=[*STANDARDS])
    assert isinstance(pdf, bytes)
    return pdf
