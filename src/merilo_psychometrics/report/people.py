"""The second half of the report: precision, scores, fit, groups, where it all comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from merilo_psychometrics import curves
from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.forensics import overdispersion

from .drawing import Chart
from .facts import Ladder, ObservedCurve
from .page import Page

TABLES_SHOWN = 12
# Standard errors: where to look, and where to look twice.
ALARM, ALERT = 3.0, 1.96


def information(page: Page, found: Calibration, ladders: Sequence[Ladder]) -> None:
    """Where on the scale the test measures well."""
    t = page.tongue
    page.section("information", t("Точность", "Precision"))
    page.say(
        t(
            "Информация — сколько тест говорит об участнике данной способности; чем её больше, тем "
            "меньше ошибка. Ошибка 0,5 логита значит: истинная способность с вероятностью 95 % — "
            "в пределах одного логита от оценки.",
            "Information is how much the test tells about a person of an ability; the more, the "
            "smaller the error. An error of 0.5 logits means that the true ability is within one "
            "logit of the estimate with probability 95%.",
        )
    )
    grid = np.linspace(-4, 4, 81)
    shown = list(ladders)[:TABLES_SHOWN]
    known = [curves.test_information(step.parameters, grid) for step in shown]
    for what, values, kind in (
        (t("информация", "information"), known, "line"),
        (t("ошибка, логиты", "error, logits"), [1 / np.sqrt(v) for v in known], "second"),
    ):
        top = min(max(float(v.max()) for v in values), 3.0 if kind == "second" else 1e9)
        chart = Chart(t, x=(-4, 4), y=(0, top), height=260)
        chart.axes(t("способность, логиты", "ability, logits"), what)
        for n, v in enumerate(values):
            inside = np.where(v <= top, v, np.nan)
            chart.line(grid, inside, kind)
            _name_line(chart, grid, inside, shown, n)
        page.picture(chart.svg(what), _lines(page, what, shown))
    head = [t("Способность", "Ability")]
    for step in shown[:4]:
        name = "" if len(shown) == 1 else f" ({step.booklet})"
        head += [t("Информация", "Information") + name, t("Ошибка", "Error") + name]
    rows = []
    for theta in np.arange(-3, 3.5, 0.5):
        row = [t.number(theta, 1)]
        for step in shown[:4]:
            value = float(curves.test_information(step.parameters, theta)[0])
            row += [t.number(value), t.number(1 / np.sqrt(value))]
        rows.append(row)
    page.table(head, rows, caption=t("Информация и ошибка", "Information and error"))
    page.table(
        [t("Вариант", "Booklet"), t("Надёжность оценок", "Reliability of the estimates")],
        [[step.booklet, t.number(step.reliability)] for step in ladders],
        caption=t(
            "Какая доля разброса оценок — не ошибка", "Share of the spread that is no error"
        ),
        folded=len(ladders) > 12,
    )


def scores(page: Page, found: Calibration, ladders: Sequence[Ladder]) -> None:
    """From a total score to ability, booklet by booklet."""
    t = page.tongue
    page.section("scores", t("От балла к способности", "From score to ability"))
    equal = np.ptp(found.parameters.slope) == 0 and not found.parameters.guessing.any()
    page.say(
        t(
            "Взвешенная оценка правдоподобия (WLE, Варм 1989): она есть и у нулевого, и у полного "
            "балла. Шаг между соседними баллами неодинаков: у краёв он больше.",
            "Weighted likelihood estimates (WLE, Warm 1989), which exist for zero and full scores "
            "too. The step between neighbouring scores is not even: it is larger at the ends.",
        )
        if equal
        else t(
            "Задания весят неодинаково, и сумма баллов говорит не всё: здесь средняя способность "
            "(EAP) тех, кто набрал такую сумму. Оценку по всем ответам даёт merilo measure score.",
            "The items weigh differently and the total does not tell everything: this is the mean "
            "ability (EAP) of those with this total. merilo measure score uses every answer.",
        ),
    )
    shown = list(ladders)[:TABLES_SHOWN]
    chart = Chart(
        t, x=(0, max(len(s.ability) - 1 for s in shown)),
        y=(min(np.nanmin(s.ability) for s in shown), max(np.nanmax(s.ability) for s in shown)),
        height=300,
    )  # fmt: skip
    chart.axes(t("балл", "score"), t("способность, логиты", "ability, logits"))
    for n, step in enumerate(shown):
        chart.line(np.arange(len(step.ability)), step.ability)
        _name_line(chart, np.arange(len(step.ability)), step.ability, shown, n)
    page.picture(chart.svg(t("Балл и способность", "Score and ability")),
                 _lines(page, t("способность", "ability"), shown))  # fmt: skip
    for n, step in enumerate(shown):
        page.table(
            [t("Балл", "Score"), t("Работ", "Works"), t("Способность", "Ability"),
             t("Ошибка", "Error")],
            [
                [str(s), t.count(step.works[s]), t.number(step.ability[s]), t.number(step.se[s])]
                for s in range(len(step.ability))
                if np.isfinite(step.ability[s])
            ],
            caption=t(f"Вариант {step.booklet}", f"Booklet {step.booklet}"),
            folded=n > 0 or len(step.ability) > 45,
        )  # fmt: skip
    if len(ladders) > len(shown):
        page.say(
            t(
                f"Ещё {len(ladders) - len(shown)} вариантов — в файлах команды.",
                f"{len(ladders) - len(shown)} more booklets are in the files of the command.",
            )
        )


def fit(page: Page, observed: Sequence[ObservedCurve], rows: Sequence[Mapping[str, Any]]) -> None:
    """What does not behave as the model says, in plain words."""
    t = page.tongue
    page.section("fit", t("Согласие с моделью", "Fit"))
    odd = [curve for curve in observed if curve.worst > 3]
    if not odd:
        page.say(
            t(
                "Ни у одного задания средние баллы групп не отходят от модели больше, чем на три "
                "ошибки.",
                "No item leaves the model by more than three errors in any group.",
            )
        )
    else:
        page.list([_behaviour(page, curve) for curve in sorted(odd, key=lambda c: -c.worst)])
    if rows:
        names = list(rows[0])
        page.say(
            t(
                "Infit и outfit — насколько ответы случайнее, чем ждёт модель: около 1 — как ждёт, "
                "больше 1,3 — случайнее, меньше 0,7 — предсказуемее; infit смотрит на участников, "
                "чья способность близка к трудности задания, outfit — на всех. t — то же в долях "
                "ошибки: за ±2 выходит одно задание из двадцати.",
                "Infit and outfit tell how much noisier the answers are than the model expects: "
                "about 1 as expected, above 1.3 noisier, below 0.7 more regular; infit looks at "
                "persons near the item, outfit at all. t is the same in errors: one item of twenty "
                "is beyond ±2.",
            ),
            t(
                "S-X² сверяет долю балла при каждой сумме: малая p — расхождение больше случайного.",
                "S-X² checks the share of points at every total: a small p is more than chance.",
            )
            if "s_x2" in names
            else "",
        )
        page.table(
            [_heading(page, name) for name in names],
            [[_cell(page, row[name]) for name in names] for row in rows],
            caption=t("Статистики согласия", "Fit statistics"),
            folded=len(rows) > 40,
        )


def groups(
    page: Page,
    grouping: str,
    found: Sequence[tuple[str, int, float]],
    centre: tuple[float, float],
) -> None:
    """Means of groups against what chance alone gives for their size."""
    t = page.tongue
    page.section(f"group-{grouping}", t(f"Группы: {grouping}", f"Groups: {grouping}"))
    mean, sd = centre
    works = np.array([n for _, n, _ in found], dtype=float)
    means = np.array([m for _, _, m in found])
    error = sd / np.sqrt(works)
    wide = overdispersion((means - mean) / error)
    limits = ALARM * np.sqrt(wide) * error
    out = np.abs(means - mean) > limits
    page.say(
        t(
            "Каждая точка — группа. Между рыжими кривыми лежали бы почти все группы (99,7 %), между "
            "пунктирными — 95 %, если бы группы различались случайно и настолько, насколько они "
            f"различаются обычно. {_widened(page, wide)} Точка за рыжей кривой — повод посмотреть, а "
            "не вывод о нарушении.",
            "Every point is a group. Nearly all groups (99.7%) would lie between the orange curves, "
            "95% between the dotted ones, if groups differed by chance and as much as they usually "
            f"do. {_widened(page, wide)} A point beyond the orange curve is a reason to look, not "
            "evidence of wrong-doing.",
        )
    )
    grid = np.linspace(max(1.0, works.min() * 0.8), works.max() * 1.05, 120)
    band = ALARM * np.sqrt(wide) * sd / np.sqrt(grid)
    top = float(max(np.abs(means - mean).max(), band[len(band) // 10])) * 1.1
    chart = Chart(t, x=(0, works.max() * 1.05), y=(mean - top, mean + top), height=380)
    chart.axes(t("работ в группе", "works in the group"), t("средняя способность", "mean ability"))
    chart.level(mean)
    for sign in (1, -1):
        edge = mean + sign * band
        chart.line(grid, np.where(np.abs(edge - mean) <= top, edge, np.nan), "limit")
        alert = mean + sign * band * ALERT / ALARM
        chart.line(grid, np.where(np.abs(alert - mean) <= top, alert, np.nan), "rule")
    for kind, chosen in (("dot", ~out), ("odd", out)):
        chart.points(works[chosen], means[chosen], kind,
                     names=[found[n][0] for n in np.flatnonzero(chosen).tolist()])  # fmt: skip
    page.picture(chart.svg(t("Воронка групп", "Funnel of groups")),
                 t(f"Групп {len(found)}, за кривыми {int(out.sum())}.",
                   f"{len(found)} groups, {int(out.sum())} outside."))  # fmt: skip
    order = np.argsort(-np.abs(means - mean) / limits).tolist()
    page.table(
        [t("Группа", "Group"), t("Работ", "Works"), t("Средняя способность", "Mean ability"),
         t("Граница (3 SE)", "Limit (3 SE)"), t("За границей", "Outside")],
        [
            [found[n][0], t.count(works[n]), t.number(means[n]),
             f"{t.number(mean - limits[n])} … {t.number(mean + limits[n])}",
             t("да", "yes") if out[n] else ""]
            for n in order
        ],
        caption=t("Группы: сначала самые далёкие от середины", "Groups, the farthest first"),
        words=[4],
        folded=len(found) > 25,
    )  # fmt: skip


def _widened(page: Page, wide: float) -> str:
    """Say how far the limits of a random sample were widened."""
    t = page.tongue
    if wide <= 1.0:
        return t(
            "Группы различаются не больше, чем случайные наборы участников.",
            "Groups differ no more than random sets of persons.",
        )
    return t(
        f"Настоящие школы и классы различаются больше случайных наборов: дисперсия в "
        f"{t.number(wide, 1)} раза больше (Spiegelhalter, 2005), и границы раздвинуты.",
        f"Real schools and classes differ more than random sets: the variance is {t.number(wide, 1)} "
        "times as large (Spiegelhalter 2005), and the limits are widened.",
    )


def provenance(page: Page, sources: Sequence[Mapping[str, Any]]) -> None:
    """What is needed to make the same report again."""
    t = page.tongue
    page.section("provenance", t("Откуда эти числа", "Where the figures come from"))
    page.say(t("С теми же данными, версией движка и настройками получатся те же числа.",
               "The same data, version and settings give the same figures."))  # fmt: skip
    page.table(
        [t("Шаг", "Step"), t("Данные (SHA-256)", "Data (SHA-256)"), t("Версия", "Version"),
         t("Настройки", "Settings"), t("Зерно", "Seed")],
        [
            [str(s.get("verb", "")), str(s.get("data", "")), str(s.get("engine", "")),
             json.dumps(s.get("settings", {}), ensure_ascii=False, default=str),
             str(s.get("seed") if s.get("seed") is not None else "—")]
            for s in sources
        ],
        words=[1, 2, 3, 4],
    )  # fmt: skip


def _behaviour(page: Page, curve: ObservedCurve) -> str:
    """Say how the points leave the line: steeper, flatter, or here and there."""
    t = page.tongue
    away = (curve.observed - curve.expected) / curve.error
    half = len(away) // 2
    low, high = float(away[:half].mean()), float(away[half:].mean())
    if low > 1 and high < -1:
        how = t("слабые решают его чаще, чем ждёт модель, а сильные реже: возможны угадывание, "
                "утечка или неоднозначный ключ",
                "the weak do better and the able worse than the model expects: guessing, a leak or "
                "an ambiguous key")  # fmt: skip
    elif low < -1 and high > 1:
        how = t("различает сильных и слабых резче остальных заданий",
                "discriminates more sharply than the other items")  # fmt: skip
    else:
        how = t("точки отходят от кривой в отдельных группах: посмотрите его кривую",
                "points leave the curve in some groups: look at the curve")  # fmt: skip
    return f"{curve.item}: {how} ({t('до', 'up to')} {t.number(curve.worst, 1)} SE)."


def _heading(page: Page, name: str) -> str:
    """The heading of a column of `fit_rows` and `dif_rows`; what is a symbol stays as it is."""
    t = page.tongue
    return {
        "item": t("Задание", "Item"),
        "booklet": t("Вариант", "Booklet"),
        "infit_t": "t (infit)",
        "outfit_t": "t (outfit)",
        "s_x2": "S-X²",
        "remark": t("Замечание", "Remark"),
        "group": t("Группа", "Group"),
        "effect": t("Эффект", "Effect"),
        "se": "SE",
        "statistic": t("Статистика", "Statistic"),
        "class": t("Класс", "Class"),
    }.get(name, name)


def _cell(page: Page, value: Any) -> str:
    if isinstance(value, float):
        return page.tongue.number(value, 3)
    return "" if value is None else str(value)


def _name_line(chart: Chart, xs: Any, ys: Any, shown: Sequence[Ladder], place: int) -> None:
    """A point and the booklet on its own line; each line is named at another place."""
    if len(shown) == 1:
        return
    inside = np.flatnonzero(np.isfinite(ys))
    at = inside[(place + 1) * len(inside) // (len(shown) + 1)]
    chart.points([xs[at]], [ys[at]], radius=3)
    over = chart.up(ys[at]) - 7
    chart.text(chart.across(xs[at]), over if over > 20 else over + 22, shown[place].booklet[:12],
               anchor="middle")  # fmt: skip


def _lines(page: Page, what: str, shown: Sequence[Ladder]) -> str:
    t = page.tongue
    if len(shown) == 1:
        return f"{what[:1].upper()}{what[1:]}."
    return t(f"{what[:1].upper()}{what[1:]}: линия на каждый из {len(shown)} вариантов, "
             "точка с номером — чья она.",
             f"{what[:1].upper()}{what[1:]}: a line for each of {len(shown)} booklets, named "
             "at a point of it.")  # fmt: skip


def differential(page: Page, rows: Sequence[Mapping[str, Any]]) -> None:
    """Items that are harder for one group among persons of the same ability."""
    t = page.tongue
    page.section("dif", t("Равные условия для групп", "Fairness between groups"))
    page.say(
        t(
            "Задание ведёт себя по-разному (DIF), когда участники равной способности из разных "
            "групп решают его с разным успехом. A — различие пренебрежимо, B — заметно, C — велико: "
            "такие задания смотрит предметник.",
            "An item shows DIF when persons of equal ability from different groups succeed "
            "differently. A: negligible, B: noticeable, C: large — for a subject expert to look at.",
        )
    )
    names = list(rows[0])
    page.table(
        [_heading(page, name) for name in names],
        [[_cell(page, row[name]) for name in names] for row in rows],
        caption=t("Различия между группами", "Differences between groups"),
        folded=len(rows) > 60,
    )
