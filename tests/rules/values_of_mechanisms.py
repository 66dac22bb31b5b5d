"""Values of parameters as a region might set them, for rules that take one value."""

from __future__ import annotations

from datetime import date

from merilo import law
from merilo.law import Certainty, Source, Value


def value(name, content) -> Value:
    meaning = law.definition(name)
    return Value(
        name,
        content,
        meaning.unit,
        date(2025, 4, 1),
        None,
        Source(law.acts()["product"], "настройка из примера"),
        Certainty.D,
        meaning.reading,
        "primorye-2025",
    )
