"""`dif`: does an item favour a group among persons of equal ability."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.errors import listed
from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.fairness import Dif
    from merilo_psychometrics.responses import Responses

METHODS = ("mantel-haenszel", "standardisation", "logistic", "wald", "survey")
# Units of the effect (`Dif.effect_unit`) in Russian.
UNITS = {
    "Δ of ETS (0/1 items), SMD / SD (several points)": "Δ ETS (задания 0/1), разность средних в "
    "долях SD (задания на несколько баллов)",
    "share of the full score, focal − reference": "разность долей полного балла",
    "2.35 β₂ (ETS scale), focal − reference": "2,35 β₂ (шкала Δ ETS)",
    "−2.35 · difference of thresholds, focal − reference": "−2,35 · разность порогов (шкала Δ ETS)",
}
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    how = parser.add_argument_group("сравнение")
    how.add_argument(
        "--by", required=True, metavar="СТОЛБЕЦ", help="группировка: пол, язык, район"
    )
    how.add_argument("--reference", metavar="ИМЯ",
                     help="группа, с которой сравнивают остальные (самая большая)")  # fmt: skip
    how.add_argument("--method", choices=METHODS, default="mantel-haenszel",
                     help="способ (mantel-haenszel); survey: с весами выборки (--weight) и отбором "
                     "целыми школами (--clusters)")  # fmt: skip
    how.add_argument("--clusters", metavar="СТОЛБЕЦ",
                     help="для survey: что отбирали целиком — школа, класс (без этого — каждую "
                     "работу отдельно); отобранных нужно 10")  # fmt: skip
    how.add_argument("--purify", action="store_true",
                     help="убирать из балла сравнения задания, которые сами различаются")  # fmt: skip
    how.add_argument("--rate", type=source.share, default=0.05, metavar="Q",
                     help="допустимая доля ложных находок (0.05)")  # fmt: skip
    source.add_output(parser)


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Compare the groups item by item."""
    import polars as pl

    from merilo_psychometrics.errors import WrongSettings

    if options.clusters and options.method != "survey":
        raise WrongSettings(
            "Отбор целыми школами учитывает только --method survey: добавьте его или уберите --clusters.",
            "Only --method survey knows clusters: add it or leave --clusters out.",
        )
    for grouping in (options.by, options.clusters):
        if grouping and grouping not in options.group:
            options.group = [*options.group, grouping]
    responses = source.read_responses(options, screen)
    with screen.step("Сравниваю группы"):
        found = compare(responses, options.by, options.method, options.reference, options.purify,
                        options.clusters)  # fmt: skip
    rows = dif_rows(found)
    marked = [row for row in rows if row["q"] is not None and row["q"] <= options.rate]
    t = Tongue(options.language)
    lines = [
        t(
            f"{options.by}: с группой «{found.reference}» сравнены {listed(found.focal)}; "
            f"заданий {len(found.items)}, различаются {len(marked)} (q ≤ {t.number(options.rate)}).",
            f"{options.by}: {listed(found.focal)} against {found.reference!r}; "
            f"{len(found.items)} items, {len(marked)} differ (q ≤ {t.number(options.rate)}).",
        ),
        t("Различие — не обязательно несправедливость: относится ли оно к тому, что измеряют, "
          "решает предметник.",
          "A difference need not be unfair: experts decide whether it belongs to what is "
          "measured."),
        "",
        columns(
            [t("задание", "item"), t("группа", "group"), t("эффект", "effect"), "SE", "p", "q",
             t("класс", "class")],
            [
                [row["item"], row["group"], t.number(row["effect"]), t.number(row["se"]),
                 t.number(row["p"], 4), t.number(row["q"], 4), row["class"]]
                for row in rows[:SHOWN]
            ],
        ),
        t(f"Эффект: {UNITS[found.effect_unit]}; плюс — легче для группы.",
          f"Effect: {found.effect_unit}; positive favours the group."),
    ]  # fmt: skip
    summary = {
        "method": found.method,
        "reference": found.reference,
        "effect_unit": found.effect_unit,
        "marked": len(marked),
        "removed": [list(names) for names in found.removed],
        "item_table": rows,
    }
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Outcome("\n".join(lines), summary, {"items": table},
                   provenance=[found.provenance.as_dict()])  # fmt: skip


def compare(
    responses: Responses,
    by: str,
    method: str,
    reference: str | None,
    purify: bool,
    clusters: str | None = None,
) -> Dif:
    """Run one method; without a reference the largest group is it.

    Raises `WeightedWorks` where the test of the method counts works one by one.
    """
    import numpy as np

    from merilo_psychometrics import fairness
    from merilo_psychometrics.errors import WrongSettings
    from merilo_psychometrics.weights import require_unweighted

    names = responses.group_names(by)
    if reference is None:
        sizes = sum(
            np.bincount(block.groups[by][block.groups[by] >= 0], minlength=len(names))
            for block in responses.blocks
        )
        reference = names[int(np.argmax(sizes))]
    if purify and method in ("wald", "survey"):
        raise WrongSettings(
            f"--purify к способу {method} не относится: он сравнивает группы по всем заданиям сразу.",
            f"--purify does not apply to {method}: it compares the groups on all items at once.",
        )
    if method == "survey":
        return fairness.survey_dif(responses, by, reference=reference, clusters=clusters)
    require_unweighted(
        responses,
        f"Способ {method} считает работы поштучно, а данные взвешены. С весами выборки сравнивает "
        "--method survey.",
        f"{method} counts works one by one, and these have weights; --method survey knows them.",
    )
    if method == "wald":
        return fairness.wald_dif(responses, by, reference=reference)
    run: Any = {
        "mantel-haenszel": fairness.mantel_haenszel,
        "standardisation": fairness.standardisation,
        "logistic": fairness.logistic_dif,
    }[method]
    found: Dif = run(responses, by, reference=reference, purify=purify)
    return found


def dif_rows(found: Dif) -> list[dict[str, Any]]:
    """One row an item and group, the least probable first; None where there is nothing to tell."""
    import numpy as np

    def known(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    rows: list[dict[str, Any]] = [
        {
            "item": item,
            "group": group,
            "effect": known(found.effect[g, n]),
            "se": known(found.se[g, n]),
            "statistic": known(found.statistic[g, n]),
            "p": known(found.p[g, n]),
            "q": known(found.q[g, n]),
            "class": str(found.classes[g, n]),
        }
        for g, group in enumerate(found.focal)
        for n, item in enumerate(found.items)
    ]
    return sorted(rows, key=lambda row: 2.0 if row["p"] is None else row["p"])
