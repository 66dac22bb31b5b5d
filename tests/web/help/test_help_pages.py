"""«Как работать»: every role has its page in both languages, with the same steps in each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

import merilo
from merilo.registry.access import Role
from merilo.web.help.help import PAGES

HELP = Path(merilo.__file__).parent / "web" / "templates" / "help"
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


def structure(text: str) -> list[str]:
    """The skeleton of a page: its headings, lists, steps, links and commands in order."""
    tags = re.findall(r"<(?:h2|ol|ul|li|p|code|a href=\"[^\"]*\")", text)
    return [tag for tag in tags if tag]


def test_every_role_has_a_page():
    assert {str(role) for role in Role if role != Role.SYSTEM} | {"parent"} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_there_in_both_languages_with_the_same_sections(name):
    russian = (HELP / "ru" / f"{name}.html").read_text(encoding="utf-8")
    english = (HELP / "en" / f"{name}.html").read_text(encoding="utf-8")
    assert structure(russian) == structure(english)
    assert structure(russian).count("<li") >= 3
    assert not RUSSIAN.search(english)
    with override("en"):
        assert not RUSSIAN.search(str(PAGES[name]))


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_read_in_the_language_of_the_interface(client, name):
    for language in ("ru", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get(reverse("help-page", args=[name])).content.decode()
        main = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
        assert bool(RUSSIAN.search(main)) == (language == "ru"), main


def test_no_page_is_of_no_role():
    for language in ("ru", "en"):
        assert {path.stem for path in (HELP / language).glob("*.html")} == set(PAGES)
