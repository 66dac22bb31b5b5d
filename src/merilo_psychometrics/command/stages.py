"""Paths of a multi-stage test as a table that a person writes: `calibrate --stages FILE`.

One row an item of a booklet (a path), in the order they were given: `booklet, stage, item, lowest,
highest, cumulative`. `lowest` and `highest` are the scores that led on from the stage, in every row
of it or in one; the last stage leads nowhere. `cumulative` (yes unless said): the score of all stages
so far decided; else that of the stage alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from merilo_psychometrics.data.tables import frames, names_of, require_columns
from merilo_psychometrics.design import Booklet, Design, Stage
from merilo_psychometrics.errors import BadData, listed
from merilo_psychometrics.responses import Block, Responses

NEEDED = ("booklet", "stage", "item", "lowest", "highest")
TRUTH = {"1": True, "true": True, "yes": True, "да": True,
         "0": False, "false": False, "no": False, "нет": False}  # fmt: skip


@dataclass
class Part:
    """One stage of a path: items by name, and the scores that led on where the table tells them."""

    name: str
    items: list[str] = field(default_factory=list)
    lowest: int | None = None
    highest: int | None = None
    cumulative: bool | None = None


def read_stages(where: Path) -> dict[str, list[Part]]:
    """Read the table: booklet → its stages in order. Raises `BadData` naming the row's booklet."""
    there = names_of(where, None)
    require_columns(NEEDED, there, where)
    wanted = [*NEEDED, *(["cumulative"] if "cumulative" in there else [])]
    table = pl.concat(list(frames(where, wanted))).cast(pl.String)
    paths: dict[str, list[Part]] = {}
    for row in table.iter_rows(named=True):
        empty = [name for name in NEEDED[:3] if not row[name]]
        if empty:
            raise BadData(
                f"В таблице этапов {where} пустая клетка в столбце {empty[0]}.",
                f"An empty cell in the column {empty[0]} of {where}.",
            )
        parts = paths.setdefault(row["booklet"], [])
        known = [part.name for part in parts]
        if row["stage"] not in known:
            parts.append(Part(row["stage"]))
        elif known[-1] != row["stage"]:
            raise BadData(
                f"В таблице этапов {where} строки этапа {row['stage']} варианта {row['booklet']} стоят "
                "вразброс. Поставьте строки в том порядке, в котором предъявлялись задания.",
                f"The rows of stage {row['stage']} of booklet {row['booklet']} in {where} are not "
                "together; put them in the order the items were given.",
                booklets=[row["booklet"]],
            )
        part = parts[-1]
        part.items.append(row["item"])
        for column in ("lowest", "highest", "cumulative"):
            if row.get(column):
                _take(part, column, _value(row, column, where), row["booklet"], where)
    for booklet, parts in paths.items():
        _require_limits(booklet, parts, where)
    return paths


def with_stages(responses: Responses, paths: dict[str, list[Part]], *, named: bool) -> Responses:
    """Give every booklet its stages, its items in their order; the answers must follow the paths.

    A booklet is known by its name where a column names it (`named`), else by its items. Raises
    `BadData` for a booklet without stages, items that differ, and works that left the path.
    """
    held = [_names(responses.design, booklet) for booklet in responses.design.booklets]
    items = {frozenset(_items(parts)): name for name, parts in paths.items()}
    if len(items) < len(paths) and not named:
        raise BadData(
            "В таблице этапов есть варианты из одних и тех же заданий: чтобы различить их, нужен "
            "столбец варианта в данных (--booklet).",
            "Booklets of the table of stages hold the same items: name the column that tells them "
            "apart (--booklet).",
        )
    booklets, blocks = [], []
    for booklet, block, own in zip(responses.design.booklets, responses.blocks, held, strict=True):
        name = booklet.id if named else items.get(frozenset(own), booklet.id)
        if name not in paths:
            raise _unknown_booklet(name, own, list(paths), named)
        _require_items(name, own, _items(paths[name]))
        order = np.array([own.index(item) for item in _items(paths[name])])
        block = block.take(slice(None), order)
        staged = Booklet(name, booklet.items[order], _stages(responses.design, paths[name]))
        _require_path(staged, paths[name], block)
        booklets.append(staged)
        blocks.append(block)
    design = Design(responses.design.items, tuple(booklets))
    return replace(responses, design=design, blocks=tuple(blocks))


def stage_rows(design: Design) -> list[dict[str, Any]]:
    """The table that `read_stages` reads, from a design."""
    return [
        {
            "booklet": booklet.id,
            "stage": number,
            "item": design.items[int(booklet.items[position])].id,
            "lowest": None if number == len(booklet.stages) else stage.lowest,
            "highest": None if number == len(booklet.stages) else stage.highest,
            "cumulative": "yes" if stage.cumulative else "no",
        }
        for booklet in design.booklets
        for number, stage in enumerate(booklet.stages, 1)
        for position in stage.items
    ]


def _value(row: dict[str, Any], column: str, where: Path) -> int | bool:
    """The cell as a whole number, or as yes or no."""
    cell = str(row[column]).strip()
    if column == "cumulative" and cell.lower() in TRUTH:
        return TRUTH[cell.lower()]
    if column != "cumulative":
        try:
            number = float(cell)
        except ValueError:
            number = -1.0
        if number >= 0 and number.is_integer():
            return int(number)
    russian, english = ("да или нет", "yes or no") if column == "cumulative" else (
        "целый балл не меньше 0", "a whole score, 0 or more")  # fmt: skip
    raise BadData(
        f"В таблице этапов {where} у варианта {row['booklet']} в столбце {column} стоит «{cell}», "
        f"а нужно: {russian}.",
        f"{cell!r} in the column {column} of booklet {row['booklet']} in {where}: {english} is "
        "needed.",
        booklets=[row["booklet"]],
    )


def _take(part: Part, column: str, value: int | bool, booklet: str, where: Path) -> None:
    """Keep what the row says of its stage; another row must not say otherwise."""
    before = getattr(part, column)
    if before is not None and before != value:
        raise BadData(
            f"В таблице этапов {where} у этапа {part.name} варианта {booklet} столбец {column} в разных "
            "строках разный. Границы относятся ко всему этапу: оставьте одно значение.",
            f"Rows of stage {part.name} of booklet {booklet} in {where} differ in {column}; it belongs "
            "to the whole stage.",
            booklets=[booklet],
        )
    setattr(part, column, value)


def _require_limits(booklet: str, parts: list[Part], where: Path) -> None:
    twice = [item for n, item in enumerate(_items(parts)) if item in _items(parts)[:n]]
    if twice:
        raise BadData(
            f"В таблице этапов {where} задание {twice[0]} стоит в варианте {booklet} дважды.",
            f"Item {twice[0]} stands twice in booklet {booklet} of {where}.",
            items=twice, booklets=[booklet],
        )  # fmt: skip
    for part in parts[:-1]:
        if part.lowest is None or part.highest is None or part.lowest > part.highest:
            raise BadData(
                f"В таблице этапов {where} у этапа {part.name} варианта {booklet} не сказано, с какими "
                "баллами с него шли дальше: нужны lowest и highest, lowest не больше highest.",
                f"Stage {part.name} of booklet {booklet} in {where} needs lowest and highest, the "
                "scores that led on.",
                booklets=[booklet],
            )


def _items(parts: list[Part]) -> list[str]:
    return [item for part in parts for item in part.items]


def _names(design: Design, booklet: Booklet) -> list[str]:
    return [design.items[int(position)].id for position in booklet.items]


def _stages(design: Design, parts: list[Part]) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    first, most = 0, 0
    for part in parts:
        many = len(part.items)
        most += sum(design.items[design.index[item]].max_score for item in part.items)
        # The last stage leads nowhere: whatever was scored is let through.
        last = part is parts[-1]
        lowest, highest = (0, most) if last else (part.lowest or 0, part.highest or 0)
        positions = tuple(range(first, first + many))
        stages.append(Stage(positions, lowest, highest, last or part.cumulative is not False))
        first += many
    return tuple(stages) if len(stages) > 1 else ()


def _unknown_booklet(name: str, own: list[str], known: list[str], named: bool) -> BadData:
    if not named:
        return BadData(
            f"В таблице этапов нет варианта из заданий {listed(own)}, а такие работы есть. Впишите его "
            "(вариант без этапов — одним этапом) или назовите столбец варианта (--booklet).",
            f"No booklet of the table of stages holds the items {listed(own)}; put it there (a linear "
            "one as a single stage), or name the column of the booklet (--booklet).",
            items=own,
        )
    return BadData(
        f"В таблице этапов нет варианта {name}; есть: {listed(known)}. Впишите его (вариант без этапов "
        "— одним этапом).",
        f"No booklet {name} in the table of stages, there are {listed(known)}; put it there (a "
        "linear one as a single stage).",
        booklets=[name],
    )


def _require_items(booklet: str, own: list[str], told: list[str]) -> None:
    unknown = [item for item in told if item not in own]
    left = [item for item in own if item not in told]
    if unknown:
        raise BadData(
            f"В таблице этапов у варианта {booklet} названы задания {listed(unknown)}, которых в его "
            f"работах нет; есть: {listed(own)}.",
            f"Booklet {booklet} has no items {listed(unknown)} of the table of stages; it has "
            f"{listed(own)}.",
            items=unknown, booklets=[booklet],
        )  # fmt: skip
    if left:
        raise BadData(
            f"Этапы варианта {booklet} не покрывают его задания: {listed(left)}. Впишите каждое "
            "задание варианта в тот этап, на котором его давали.",
            f"The stages of booklet {booklet} do not cover its items {listed(left)}: put every item "
            "into the stage it was given in.",
            items=left, booklets=[booklet],
        )  # fmt: skip


def _require_path(booklet: Booklet, parts: list[Part], block: Block) -> None:
    """Every work scored what led on; an omission not decided about yet gives no points so far."""
    so_far = np.zeros(len(block), dtype=np.int64)
    for part, stage in zip(parts[:-1], booklet.stages[:-1], strict=False):
        own = np.maximum(block.scores[:, list(stage.items)], 0).sum(axis=1, dtype=np.int64)
        so_far = so_far + own
        score = so_far if stage.cumulative else own
        outside = np.flatnonzero((score < stage.lowest) | (score > stage.highest))
        if len(outside):
            who = listed([str(person) for person in block.persons[outside]])
            raise BadData(
                f"В варианте {booklet.id} у работ {who} балл после этапа {part.name} вне "
                f"{stage.lowest}…{stage.highest}: по этому пути они идти не могли. Проверьте границы "
                "и столбец cumulative (сумма всех этапов или балл одного) или уберите эти работы.",
                f"In booklet {booklet.id} works {who} scored outside {stage.lowest}…{stage.highest} "
                f"after stage {part.name}: they cannot have gone this path. See the limits and the "
                "column cumulative, or leave the works out.",
                booklets=[booklet.id],
            )
