"""The first half of the report: what data, item by item, and the scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from merilo_psychometrics import curves
from merilo_psychometrics.calibration.results import Calibration
from merilo_psychometrics.classical import ItemAnalysis
from merilo_psychometrics.design import Design
from merilo_psychometrics.statistics import SufficientStatistics

from .drawing import Chart
from .facts import Ladder, ObservedCurve
from .page import Page

LOW_DISCRIMINATION, TOO_EASY, TOO_HARD = 0.2, 0.95, 0.05
CURVES_SHOWN = 60


def data(page: Page, statistics: SufficientStatistics, analysis: ItemAnalysis) -> None:
    """Booklets, and which items stand in them."""
    t, design = page.tongue, statistics.design
    page.section("data", t("Данные", "The data"))
    page.say(
        t(
            f"Учтено работ: {t.count(statistics.works)}. Заданий: {len(design.items)}, вариантов: "
            f"{len(design.booklets)}.",
            f"Works counted: {t.count(statistics.works)}. Items: {len(design.items)}, booklets: "
            f"{len(design.booklets)}.",
        ),
        _linked(page, design),
    )
    if 1 < len(design.booklets) <= 60:
        page.picture(
            _design(page, design),
            t("Какое задание стоит в каком варианте. Рыжим — задания, общие для нескольких "
              "вариантов: через них варианты связаны.",
              "Which item stands in which booklet. Orange: items shared by several booklets, "
              "through which they are linked."),
        )  # fmt: skip
    page.table(
        [t("Вариант", "Booklet"), t("Работ", "Works"), t("Заданий", "Items"),
         t("Наибольший балл", "Full score"), t("Средний балл", "Mean"), "SD", t("Альфа", "Alpha"),
         t("Ошибка измерения", "SEM")],
        [
            [row.booklet, t.count(row.works), str(len(row.items)), str(row.max_score),
             t.number(row.score_mean), t.number(row.score_sd), t.number(row.alpha),
             t.number(row.score_sd * np.sqrt(max(0.0, 1.0 - row.alpha)))]
            for row in analysis.booklets
        ],
        caption=t("Варианты. Альфа — надёжность балла; ошибка измерения — в баллах.",
                  "Booklets. Alpha: reliability of the score; SEM in score points."),
        folded=len(analysis.booklets) > 30,
    )  # fmt: skip


def classical(page: Page, statistics: SufficientStatistics, analysis: ItemAnalysis) -> None:
    """Difficulty and discrimination of every item, with words about the unusual."""
    t = page.tongue
    page.section("items", t("Задания", "The items"))
    page.say(
        t(
            "Доля балла — какую часть полного балла участники получили в среднем: чем меньше, тем "
            "задание труднее. Связь с остальными — корреляция балла за задание с баллом за "
            "остальные задания варианта: сильные должны решать его чаще слабых.",
            "p is the mean share of the full score: the smaller, the harder. Item–rest is the "
            "correlation of the item with the rest of the booklet: the able should get it more "
            "often.",
        )
    )
    p, rest = analysis.difficulty, analysis.item_rest
    low = min(-0.1, float(np.nanmin(rest, initial=0.0)))
    chart = Chart(t, x=(0.0, 1.0), y=(low, 1.0), height=320)
    chart.axes(t("доля балла", "p"), t("связь с остальными", "item–rest"))
    chart.level(LOW_DISCRIMINATION, "limit")
    words = [_words(page, float(a), float(b)) for a, b in zip(p, rest, strict=True)]
    odd = np.array([bool(said) for said in words])
    names = np.array(analysis.items)
    for kind, chosen in (("dot", ~odd), ("odd", odd)):
        there = chosen & np.isfinite(rest)
        chart.points(p[there], rest[there], kind, names=names[there].tolist())
    page.picture(
        chart.svg(t("Трудность и связь с остальными", "Difficulty and discrimination")),
        t("Каждая точка — задание, рыжий ромб — с замечанием. Ниже черты — различает слабо.",
          "Every point is an item, a diamond one with a remark. Below the line it discriminates poorly."),
    )  # fmt: skip
    page.table(
        [t("Задание", "Item"), t("Работ", "Works"), t("Полный балл", "Full score"),
         t("Доля балла", "p"), t("Связь с остальными", "Item–rest"),
         t("Лучшие 27 % − худшие 27 %", "Best 27% − worst 27%"), t("Замечание", "Remark")],
        [
            [name, t.count(analysis.works[n]), str(statistics.design.items[n].max_score),
             t.number(p[n]), t.number(rest[n]), t.number(analysis.discrimination[n]), words[n]]
            for n, name in enumerate(analysis.items)
        ],
        caption=t("Классический анализ заданий", "Classical item analysis"),
        words=[6],
        flagged=np.flatnonzero(odd).tolist(),
    )  # fmt: skip


def item_map(page: Page, found: Calibration, ladders: Sequence[Ladder]) -> None:
    """Persons and items on one scale."""
    t, parameters = page.tongue, found.parameters
    page.section("map", t("Карта: участники и задания", "Map of persons and items"))
    page.say(
        t(
            "Слева — сколько участников какой способности, справа — где на той же шкале стоят "
            "задания. Напротив участника — задания, которые он решает с вероятностью 50 % (для "
            "заданий в несколько баллов — середина порогов). Где участников много, а заданий нет, "
            "измерение грубее.",
            "Left: how many persons have which ability; right: where the items stand on the same "
            "scale. Opposite a person stand the items solved with probability 50% (the middle of "
            "the thresholds for longer scores). Where there are many persons and no items the "
            "measurement is coarser.",
        )
    )
    page.picture(_wright(page, found, ladders), t("Карта участников и заданий, логиты.",
                                                  "Persons and items, logits."))  # fmt: skip
    errors, slopes = parameters.standard_error("threshold"), bool((parameters.slope != 1).any())
    head = [t("Задание", "Item"), t("Место", "Place"), t("Пороги", "Thresholds"), "SE"]
    head += [t("Наклон", "Slope")] if slopes else []
    rows = []
    for n in np.argsort(parameters.difficulty):
        steps = int(parameters.steps[n])
        row = [
            parameters.items[n].id,
            t.number(parameters.difficulty[n]),
            "; ".join(t.number(v) for v in parameters.thresholds[n, :steps]),
            "; ".join(t.number(v) for v in errors[n, :steps]),
        ]
        rows.append(row + ([t.number(parameters.slope[n])] if slopes else []))
    page.table(head, rows, caption=t("Параметры заданий от лёгкого к трудному, логиты",
                                     "Item parameters from easy to hard, logits"),
               folded=len(rows) > 25)  # fmt: skip


def item_curves(page: Page, found: Calibration, observed: Sequence[ObservedCurve]) -> None:
    """The curve of the model and the points of the data, item by item, the worst first."""
    t, parameters = page.tongue, found.parameters
    page.section("curves", t("Кривые заданий", "Item curves"))
    ordered = sorted(observed, key=lambda curve: -curve.worst)
    shown = ordered[:CURVES_SHOWN]
    page.say(
        t(
            "Линия — какой средний балл ожидает модель при данной способности, точки — сколько "
            "участники получили на деле. Рыжий ромб дальше от линии, чем бывает случайно (больше "
            "трёх ошибок). Сначала задания, где расхождение больше.",
            "The line is the mean score the model expects at an ability, the points are what "
            "persons got. An orange diamond is farther from the line than chance allows (three "
            "errors). The items with the largest distance come first.",
        ),
        t(f"Показано {len(shown)} из {len(ordered)}.", f"{len(shown)} of {len(ordered)} shown.")
        if len(shown) < len(ordered)
        else "",
    )
    grid = np.linspace(-4.5, 4.5, 61)
    expected = curves.expected_scores(parameters, grid)
    many = []
    for curve in shown:
        place = parameters.index[curve.item]
        top = parameters.items[place].max_score
        chart = Chart(t, x=(-4.5, 4.5), y=(0, top), width=250, height=170,
                      margins=(8, 8, 24, 30))  # fmt: skip
        chart.axes("", "")
        chart.line(grid, expected[:, place])
        away = np.abs(curve.observed - curve.expected) > 3 * curve.error
        for kind, chosen in (("dot", ~away), ("odd", away)):
            chart.points(curve.ability[chosen], curve.observed[chosen], kind, radius=3)
        many.append((chart.svg(curve.item), curve.item))
    page.pictures(many)
    page.table(
        [t("Задание", "Item"), t("Группы: способность → получено (ожидалось)",
                                 "Groups: ability → observed (expected)")],
        [
            [
                curve.item,
                "; ".join(
                    f"{t.number(a, 1)} → {t.number(o)} ({t.number(e)})"
                    for a, o, e in zip(curve.ability, curve.observed, curve.expected, strict=True)
                ),
            ]
            for curve in shown
        ],
        caption=t("Таблица к кривым", "Table of the curves"),
        words=[1],
        folded=True,
    )  # fmt: skip


def _linked(page: Page, design: Design) -> str:
    t, parts = page.tongue, design.parts()
    if len(design.booklets) == 1:
        return ""
    if len(parts) == 1:
        return t("Все варианты связаны общими заданиями, шкала одна.",
                 "All booklets are linked by common items; there is one scale.")  # fmt: skip
    return t(f"Варианты распадаются на {len(parts)} части без общих заданий.",
             f"The booklets fall into {len(parts)} parts without common items.")  # fmt: skip


def _words(page: Page, p: float, rest: float) -> str:
    t, said = page.tongue, []
    if rest < 0:
        said.append(t("слабые решают чаще сильных: проверьте ключ",
                      "the weak do better than the able: check the key"))  # fmt: skip
    elif rest < LOW_DISCRIMINATION:
        said.append(t("почти не различает сильных и слабых", "hardly discriminates"))
    if p > TOO_EASY:
        said.append(t("решают почти все", "nearly everybody gets it"))
    if p < TOO_HARD:
        said.append(t("почти никто не решает", "nearly nobody gets it"))
    return "; ".join(said)


def _design(page: Page, design: Design) -> str:
    t = page.tongue
    many, items = len(design.booklets), len(design.items)
    side = max(3.0, min(14.0, 620 / items))
    high = max(6.0, min(16.0, 420 / many))
    chart = Chart(
        t, x=(0, 1), y=(0, 1), width=int(items * side + 90), height=int(many * high + 40)
    )
    shared = design.given.sum(axis=0) > 1
    for row, booklet in enumerate(design.booklets):
        chart.text(80, 20 + row * high + high * 0.75, booklet.id[:12], anchor="end")
        for n in booklet.items:
            chart.rectangle(85 + n * side, 20 + row * high, side * 0.9, high * 0.85,
                            "anchor" if shared[n] else "cell")  # fmt: skip
    chart.text(85, 14, t(f"задания 1–{items}", f"items 1–{items}"), kind="name")
    return chart.svg(t("Задания в вариантах", "Items in booklets"))


def _wright(page: Page, found: Calibration, ladders: Sequence[Ladder]) -> str:
    t, place = page.tongue, found.parameters.difficulty
    ability = np.concatenate([step.ability for step in ladders])
    works = np.concatenate([step.works for step in ladders])
    inner = (works > 0) & (np.abs(ability) < 7)
    low = min(place.min(), ability[inner].min()) - 0.3
    high = max(place.max(), ability[inner].max()) + 0.3
    edges = np.arange(np.floor(low * 2) / 2, np.ceil(high * 2) / 2 + 0.26, 0.25)
    heights, _ = np.histogram(ability[inner], bins=edges, weights=works[inner])
    chart = Chart(t, x=(0, heights.max()), y=(edges[0], edges[-1]), width=760, height=520,
                  margins=(24, 480, 16, 56))  # fmt: skip
    chart.axes("", t("логиты", "logits"), x_ticks=False)
    chart.bars(edges, heights, sideways=True)
    chart.text(160, 14, t("участники", "persons"), anchor="middle", kind="name")
    chart.text(300, 14, t("задания", "items"), kind="name")
    taken: dict[int, int] = {}
    for n in np.argsort(place):
        row = int(chart.up(place[n]) // 13)
        column = taken.get(row, 0)
        taken[row] = column + 1
        if column < 8:
            chart.text(292 + column * 58, row * 13 + 10, found.parameters.items[n].id[:8])
        elif column == 8:
            chart.text(292 + column * 58 - 12, row * 13 + 10, "…")
    return chart.svg(t("Карта участников и заданий", "Map of persons and items"))
