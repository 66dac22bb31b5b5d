"""Intraclass correlations of marks.

Shrout & Fleiss (1979), with the intervals of McGraw & Wong (1996) Table 7. Table: [works, raters],
complete. ICC(1, ·): every work has its own raters; (2, ·): raters are a sample, their severity
counts as error; (3, ·): these raters only, their severity does not count. (·, 1): one mark; (·, k):
the mean of k marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as fisher

from merilo_psychometrics.errors import BadData, NotIdentified, TooFewPersons
from merilo_psychometrics.provenance import Provenance, digest

Array = NDArray[np.float64]
Kind = Literal["ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"]
KINDS: tuple[Kind, ...] = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


@dataclass(frozen=True)
class Intraclass:
    """One coefficient: value, F test of "no differences between works", and the interval."""

    kind: Kind
    value: float
    lower: float
    upper: float
    f: float
    df_works: int
    df_error: int
    p: float


@dataclass(frozen=True)
class IntraclassTable:
    """All six, with the mean squares of the analysis of variance behind them."""

    coefficients: tuple[Intraclass, ...]
    works: int
    raters: int
    between_works: float
    within_works: float
    between_raters: float
    residual: float
    provenance: Provenance

    def of(self, kind: Kind) -> Intraclass:
        """One coefficient by name."""
        return self.coefficients[KINDS.index(kind)]


def intraclass(table: ArrayLike, *, level: float = 0.95) -> IntraclassTable:
    """All six intraclass correlations of a complete table [works, raters].

    Raises `BadData` for missing marks, `TooFewPersons`, `NotIdentified` when all marks are equal.
    Shrout & Fleiss (1979), Psychol. Bull. 86, 420–428; intervals: McGraw & Wong (1996) Table 7.
    With mean squares R of works, C of raters, E: ICC(1,1) = (R − W)/(R + (k − 1)W), W within
    works; ICC(2,1) = (R − E)/(R + (k − 1)E + k(C − E)/n); ICC(3,1) = (R − E)/(R + (k − 1)E).
    """
    marks = np.asarray(table, dtype=np.float64)
    if marks.ndim != 2 or np.isnan(marks).any():
        raise BadData(
            "Для внутриклассовой корреляции каждую работу должны оценить все эксперты. Выберите "
            "такие работы или возьмите альфу Криппендорфа.",
            "ICC needs every work marked by every rater; choose such works or use "
            "krippendorff_alpha.",
        )
    works, raters = marks.shape
    if works < 2 or raters < 2:
        raise TooFewPersons(
            f"Нужны хотя бы две работы и два эксперта, есть {works} и {raters}.",
            f"Two works and two raters are needed, got {works} and {raters}.",
        )
    grand = marks.mean()
    of_work, of_rater = marks.mean(axis=1), marks.mean(axis=0)
    rows = raters * float(((of_work - grand) ** 2).sum())
    columns = works * float(((of_rater - grand) ** 2).sum())
    whole = float(((marks - grand) ** 2).sum())
    n, k = works, raters
    bms, wms = rows / (n - 1), (whole - rows) / (n * (k - 1))
    jms, ems = columns / (k - 1), max(whole - rows - columns, 0.0) / ((n - 1) * (k - 1))
    if whole == 0 or wms == 0 or ems == 0:
        raise NotIdentified(
            "Эксперты во всём согласны или отличаются на постоянную: F-интервалов нет. Сообщайте "
            "долю совпадений.",
            "The raters agree fully or differ by a constant; no F intervals exist.",
        )
    a = (1 - level) / 2
    df_works, df_within, df_residual = n - 1, n * (k - 1), (n - 1) * (k - 1)
    found: list[Intraclass] = []
    one = (bms - wms) / (bms + (k - 1) * wms)
    two = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n)
    three = (bms - ems) / (bms + (k - 1) * ems)

    f_one, f_three = bms / wms, bms / ems
    low_one = f_one / fisher.ppf(1 - a, df_works, df_within)
    high_one = f_one * fisher.ppf(1 - a, df_within, df_works)
    low_three = f_three / fisher.ppf(1 - a, df_works, df_residual)
    high_three = f_three * fisher.ppf(1 - a, df_residual, df_works)

    def single(ratio: float) -> float:
        return float((ratio - 1) / (ratio + k - 1))

    def mean(ratio: float) -> float:
        return 1 - 1 / ratio

    # Satterthwaite's degrees of freedom (Shrout & Fleiss 1979 p. 424).
    f_raters = jms / ems
    top = df_residual * (k * two * f_raters + n * (1 + (k - 1) * two) - k * two) ** 2
    bottom = (n - 1) * k**2 * two**2 * f_raters**2 + (n * (1 + (k - 1) * two) - k * two) ** 2
    v = top / bottom
    f_high, f_low = fisher.ppf(1 - a, df_works, v), fisher.ppf(1 - a, v, df_works)
    rest = k * jms + (k * n - k - n) * ems
    low_two = n * (bms - f_high * ems) / (f_high * rest + n * bms)
    high_two = n * (f_low * bms - ems) / (rest + n * f_low * bms)

    def of_mean(value: float) -> float:
        """Spearman–Brown."""
        return float(k * value / (1 + (k - 1) * value))

    table_rows: tuple[tuple[Kind, float, float, float, float, int], ...] = (
        ("ICC(1,1)", one, single(low_one), single(high_one), f_one, df_within),
        ("ICC(2,1)", two, low_two, high_two, f_three, df_residual),
        ("ICC(3,1)", three, single(low_three), single(high_three), f_three, df_residual),
        ("ICC(1,k)", mean(f_one), mean(low_one), mean(high_one), f_one, df_within),
        (
            "ICC(2,k)",
            (bms - ems) / (bms + (jms - ems) / n),
            of_mean(low_two),
            of_mean(high_two),
            f_three,
            df_residual,
        ),
        ("ICC(3,k)", mean(f_three), mean(low_three), mean(high_three), f_three, df_residual),
    )
    for kind, value, lower, upper, ratio, df in table_rows:
        p = float(fisher.sf(ratio, df_works, df))
        found.append(
            Intraclass(
                kind, float(value), float(lower), float(upper), float(ratio), df_works, df, p
            )
        )
    return IntraclassTable(
        tuple(found), n, k, bms, wms, jms, ems,
        Provenance("intraclass", digest([marks]), {"level": level}),
    )  # fmt: skip
