"""A language is a catalogue: put it there and it appears; what it lacks is Russian and said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings as plain
from django.urls import reverse
from django.utils.translation import gettext, override

from admissions.builders_admissions import an_application
from merilo.casework.models import Notice
from merilo.foundation import languages

TINY = {
    "Узнать состояние заявления": "Ариза ҳолатини билиш",
    "Здравствуйте!": "Ассалому алайкум!",
    "Переведено не всё: чего нет на вашем языке, показано по-русски.": "Ҳаммаси таржима қилинмаган.",
}


def a_catalogue(place: Path, code: str, phrases: dict[str, str]) -> None:
    folder = place / code / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog()
    for russian, own in phrases.items():
        catalogue.add(russian, own)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)


@pytest.fixture
def tiny(tmp_path, settings):
    """The region's own folder with a catalogue of three phrases."""
    a_catalogue(tmp_path, "uz", TINY)
    settings.LOCALE_PATHS = [tmp_path, *plain.LOCALE_PATHS]
    settings.LANGUAGES = languages.found_in(settings.LOCALE_PATHS)
    return tmp_path


def test_a_catalogue_in_the_folder_is_a_language_to_choose(tmp_path):
    for code in ("uz", "zh", "tg", "nonsense"):
        a_catalogue(tmp_path, code, TINY)
    found = dict(languages.found_in([tmp_path]))
    assert list(found) == ["ru", "en", "tg", "uz", "zh"], "Russian first, and no nonsense"
    assert (found["uz"], found["zh"]) == ("Oʻzbekcha", "中文")


def test_every_code_fits_into_the_columns_that_keep_it():
    from merilo.admissions.models import Application

    longest = max(len(code) for code, _name in plain.LANGUAGES)
    assert longest <= Application._meta.get_field("language").max_length


def test_the_shipped_languages_are_whole():
    assert [code for code, _name in plain.LANGUAGES] == ["ru", "en"]
    assert languages.missing_in("ru") == languages.missing_in("en") == frozenset()


def test_what_a_catalogue_lacks_is_named_and_said_in_russian(tiny):
    a_catalogue(tiny, "tg", {("%(n)s день", "%(n)s дней"): ("", "")})
    assert languages.phrases_of("tg", [str(tiny)]) == frozenset(), "a form left empty is none"
    missing = languages.missing_in("uz")
    assert "Введите код" in missing and "Здравствуйте!" not in missing
    with override("uz"):
        assert gettext("Здравствуйте!") == "Ассалому алайкум!"
        assert gettext("Введите код") == "Введите код"


@pytest.mark.django_db
def test_the_page_offers_the_language_and_says_what_is_not_translated(tiny, client):
    russian = client.get(reverse("status")).content.decode()
    assert "Oʻzbekcha" in russian and TINY["Узнать состояние заявления"] not in russian
    client.post(reverse("set_language"), {"language": "uz", "next": reverse("status")})
    page = client.get(reverse("status")).content.decode()
    assert '<html lang="uz"' in page
    assert "Ариза ҳолатини билиш" in page, "what is translated"
    assert "Получить код" in page, "the rest is Russian"
    assert "Ҳаммаси таржима қилинмаган." in page, "and the page says so"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_whole_language_needs_no_note(client, language):
    client.post(reverse("set_language"), {"language": language})
    page = client.get(reverse("status")).content.decode()
    assert "Переведено не всё" not in page and "Not everything is translated" not in page


@pytest.mark.django_db
def test_a_letter_in_a_language_with_gaps_has_its_russian_below(tiny, region):
    an_application(region, language="uz")
    body = Notice.objects.get().body
    told, divider, russian = body.partition("———")
    assert "Ассалому алайкум!" in told
    assert divider and "Здравствуйте!" in russian
