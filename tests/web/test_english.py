"""The interface is whole in English: no sentence of the rules or pages is left in Russian."""

import gettext
import re
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import merilo
from merilo.law.refusal import Reason

HOME = Path(merilo.__file__).parent
CATALOGUE = HOME / "locale" / "en" / "LC_MESSAGES"
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
PLACES = re.compile(r"%\(\w+\)[sd]")
RULES = (
    "admissions",
    "booking",
    "materials",
    "testday",
    "grading",
    "results",
    "appeals",
    "records",
    "mechanisms",
)


@pytest.fixture(scope="module")
def english():
    with (CATALOGUE / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@pytest.fixture(scope="module")
def catalogue():
    with (CATALOGUE / "django.po").open("rb") as file:
        return read_po(file)


def test_every_reason_has_its_english_sentence(english):
    import_module("merilo.urls")  # the API and the pages have reasons of their own
    for context in RULES:
        import_module(f"merilo.{context}.rules")
    russian = [
        reason.code
        for reason in Reason.registry.values()
        if RUSSIAN.search(english.gettext(reason.text))
    ]
    assert russian == []


MARKS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "lazy", "N_", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "nlazy", "ngettext_lazy"), (1, 2)),
}


@pytest.mark.parametrize("room", sorted(path.name for path in HOME.iterdir() if path.is_dir()))
def test_every_phrase_marked_in_the_code_is_in_the_catalogue(room, catalogue):
    translated = {
        phrase
        for message in catalogue
        for phrase in (message.id if isinstance(message.id, tuple) else (message.id,))
        if all(message.string if isinstance(message.string, tuple) else (message.string,))
    }
    missing = []
    for path in sorted((HOME / room).rglob("*.py")):
        with path.open("rb") as source:
            for _line, found, _comments, _context in extract("python", source, MARKS):
                phrase = found[0] if isinstance(found, tuple) else found
                if phrase and RUSSIAN.search(phrase) and phrase not in translated:
                    missing.append(f"{path.name}: {phrase}")
    assert missing == []


@pytest.mark.parametrize(
    "template",
    sorted((HOME / "web" / "templates").rglob("*.html")),
    ids=lambda path: str(path.relative_to(HOME / "web" / "templates")),
)
def test_every_phrase_of_a_page_is_in_the_catalogue(template, english):
    phrases = re.findall(
        r"""\{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""", template.read_text(encoding="utf-8")
    )
    missing = [
        phrase
        for pair in phrases
        for phrase in pair
        if phrase and RUSSIAN.search(phrase) and english.gettext(phrase) == phrase
    ]
    assert missing == []


def test_translations_keep_the_places_for_facts(catalogue):
    wrong = []
    for message in catalogue:
        if not message.id or not message.string:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {place for one in ids for place in PLACES.findall(one)}
        if any(set(PLACES.findall(string)) - wanted for string in strings):
            wrong.append(ids[0])
    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_text(catalogue):
    def plain(value):
        return tuple(value) if isinstance(value, list | tuple) else value

    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = {plain(m.id): plain(m.string) for m in read_mo(file) if m.id}
    written = {plain(m.id): plain(m.string) for m in catalogue if m.id and any(m.string)}
    assert compiled == written
