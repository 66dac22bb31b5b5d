"""The noun of forensics: evidence, never a verdict.

An indicator compares what was seen with what chance alone gives under a stated null. It returns
the statistic, the null, the probability p, q (p after the correction for all tests made together),
the size of the effect, what it rests on, and a sentence of what this means and what it does not.
What happened is found out by people who look at the works; a program cannot know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from merilo_psychometrics.multiplicity import adjusted
from merilo_psychometrics.provenance import Provenance

Array = NDArray[np.float64]
Language = Literal["ru", "en"]
# Why works that are judged have no weights, in both languages (`weights`).
WEIGHTS = (
    "Сведения собирают о работах, которые есть, а вес выборки говорит о тех, которых нет: здесь он "
    "не имеет смысла.",
    "Evidence is about works that are there; a weight of a survey speaks of those that are not.",
)
# A sentence in both languages.
Said = Mapping[Language, str]


@dataclass(frozen=True)
class Meaning:
    """How an indicator is read.

    `family` groups indicators that see the same thing (level, boundary, pattern, similarity,
    variation, history): two of one family are one piece of evidence, two of two families are two.
    `null` is what was supposed for the probability, `says` what a small q means, `not_says` what
    it does not. `unit` is what the number of units counts.
    """

    code: str
    family: Literal["level", "boundary", "pattern", "similarity", "variation", "history"]
    title: Said
    null: Said
    effect: Said
    says: Said
    not_says: Said


@dataclass(frozen=True, eq=False)
class Evidence:
    """One indicator for many units: works, pairs of works, or groups.

    `units` [n] names them, for pairs [n, 2]; `within` [n] is the booklet or group each belongs to.
    `statistic`, `p`, `effect` [n]; NaN where the unit holds no information (a perfect work, say).
    `size` [n] is what it rests on: items for works and pairs, works for groups. `low` and `high`
    bound the effect at the 95 % level where an interval exists. `labels` are classes a published
    rule gives to the values.
    """

    meaning: Meaning
    units: NDArray[Any]
    within: NDArray[Any]
    statistic: Array
    p: Array
    effect: Array
    size: NDArray[np.int64]
    provenance: Provenance
    low: Array | None = None
    high: Array | None = None
    labels: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def q(self) -> Array:
        """p adjusted for all units tested together (Benjamini & Hochberg), [n].

        J. R. Stat. Soc. B 57 (1995), 289–300.
        """
        return adjusted(self.p)

    def beyond(self, rate: float = 0.05) -> NDArray[np.int64]:
        """Units whose q is at most `rate`, the smallest first: where to look, no more than that."""
        order = np.argsort(self.q, kind="stable")
        return order[: int(np.sum(self.q <= rate))].astype(np.int64)

    def sentence(self, row: int, language: Language = "ru") -> str:
        """Say what the indicator found in one unit, and what this does and does not mean."""
        says, number = self.meaning, _number(language)
        unit = " · ".join(str(name) for name in np.atleast_1d(self.units[row]))
        if not np.isfinite(self.p[row]):
            none = {"ru": "сведений для вывода нет.", "en": "there is nothing to tell from."}
            return f"{says.title[language]} — {unit}: {none[language]}"
        size = {"ru": "Объём", "en": "Size"}[language]
        null = {"ru": "Если", "en": "If"}[language]
        then = {
            "ru": "такое или более сильное отклонение случайно встречается с вероятностью",
            "en": "a deviation like this or stronger comes by chance with probability",
        }[language]
        among = {"ru": "с поправкой на все проверки", "en": "adjusted for all tests"}[language]
        return (
            f"{says.title[language]} — {unit}: {number(self.statistic[row])}; "
            f"{says.effect[language]}: {number(self.effect[row])}. {size}: {self.size[row]}. "
            f"{null} {says.null[language]}, {then} {number(self.p[row])} "
            f"({among} — {number(self.q[row])}). {says.says[language]} {says.not_says[language]}"
        )


def _number(language: Language) -> Any:
    def said(value: float) -> str:
        text = f"{value:.3g}"
        return text.replace(".", ",") if language == "ru" else text

    return said
