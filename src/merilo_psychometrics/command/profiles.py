"""`profiles`: on which parts of the content a work, and a group, does better than its total."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merilo_psychometrics.tongue import Tongue

from . import score, source
from .outcome import Outcome, columns
from .screen import Screen

if TYPE_CHECKING:
    from merilo_psychometrics.persons import GroupProfile
    from merilo_psychometrics.responses import Responses

SHOWN, MARKED = 40, 1.96


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source.add_source(parser)
    how = parser.add_argument_group("разделы")
    how.add_argument("--domains", type=Path, metavar="ФАЙЛ",
                     help="таблица item, domain: раздел или умение каждого задания (без неё — "
                     "столбец domain правил)")  # fmt: skip
    how.add_argument("--parameters", type=Path, metavar="ФАЙЛ",
                     help="параметры заданий (по умолчанию — из calibrate в каталоге --out)")  # fmt: skip
    how.add_argument("--by", metavar="СТОЛБЕЦ", help="средние профили групп: школ, классов")
    source.add_output(parser)


def inputs(options: argparse.Namespace) -> dict[str, str | Path]:
    """The parameters and the parts of the content decide the result as the data do."""
    more = {"domains": options.domains} if options.domains else {}
    return {"parameters": score.where(options), **more}


def work(options: argparse.Namespace, screen: Screen) -> Outcome:
    """Compare the score on every part with what the total lets expect."""
    import numpy as np
    import polars as pl

    from merilo_psychometrics.persons import group_profiles, profiles

    from .scale import read_parameters

    if options.by and options.by not in options.group:
        options.group = [*options.group, options.by]
    bank = read_parameters(score.where(options))
    responses = source.read_responses(options, screen)
    if options.domains:
        responses = with_domains(responses, options.domains)
    parameters = bank.only(item.id for item in responses.design.items)
    with screen.step("Сравниваю разделы"):
        found = profiles(responses, parameters)
    names = np.array([booklet.id for booklet in responses.design.booklets])
    works = {"person": found.persons, "booklet": names[found.booklets], "score": found.scores}
    for n, domain in enumerate(found.domains):
        for what in ("observed", "expected", "sd", "deviation", "ability", "se"):
            works[f"{domain}: {what}"] = getattr(found, what)[:, n]
    weight = np.concatenate([source.weights(block) for block in responses.blocks])
    parts = []
    for n, domain in enumerate(found.domains):
        away = found.deviation[:, n]
        known = ~np.isnan(away)
        share = weight[known] / weight[known].sum()
        parts.append(
            {
                "domain": domain,
                "items": sum(item.domain == domain for item in responses.design.items),
                "works": float(weight[known].sum()),
                "observed": float(share @ found.observed[known, n]),
                "above": float(share @ (away[known] > MARKED)),
                "below": float(share @ (away[known] < -MARKED)),
            }
        )
    tables = {"profiles": pl.DataFrame(works)}
    groups: tuple[GroupProfile, ...] = ()
    if options.by:
        groups = group_profiles(found, responses, options.by)
        tables["groups"] = pl.DataFrame([{**vars(row), "z": row.z} for row in groups])
    summary: dict[str, Any] = {
        "works": responses.works,
        "domains": parts,
        "groups": [{**vars(row), "z": row.z} for row in groups],
    }
    text = _text(Tongue(options.language), parts, groups)
    return Outcome(text, summary, tables, provenance=[found.provenance.as_dict()])


def with_domains(responses: Responses, where: Path) -> Responses:
    """Give items their parts by a table `item, domain`; raises `BadData`."""
    import polars as pl

    from merilo_psychometrics.data.tables import frames
    from merilo_psychometrics.errors import BadData

    table = pl.concat(list(frames(where, ["item", "domain"]))).cast(pl.String)
    if table["item"].is_duplicated().any():
        twice = table.filter(pl.col("item").is_duplicated())["item"].unique(maintain_order=True)
        raise BadData(
            f"В таблице разделов {where} задание {twice[0]} названо дважды. Оставьте ему один раздел; "
            "другой набор разделов (например умения) считайте отдельно.",
            f"Item {twice[0]} stands twice in {where}; give it one part.",
            items=twice.to_list(),
        )
    known = dict(zip(table["item"], table["domain"], strict=True))
    items = tuple(replace(item, domain=known.get(item.id)) for item in responses.design.items)
    return replace(responses, design=replace(responses.design, items=items))


def _text(t: Tongue, parts: list[dict[str, Any]], groups: tuple[GroupProfile, ...]) -> str:
    head = [
        t("раздел", "part"), t("заданий", "items"), t("работ", "works"), t("балл", "score"),
        t("выше своего балла", "above the total"), t("ниже своего балла", "below the total"),
    ]  # fmt: skip
    rows = [
        [p["domain"], str(p["items"]), t.count(p["works"]), t.number(p["observed"]),
         t.share(p["above"]), t.share(p["below"])]
        for p in parts
    ]  # fmt: skip
    lines = [
        t(
            "Балл за раздел сравнён с баллом, которого ждут при той же сумме. Случайно за ±1,96 "
            "отклонения выходит около 5 % работ; одной работе короткий раздел говорит мало.",
            "The score on a part is held against what the same total lets expect. About 5% of the "
            "works leave ±1.96 by chance; a short part says little of one work.",
        ),
        "",
        columns(head, rows),
    ]
    if groups:
        head = [t("группа", "group"), t("раздел", "part"), t("работ", "works"),
                t("разность баллов", "difference, points"), "SE", "z"]  # fmt: skip
        worst = sorted(groups, key=lambda row: -abs(row.z) if row.z == row.z else 0.0)
        lines += [
            "",
            columns(
                head,
                [[g.group, g.domain, t.count(g.works), t.number(g.difference, 3),
                  t.number(g.se, 3), t.number(g.z)] for g in worst[:SHOWN]],
            ),
        ]  # fmt: skip
        if len(groups) > SHOWN:
            lines.append(t("… остальные строки — в файлах (--out) и в --json",
                           "… the other rows are in the files (--out) and in --json"))  # fmt: skip
    return "\n".join(lines)
