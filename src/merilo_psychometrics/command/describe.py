"""`describe`: what is in the data before anything is estimated."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.tongue import Tongue

from . import reliability, source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.responses import Responses

SHOWN = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    source.add_output(parser)


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Tell the booklets and what links them, the gaps, how every item was answered, reliability."""
    import polars as pl

    t = Tongue(options.language)
    responses = source.read_responses(options, screen)
    booklets, items = booklet_rows(responses), item_rows(responses)
    precise = Outcome("", {})
    if not responses.untreated():
        _add_classical(responses, booklets, items)
        with screen.step("Оцениваю надёжность"):
            precise = reliability.of(responses, options, SHOWN)
    parts = responses.design.parts()
    summary = {
        "works": sum(row["works"] for row in booklets),
        "rows": responses.works,
        "items": len(responses.design.items),
        "responses": sum(row["works"] * row["items"] for row in booklets),
        "data": responses.data_hash,
        "linked": len(parts) == 1,
        "parts": [list(part) for part in parts],
        "groups": {name: len(labels) for name, labels in responses.groups.items()},
        "booklets": booklets,
        "item_table": items,
        "reliability": precise.summary,
    }
    tables = {"booklets": pl.DataFrame(booklets), "items": pl.DataFrame(items), **precise.tables}
    return Outcome(
        "\n\n".join(part for part in (_text(t, summary, booklets, items), precise.text) if part),
        summary,
        tables,
        provenance=[
            Provenance("describe", responses.data_hash).as_dict(),
            *precise.provenance,
        ],
    )


def _add_classical(
    responses: Responses, booklets: list[dict[str, Any]], items: list[dict[str, Any]]
) -> None:
    """Correlations and alpha, which need every gap decided about."""
    from merilo_psychometrics.classical import analyse_items

    found = analyse_items(responses)
    alpha = {booklet.booklet: booklet.alpha for booklet in found.booklets}
    for row in booklets:
        row["alpha"] = alpha.get(row["booklet"])
    for n, row in enumerate(items):
        row["item_rest"] = float(found.item_rest[n])
        row["item_total"] = float(found.item_total[n])


def booklet_rows(responses: Responses) -> list[dict[str, Any]]:
    """One row a booklet: works, items, gaps, mean and SD of the total where gaps are decided."""
    import numpy as np

    from merilo_psychometrics.responses import NOT_REACHED, OMITTED

    rows = []
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        size = max(1, block.scores.size)
        weight = source.weights(block)
        whole = not (block.scores < 0).any() and weight.sum() > 0
        totals = block.scores.sum(axis=1, dtype="int64") if whole else None
        mean = None if totals is None else float(np.average(totals, weights=weight))
        rows.append(
            {
                "booklet": booklet.id,
                "works": float(weight.sum()),
                "items": len(booklet.items),
                "full_score": int(responses.design.max_scores[booklet.items].sum()),
                "omitted": float((block.scores == OMITTED).sum() / size),
                "not_reached": float((block.scores == NOT_REACHED).sum() / size),
                "mean": mean,
                "sd": None
                if totals is None
                else float(np.sqrt(np.average((totals - mean) ** 2, weights=weight))),
            }
        )
    return rows


def item_rows(responses: Responses) -> list[dict[str, Any]]:
    """One row an item: how many were given it, the share of the full score, the gaps."""
    import numpy as np

    from merilo_psychometrics.responses import OMITTED

    many = len(responses.design.items)
    given, scored, total, omitted = (np.zeros(many) for _ in range(4))
    for booklet, block in zip(responses.design.booklets, responses.blocks, strict=True):
        weight = source.weights(block)
        given[booklet.items] += weight.sum()
        scored[booklet.items] += weight @ (block.scores >= 0)
        total[booklet.items] += weight @ np.maximum(block.scores, 0)
        omitted[booklet.items] += weight @ (block.scores == OMITTED)
    booklets = responses.design.given.sum(axis=0)
    return [
        {
            "item": item.id,
            "full_score": item.max_score,
            "booklets": int(booklets[n]),
            "given": float(given[n]),
            "answered": float(scored[n]),
            "omitted": float(omitted[n]),
            "p": float(total[n] / (scored[n] * item.max_score)) if scored[n] else None,
        }
        for n, item in enumerate(responses.design.items)
    ]


def _text(
    t: Tongue,
    summary: dict[str, Any],
    booklets: list[dict[str, Any]],
    items: list[dict[str, Any]],
) -> str:
    head = t(
        f"Работ {t.count(summary['works'])}, заданий {t.count(summary['items'])}, ответов "
        f"{t.count(summary['responses'])}, вариантов {len(booklets)}.",
        f"{t.count(summary['works'])} works, {t.count(summary['items'])} items, "
        f"{t.count(summary['responses'])} responses, {len(booklets)} booklets.",
    )
    linked = t("Все варианты связаны общими заданиями.", "All booklets share items in a chain.")
    if not summary["linked"]:
        said = "; ".join(", ".join(part[:8]) for part in summary["parts"])
        linked = t(
            f"Варианты распадаются на {len(summary['parts'])} несвязанные части: {said}.",
            f"The booklets fall into {len(summary['parts'])} parts without common items: {said}.",
        )
    lines = [head, *([linked] if len(booklets) > 1 else []), ""]
    lines.append(
        columns(
            [t("вариант", "booklet"), t("работ", "works"), t("заданий", "items"),
             t("макс. балл", "full score"), t("пропущено", "omitted"),
             t("не дошли", "not reached"), t("среднее", "mean"), "SD", t("альфа", "alpha")],
            [
                [row["booklet"], t.count(row["works"]), str(row["items"]), str(row["full_score"]),
                 t.share(row["omitted"]), t.share(row["not_reached"]), t.number(row["mean"]),
                 t.number(row["sd"]), t.number(row.get("alpha"))]
                for row in booklets[:SHOWN]
            ],
        )
    )  # fmt: skip
    lines.append("")
    lines.append(
        columns(
            [t("задание", "item"), t("макс.", "full"), t("вариантов", "booklets"),
             t("предъявлено", "given"), t("пропущено", "omitted"), t("доля балла", "p"),
             t("с остальными", "item–rest")],
            [
                [row["item"], str(row["full_score"]), str(row["booklets"]), t.count(row["given"]),
                 t.count(row["omitted"]), t.number(row["p"], 3), t.number(row.get("item_rest"), 3)]
                for row in items[:SHOWN]
            ],
        )
    )  # fmt: skip
    if len(items) > SHOWN or len(booklets) > SHOWN:
        lines.append(t("… остальные строки — в файлах (--out) и в --json",
                       "… the other rows are in the files (--out) and in --json"))  # fmt: skip
    return "\n".join(lines)
