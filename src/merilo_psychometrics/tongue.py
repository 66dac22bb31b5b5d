"""Russian first, English beside it: both said where the sentence stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Language = Literal["ru", "en"]
MINUS, NOTHING = "\u2212", "—"


@dataclass(frozen=True)
class Tongue:
    """Chooses between the two languages and writes numbers as each does."""

    language: Language = "ru"

    def __call__(self, russian: str, english: str) -> str:
        return russian if self.language == "ru" else english

    def number(self, value: float | None, digits: int = 2) -> str:
        """A number with so many digits after the sign; nothing for NaN."""
        if value is None or math.isnan(value):
            return NOTHING
        if math.isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        text = f"{value:.{digits}f}"
        if float(text) == 0:
            text = text.lstrip("-")
        text = text.replace("-", MINUS)
        return text.replace(".", ",") if self.language == "ru" else text

    def count(self, value: float) -> str:
        """A whole number with its thousands apart."""
        shown = f"{round(value):,}"
        return shown.replace(",", "\u202f") if self.language == "ru" else shown

    def share(self, value: float) -> str:
        """A share as percent."""
        return self.number(100 * value, 1) + self("\u00a0%", "%")
