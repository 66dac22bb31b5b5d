"""How reliable the totals of every booklet are, for `describe`: coefficients, their mean, errors."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import source
from .outcome import Outcome, columns
from .remedies import plain

if TYPE_CHECKING:
    from merilo_psychometrics.classical import BookletReliability, Reliability
    from merilo_psychometrics.responses import Block, Responses

COEFFICIENTS = ("alpha", "omega", "lambda_2", "lambda_4", "lambda_6", "glb", "sem")
# Booklets without an estimate that are named one by one.
TOLD = 3
QUARTERS = (0.25, 0.5, 0.75)


def of(responses: Responses, options: argparse.Namespace, shown: int) -> Outcome:
    """Reliability of the booklets that have one, and a sentence why another has none.

    A booklet of two works must not hide the reliability of the others, so each is asked by itself.
    """
    import polars as pl

    from merilo_psychometrics.classical import Reliability, reliability
    from merilo_psychometrics.design import Design
    from merilo_psychometrics.errors import MeasurementError
    from merilo_psychometrics.provenance import Provenance
    from merilo_psychometrics.responses import Responses

    t = Tongue(options.language)
    rows: list[BookletReliability] = []
    reasons: dict[str, str] = {}
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        alone = Responses(Design(responses.design.items, (booklet,)), (block,))
        try:
            rows += reliability(alone).booklets
        except MeasurementError as reason:
            reasons[booklet.id] = t(*plain(reason, vars(options)))
    lines = list(reasons.values())[:TOLD]
    if len(reasons) > TOLD:
        lines.append(
            t(
                f"… и так ещё в {t.count(len(reasons) - TOLD)} вариантах (--json).",
                f"… and in {t.count(len(reasons) - TOLD)} more booklets (--json).",
            )
        )
    if not rows:
        return Outcome("\n".join(lines), {"not_estimated": reasons})
    found = Reliability(tuple(rows), Provenance("reliability", responses.data_hash))
    table, errors = _coefficients(found), _errors(responses, found)
    return Outcome(
        "\n".join([_text(t, responses, found, shown), *lines]),
        {"booklets": table, "pooled": _pooled(found), "not_estimated": reasons},
        {"reliability": pl.DataFrame(table), "conditional_sem": pl.DataFrame(errors)},
        provenance=[found.provenance.as_dict()],
    )


def _coefficients(found: Reliability) -> list[dict[str, Any]]:
    """One row a booklet: alpha with its interval, omega, the lower bounds, SEM in points."""
    return [
        {
            "booklet": row.booklet,
            "items": row.items,
            "works": row.works,
            "alpha": row.alpha,
            "alpha_low": row.alpha_interval[0],
            "alpha_high": row.alpha_interval[1],
            **{name: getattr(row, name) for name in COEFFICIENTS[1:]},
        }
        for row in found.booklets
    ]


def _pooled(found: Reliability) -> dict[str, float]:
    """The mean of every coefficient over the booklets, weighted by works."""
    return {name: found.pooled(name) for name in COEFFICIENTS}


def _errors(responses: Responses, found: Reliability) -> list[dict[str, Any]]:
    """One row a booklet and total score: works with that total, conditional SEM in points."""
    blocks = _blocks(responses)
    return [
        {"booklet": row.booklet, "score": score, "works": works, "conditional_sem": float(error)}
        for row in found.booklets
        for score, (works, error) in enumerate(
            zip(_works_by_total(row, blocks[row.booklet]), row.conditional_sem, strict=True)
        )
    ]


def _text(t: Tongue, responses: Responses, found: Reliability, shown: int) -> str:
    """Two small tables: the coefficients, and the error where most works are."""
    rows = [
        [row.booklet, t.number(row.alpha),
         f"{t.number(row.alpha_interval[0])} … {t.number(row.alpha_interval[1])}",
         *(t.number(getattr(row, name)) for name in COEFFICIENTS[1:])]
        for row in found.booklets[:shown]
    ]  # fmt: skip
    if len(found.booklets) > 1:
        mean = _pooled(found)
        rows.append([t("в среднем", "mean"), t.number(mean["alpha"]), "",
                     *(t.number(mean[name]) for name in COEFFICIENTS[1:])])  # fmt: skip
    head = [t("вариант", "booklet"), t("альфа", "alpha"), t("95 % для альфы", "95 % of alpha"),
            t("омега", "omega"), "λ2", "λ4", "λ6", "GLB",
            t("ошибка балла", "SEM")]  # fmt: skip
    quarter = [t("нижняя четверть", "lower quarter"), t("середина", "middle"),
               t("верхняя четверть", "upper quarter")]  # fmt: skip
    blocks = _blocks(responses)
    errors = [
        [row.booklet, *_at_quarters(t, row, blocks[row.booklet])] for row in found.booklets[:shown]
    ]
    return "\n".join(
        [
            t(
                "Надёжность суммы баллов. Альфа, λ2, λ4, λ6 и GLB — нижние границы, омега — по модели "
                "одного фактора; ошибка балла (SEM) — в баллах.",
                "Reliability of the total. Alpha, λ2, λ4, λ6 and GLB are lower bounds, omega is that "
                "of one factor; SEM is in points.",
            ),
            columns(head, rows),
            "",
            t(
                "Ошибка при данном балле (балл: ошибка) у работ из нижней четверти, середины и верхней "
                "четверти; все баллы — в conditional_sem.csv (--out).",
                "Error at a total (total: error) at the quartiles of the works; every total is in "
                "conditional_sem.csv (--out).",
            ),
            columns([t("вариант", "booklet"), *quarter], errors),
        ]
    )


def _blocks(responses: Responses) -> dict[str, Block]:
    held = zip(responses.design.booklets, responses.blocks, strict=True)
    return {booklet.id: block for booklet, block in held}


def _works_by_total(row: BookletReliability, block: Block) -> list[float]:
    import numpy as np

    totals = block.scores.sum(axis=1, dtype=np.int64)
    many = len(row.conditional_sem)
    counted = np.bincount(totals, weights=source.weights(block), minlength=many)
    return [float(works) for works in counted]


def _at_quarters(t: Tongue, row: BookletReliability, block: Block) -> list[str]:
    import numpy as np

    share = np.cumsum(_works_by_total(row, block)) / row.works
    cells = []
    for quarter in QUARTERS:
        total = int(np.searchsorted(share, quarter - 1e-12))
        cells.append(f"{total}: {t.number(row.conditional_sem[total])}")
    return cells
