"""Scoring rules from a table."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from merilo_psychometrics.errors import BadData

from .coding import texts_of
from .sources import ScoringRules, key
from .tables import Table


def read_rules(
    where: str | Path, *, table: str | None = None, otherwise: int | None = None
) -> ScoringRules:
    """Read rules: columns `item, response, score` (one row an answer) or `item, key` (the right one).

    An optional column `domain` names the part of the content.
    Raises `BadData`.
    """
    found = Table(where, table)
    there = found.names
    full = {"item", "response", "score"} <= set(there)
    if not full and not {"item", "key"} <= set(there):
        raise BadData(
            f"В таблице правил {where} нужны столбцы item, response, score или item, key; "
            f"есть: {', '.join(there)}.",
            "Rules need the columns item, response, score or item, key.",
        )
    wanted = ["item", *(("response", "score") if full else ("key",))]
    wanted += ["domain"] if "domain" in there else []
    rows = pl.concat(list(found.frames(wanted)))
    text = {name: texts_of(rows[name]).to_list() for name in wanted}
    domains = {
        item: domain
        for item, domain in zip(text["item"], text.get("domain", []), strict=False)
        if domain
    }
    if not full:
        made = key(dict(zip(text["item"], text["key"], strict=True)))
        return ScoringRules(
            made.scores, made.otherwise if otherwise is None else otherwise, domains
        )
    scores: dict[str, dict[str, int]] = {}
    for item, answer, score in zip(text["item"], text["response"], text["score"], strict=True):
        if not (score or "").isdigit():
            raise BadData(
                f"В правиле задания {item} у ответа «{answer}» балл «{score}» — не целое число.",
                f"Rule of item {item}: {score!r} is not a whole number.",
                items=[str(item)],
            )
        scores.setdefault(item, {})[answer or ""] = int(score)
    return ScoringRules(scores, otherwise, domains)
