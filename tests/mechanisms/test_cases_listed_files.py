"""R2: which files of a page are followed, and which one a row of the form names."""

from __future__ import annotations

import pytest

from merilo.mechanisms.rules.listed import Listed, named_in, same_site, to_follow

SITE = "https://uo.example"


def files(*names: str) -> list[Listed]:
    return [Listed(f"{SITE}/{number}.pdf", name) for number, name in enumerate(names)]


@pytest.mark.parametrize(
    ("name", "listed", "place"),
    [
        ("Приказ № 5", ["Приказ № 5", "Приказ № 6"], 0),
        ("приказ  от 1.03.2026 №5", ["План", "Приказ от 1.03.2026 № 5 (скачать, PDF, 1,2 МБ)"], 1),
        ("Приказ о мониторинге", ["Приказ", "План"], 0),
        ("Отчёт", ["Отчет о мерах", "План"], 0),
        ("Приказ", ["Приказ", "Приказ № 6"], 0),
        ("Приказ", ["Приказ № 5", "Приказ № 6"], None),
        ("Справка", ["Приказ № 5"], None),
        ("Скачать", ["Скачать", "Приказ"], None),
        ("", ["Приказ"], None),
    ],
)
def test_a_file_is_named_by_the_words_of_its_link(name: str, listed: list[str], place: int | None):
    assert named_in(files(*listed), name) == place


def test_a_link_that_only_says_download_is_called_by_its_file():
    listed = [
        Listed(f"{SITE}/%D0%9F%D0%BB%D0%B0%D0%BD_%D0%BC%D0%B5%D1%80.pdf", "Скачать"),
        Listed(f"{SITE}/download.pdf", "PDF, 300 Кб"),
    ]
    assert named_in(listed, "План мер") == 0


@pytest.mark.parametrize(
    ("file", "same"),
    [
        ("https://uo.example/a.pdf", True),
        ("http://www.uo.example:8080/a.pdf", True),
        ("https://cloud.uo.example/a.pdf", False),
        ("https://other.example/a.pdf", False),
        ("ftp://uo.example/a.pdf", False),
    ],
)
def test_only_files_of_the_same_site_are_followed(file: str, same: bool):
    assert same_site(f"{SITE}/docs", file) is same


def test_the_named_file_goes_first_and_none_twice():
    listed = [
        *files("План", "Приказ № 5"),
        Listed(f"{SITE}/0.pdf#p", "План ещё раз"),
        Listed("https://other.example/a.pdf", "Чужой"),
    ]
    found = to_follow(f"{SITE}/docs", listed, ["Приказ № 5", "Справка"])
    assert [one.words for one in found] == ["Приказ № 5", "План"]
