"""Files that pages hand over: named as they are, in any letters, and never a header of their own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import merilo.web
from merilo.web.papers import as_download, as_paper

# `files.py` streams what is stored, with ranges and a policy of its own.
HANDS_OVER = {"papers.py", "files.py"}


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan.pdf", 'inline; filename="plan.pdf"'),
        ('a"b.pdf', 'inline; filename="a\\"b.pdf"'),
        ("Письмо 7.pdf", "inline; filename*=utf-8''%D0%9F%D0%B8%D1%81%D1%8C%D0%BC%D0%BE%207.pdf"),
    ],
)
def test_a_paper_keeps_its_name_whatever_is_written_in_it(name, header):
    assert as_paper(b"%PDF", "application/pdf", name)["Content-Disposition"] == header


def test_a_table_is_taken_away():
    answer = as_download(b"PK", "application/zip", "дни.xlsx")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_page_writes_the_name_of_a_file_into_a_header_by_hand():
    wrong = [
        f"{path.name}:{node.lineno}"
        for path in Path(merilo.web.__file__).parent.rglob("*.py")
        if path.name not in HANDS_OVER or path.parent.name != "web"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == "Content-Disposition"
    ]
    assert wrong == []
