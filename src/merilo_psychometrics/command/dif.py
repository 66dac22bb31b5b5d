"""`dif`: does an item favour a group among persons of equal ability."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.fairness import Dif
    from merilo_psychometrics.responses import Responses

METHODS = ("mantel-haenszel", "standardisation", "logistic", "wald")
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
                     help="способ (mantel-haenszel)")  # fmt: skip
    how.add_argument("--purify", action="store_true",
                     help="убирать из балла сравнения задания, которые сами различаются")  # fmt: skip
    how.add_argument("--rate", type=float, default=0.05, metavar="Q",
                     help="допустимая доля ложных находок (0.05)")  # fmt: skip
    source.add_output(parser)


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Compare the groups item by item."""
    import polars as pl

    if options.by not in options.group:
        options.group = [*options.group, options.by]
    responses = source.read_responses(options, screen)
    with screen.step("Сравниваю группы"):
        found = compare(responses, options.by, options.method, options.reference, options.purify)
    rows = dif_rows(found)
    marked = [row for row in rows if row["q"] is not None and row["q"] <= options.rate]
    t = Tongue(options.language)
    lines = [
        t(
            f"{options.by}: с группой «{found.reference}» сравнены {', '.join(found.focal[:8])}; "
            f"заданий {len(found.items)}, различаются {len(marked)} (q ≤ {t.number(options.rate)}).",
            f"{options.by}: {', '.join(found.focal[:8])} against {found.reference!r}; "
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
        t(f"Эффект: {found.effect_unit}; плюс — легче для группы.",
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
    responses: Responses, by: str, method: str, reference: str | None, purify: bool
) -> Dif:
    """Run one method; without a reference the largest group is it."""
    import numpy as np

    from merilo_psychometrics import fairness
    from merilo_psychometrics.errors import WrongSettings

    names = responses.group_names(by)
    if reference is None:
        sizes = sum(
            np.bincount(block.groups[by][block.groups[by] >= 0], minlength=len(names))
            for block in responses.blocks
        )
        reference = names[int(np.argmax(sizes))]
    if method == "wald":
        if purify:
            raise WrongSettings(
                "Критерий Вальда сравнивает калибровки групп целиком: --purify к нему не относится.",
                "The Wald test compares calibrations; --purify does not apply.",
            )
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
