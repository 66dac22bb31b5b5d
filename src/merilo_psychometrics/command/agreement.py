"""How raters agree, for `raters`: the kappa family, intraclass correlations, pairs of raters.

By criterion: marks of unlike criteria in one table would agree just because criteria differ. Where
there are several, the sum over the criteria of a work is looked at as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from .outcome import columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from merilo_psychometrics.raters import Agreement, Ratings
    from merilo_psychometrics.raters.agreement import Scale, Weights

    Table = NDArray[np.float64]

Rows = list[dict[str, Any]]
SHOWN = 20
# An intraclass correlation of each kind, in words.
KINDS = {
    "ICC(1,1)": ("одна оценка, эксперты у каждой работы свои", "one mark, own raters a work"),
    "ICC(2,1)": ("одна оценка, строгость — ошибка", "one mark, severity is error"),
    "ICC(3,1)": ("одна оценка, строгость не в счёт", "one mark, severity left out"),
    "ICC(1,k)": ("среднее, эксперты у каждой работы свои", "mean, own raters a work"),
    "ICC(2,k)": ("среднее, строгость — ошибка", "mean, severity is error"),
    "ICC(3,k)": ("среднее, строгость не в счёт", "mean, severity left out"),
}
NAMES = {
    "fleiss": ("каппа Флейса", "Fleiss' kappa"),
    "gwet": ("AC Гвета", "Gwet's AC"),
    "krippendorff": ("альфа Криппендорфа", "Krippendorff's alpha"),
}
WEIGHTS = {
    "none": ("только совпадения", "exact agreement"),
    "nominal": ("только совпадения", "exact agreement"),
    "linear": ("веса линейные", "linear weights"),
    "quadratic": ("веса квадратичные", "quadratic weights"),
    "ordinal": ("порядковая шкала", "ordinal scale"),
    "interval": ("интервальная шкала", "interval scale"),
}


def coefficients(ratings: Ratings) -> Rows:
    """Fleiss' kappa, Gwet's AC1 and AC2 and Krippendorff's alpha, a row a criterion and weights."""
    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.raters import fleiss_kappa, gwet_ac, krippendorff_alpha

    kinds: tuple[Weights, ...] = ("none", "linear", "quadratic")
    scales: tuple[Scale, ...] = ("nominal", "ordinal", "interval")
    asked: list[tuple[str, str, Callable[[Table], Agreement]]] = [
        *(("fleiss", kind, partial(fleiss_kappa, weights=kind)) for kind in kinds),
        *(("gwet", kind, partial(gwet_ac, weights=kind)) for kind in kinds),
        *(("krippendorff", scale, partial(krippendorff_alpha, scale=scale)) for scale in scales),
    ]
    rows = []
    for item, table in _tables(ratings):
        for name, weights, verb in asked:
            try:
                found = verb(table)
            except MeasurementError:
                continue  # all marks are equal, or nobody is marked twice: there is no coefficient
            rows.append(
                {"item": item, "coefficient": name, "weights": weights, "value": found.value,
                 "se": found.se, "lower": found.lower, "upper": found.upper,
                 "observed": found.observed, "expected": found.expected, "works": found.works}
            )  # fmt: skip
    return rows


def pairs(ratings: Ratings) -> Rows:
    """Every two raters: shares of equal and near marks, Cohen's kappa plain and weighted."""
    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.raters import cohen_kappa, exact_adjacent

    rows: Rows = []
    for item in ratings.items:
        table = ratings.by_rater(item.id)
        try:
            found = exact_adjacent(ratings, item=item.id)[1:]
        except MeasurementError:
            continue  # nobody is marked twice on this criterion
        for pair in found:
            one, two = pair.raters or ("", "")
            marks = table[:, ratings.raters.index(one)], table[:, ratings.raters.index(two)]
            row = {
                "item": item.id, "rater_1": one, "rater_2": two, "works": pair.works,
                "exact": pair.exact, "adjacent": pair.adjacent, "difference": pair.difference,
            }  # fmt: skip
            for name, weights in (("kappa", "none"), ("kappa_linear", "linear"),
                                  ("kappa_quadratic", "quadratic")):  # fmt: skip
                try:
                    kappa = cohen_kappa(*marks, weights=weights)  # type: ignore[arg-type]
                    row |= {name: kappa.value, f"{name}_se": kappa.se}
                except MeasurementError:
                    row |= {name: None, f"{name}_se": None}
            rows.append(row)
    return rows


def correlations(ratings: Ratings) -> Rows:
    """Intraclass correlations by criterion and of the sum, over the works that allow them.

    All six where some works are marked by every rater; where raters change from work to work only
    those that take the raters of each work for its own (Shrout & Fleiss 1979, case 1). `left_out`
    counts works with two marks or more that have another number of them: where a third rater is
    called when two differ, those are the works of disagreement.
    """
    import numpy as np

    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.raters import intraclass

    rows = []
    for item, table in (*_tables(ratings), *_sums(ratings)):
        whole = table[~np.isnan(table).any(axis=1)]
        own = len(whole) < 2
        try:
            found = intraclass(_packed(table) if own else whole)
        except MeasurementError:
            continue  # raters agree fully, or nobody is marked twice: no analysis of variance
        twice = int(((~np.isnan(table)).sum(axis=1) >= 2).sum())
        rows += [
            {"item": item, "kind": row.kind, "value": row.value, "lower": row.lower,
             "upper": row.upper, "works": found.works, "marks": found.raters,
             "left_out": twice - found.works}
            for row in found.coefficients
            if not own or row.kind.startswith("ICC(1")
        ]  # fmt: skip
    return rows


def text(t: Tongue, agreed: Rows, correlated: Rows, of_pairs: Rows) -> str:
    """Three tables in words: coefficients, intraclass correlations, pairs."""
    parts = []
    if agreed:
        head = [t("критерий", "criterion"), t("согласие сверх случайного", "beyond chance"), "",
                t("работ", "works"), t("значение", "value"), "SE",
                t("95 %", "95%")]  # fmt: skip
        parts.append(
            columns(
                head,
                [
                    [row["item"], t(*NAMES[row["coefficient"]]), t(*WEIGHTS[row["weights"]]),
                     t.count(row["works"]), t.number(row["value"], 3), t.number(row["se"], 3),
                     _interval(t, row)]
                    for row in agreed
                    if row["weights"] not in ("linear", "nominal", "interval")
                ][:SHOWN],
            )
        )  # fmt: skip
    if correlated:
        head = [t("критерий", "criterion"), t("внутриклассовая корреляция", "intraclass"), "",
                t("работ", "works"), t("оценок на работу", "marks a work"), t("значение", "value"),
                t("95 %", "95%")]  # fmt: skip
        parts.append(
            columns(
                head,
                [
                    [row["item"] or t("сумма", "sum"), row["kind"], t(*KINDS[row["kind"]]),
                     t.count(row["works"]), str(row["marks"]), t.number(row["value"], 3),
                     _interval(t, row)]
                    for row in correlated[:SHOWN]
                ],
            )
        )  # fmt: skip
        left = max(row["left_out"] for row in correlated)
        if left:
            parts.append(
                t(
                    f"В корреляции не вошли работы с другим числом оценок (до {t.count(left)}). Если "
                    "третьего эксперта зовут при расхождении двух, корреляция без этих работ завышена.",
                    f"Works with another number of marks are left out (up to {t.count(left)}). Where a "
                    "third rater is called when two differ, the correlation is too high without them.",
                )
            )
    else:
        parts.append(
            t("Внутриклассовых корреляций нет: работ с двумя оценками мало или оценки не расходятся.",
              "No intraclass correlations: few works have two marks, or the marks do not differ.")
        )  # fmt: skip
    if of_pairs:
        head = [t("критерий", "criterion"), t("эксперты", "raters"), t("работ", "works"),
                t("совпали", "equal"), t("в пределах балла", "within a point"),
                t("разность средних", "difference"), t("каппа Коэна", "Cohen's kappa"),
                t("взвешенная", "weighted")]  # fmt: skip
        parts.append(
            columns(
                head,
                [
                    [row["item"], f"{row['rater_1']} · {row['rater_2']}", t.count(row["works"]),
                     t.share(row["exact"]), t.share(row["adjacent"]), t.number(row["difference"]),
                     t.number(row["kappa"], 3), t.number(row["kappa_quadratic"], 3)]
                    for row in of_pairs[:SHOWN]
                ],
            )
        )  # fmt: skip
    if max(len(agreed), len(correlated), len(of_pairs)) > SHOWN:
        parts.append(t("… остальные строки и веса — в файлах (--out) и в --json",
                       "… the other rows and weights are in the files (--out) and in --json"))  # fmt: skip
    return "\n\n".join(parts)


def _interval(t: Tongue, row: dict[str, Any]) -> str:
    return f"{t.number(row['lower'], 3)} … {t.number(row['upper'], 3)}"


def _tables(ratings: Ratings) -> Iterator[tuple[str | None, Table]]:
    for item in ratings.items:
        yield item.id, ratings.by_rater(item.id)


def _sums(ratings: Ratings) -> Iterator[tuple[None, Table]]:
    """The sum over the criteria, [works, raters]; NaN where a rater marked not all of them."""
    import numpy as np

    if len(ratings.items) < 2:
        return
    cells = ratings.person.astype(np.int64) * len(ratings.raters) + ratings.rater
    many = len(ratings.persons) * len(ratings.raters)
    scores = ratings.score.astype(np.float64)
    sums: Table = np.bincount(cells, weights=scores, minlength=many).astype(np.float64)
    marked = np.bincount(cells, minlength=many)
    sums[marked != len(ratings.items)] = np.nan
    yield None, sums.reshape(len(ratings.persons), len(ratings.raters))


def _packed(table: Table) -> Table:
    """Works with the usual number of marks, [works, marks]; whose mark it is is forgotten."""
    import numpy as np

    marks = (~np.isnan(table)).sum(axis=1)
    if not (marks >= 2).any():
        return table[:0]
    usual = int(np.bincount(marks[marks >= 2]).argmax())
    rows = table[marks == usual]
    return np.asarray(rows[~np.isnan(rows)].reshape(len(rows), usual))
