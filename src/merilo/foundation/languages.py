"""Which languages people may choose: Russian, and every one that has a catalogue.

A language is a folder `locale/<code>/LC_MESSAGES` with `django.mo`, here or in the region's own
folder (MERILO_LOCALE_DIR). What a catalogue lacks is shown in Russian, and the page says so.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import to_language, to_locale

HOME = "ru"
WHOLE = "en"  # the catalogue that a test keeps whole: the others are measured by it
CODE = re.compile(r"[a-z]{2}(-[a-z]{2})?")  # the columns of the tables take five letters
OWN_NAMES = {"zh": "中文", "tg": "Тоҷикӣ", "ky": "Кыргызча", "uz": "Oʻzbekcha"}


def found_in(places: Sequence[Path]) -> list[tuple[str, str]]:
    """(code, its own name) for settings.LANGUAGES, Russian first."""
    codes = {
        to_language(catalogue.parent.parent.name)
        for place in places
        for catalogue in place.glob("*/LC_MESSAGES/django.mo")
    }
    others = sorted(code for code in codes - {HOME, WHOLE} if CODE.fullmatch(code))
    return [(code, own_name(code)) for code in (HOME, WHOLE, *others)]


def own_name(code: str) -> str:
    """What its speakers call it: «Русский», «English»."""
    known = OWN_NAMES.get(code) or LANG_INFO.get(code, {}).get("name_local", code)
    return known[:1].upper() + known[1:]


def missing_in(language: str) -> frozenset[str]:
    """The phrases that a reader of this language meets in Russian."""
    if language == HOME:
        return frozenset()
    return _missing(language, tuple(str(place) for place in settings.LOCALE_PATHS))


@cache
def _missing(language: str, places: tuple[str, ...]) -> frozenset[str]:
    return phrases_of(WHOLE, places) - phrases_of(language, places)


def phrases_of(language: str, places: Sequence[str]) -> frozenset[str]:
    """The Russian phrases that have a translation in the catalogues of the language."""
    inside = Path(to_locale(language)) / "LC_MESSAGES" / "django.mo"
    found = (Path(place) / inside for place in places)
    return frozenset(phrase for path in found if path.exists() for phrase in _read(path))


def _read(path: Path) -> Iterator[str]:
    """The msgids that are translated in a compiled catalogue of GNU gettext, little-endian here."""
    data = path.read_bytes()
    _magic, _version, count, ids, translations = struct.unpack_from("<5I", data)

    def text(table: int, number: int) -> str:
        length, offset = struct.unpack_from("<2I", data, table + 8 * number)
        return data[offset : offset + length].decode()

    for number in range(count):
        forms = text(ids, number).split("\0")
        told = {form for form in text(translations, number).split("\0") if form}
        # Forms of number that nobody has filled in are compiled to nothing, or to the Russian ones.
        filled = told - set(forms) if len(forms) > 1 else told
        if forms[0] and filled:  # the empty phrase is the head
            yield forms[0]
