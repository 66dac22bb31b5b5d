"""Works inside an engine: gaps decided about, then two aggregates."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import polars as pl

from merilo_psychometrics.data.coding import items_of
from merilo_psychometrics.data.sources import ScoringRules
from merilo_psychometrics.data.tables import shown
from merilo_psychometrics.design import HIGHEST_SCORE, Booklet, Design, Item
from merilo_psychometrics.errors import BadData, ScoreOutsideRule
from merilo_psychometrics.provenance import Provenance
from merilo_psychometrics.responses import NOT_ADMINISTERED, NOT_REACHED, OMITTED
from merilo_psychometrics.statistics import BookletCounts, SufficientStatistics
from merilo_psychometrics.statistics.counts import columns_of

from .asked import UNKNOWN, Asked, fetch


@dataclass(frozen=True, eq=False)
class Works:
    """`table`: label, weight, q0 … q(k−1)."""

    table: Any
    items: list[str]

    def count(self, asked: Asked) -> Found:
        """Two aggregates: what there is, then the counts."""
        seen = self._seen()
        if not len(seen):
            raise BadData(
                f"В таблице {shown(asked.source.where)} нет строк.",
                f"No rows in {shown(asked.source.where)}.",
            )
        highest = np.array([seen[f"hi{n}"].max() or 0 for n in range(len(self.items))])
        self._require_known(seen)
        labelled = asked.source.booklet is not None
        held = {
            str(row["label"]): [n for n in range(len(self.items)) if row[f"n{n}"] > 0]
            for row in seen.iter_rows(named=True)
        }
        table, split = self._decided(asked, seen, held if labelled else None)
        final = {n: table[f"q{n}"] for n in range(len(self.items))}
        total = functools.reduce(operator.add, [cell.fill_null(0) for cell in final.values()])
        pattern = ibis.literal("")
        if split:
            marks = [ibis.ifelse(cell.isnull(), "0", "1") for cell in final.values()]
            pattern = functools.reduce(operator.add, marks)
        table = table.mutate(total=total.cast("int32"), pattern=pattern)
        tops = np.maximum(highest, 1).astype(int)
        counted = {"works": table.weight.sum()}
        for n, top in enumerate(tops):
            for score in range(1, top + 1):
                hit = ibis.ifelse(table[f"q{n}"] == score, table.weight, 0)
                counted[f"c{n}_{score}"] = hit.sum()
        rows = fetch(table.group_by(["label", "pattern", "total"]).aggregate(**counted))
        return Found(self.items, tops, rows, held if labelled else None, split,
                      asked.source.weight is not None)  # fmt: skip

    def _seen(self) -> Any:
        wanted: dict[str, Any] = {"works": self.table.count()}
        for n in range(len(self.items)):
            cell = self.table[f"q{n}"]
            wanted[f"hi{n}"], wanted[f"lo{n}"] = cell.max(), cell.min()
            wanted[f"n{n}"] = (cell != NOT_ADMINISTERED).fill_null(False).sum()
            wanted[f"om{n}"] = (cell == OMITTED).fill_null(False).sum()
            wanted[f"nr{n}"] = (cell == NOT_REACHED).fill_null(False).sum()
        return fetch(self.table.group_by("label").aggregate(**wanted))

    def _require_known(self, seen: Any) -> None:
        wrong = [name for n, name in enumerate(self.items)
                 if (seen[f"lo{n}"].min() or 0) <= UNKNOWN]  # fmt: skip
        if wrong:
            raise ScoreOutsideRule(
                f"В заданиях {', '.join(wrong[:8])} есть значения, которые не балл от 0 до "
                f"{HIGHEST_SCORE}, не ответ из правила и не код пропуска. Исправьте данные, дополните "
                "правило или назовите код.",
                f"Unknown cells in items {wrong[:8]}.",
                items=wrong,
            )

    def _decided(
        self, asked: Asked, seen: Any, held: dict[str, list[int]] | None
    ) -> tuple[Any, bool]:
        """Write what gaps count as; say whether works with unequal items are left."""
        split = False
        cells: dict[str, Any] = {}
        for n in range(len(self.items)):
            cell = self.table[f"q{n}"]
            gaps = {OMITTED: int(seen[f"om{n}"].sum()), NOT_REACHED: int(seen[f"nr{n}"].sum())}
            if held is None:
                cell = cell.nullif(NOT_ADMINISTERED)
                split |= bool((seen[f"n{n}"] < seen["works"]).any())
            else:
                inside = [label for label, items in held.items() if n in items]
                there = seen.filter(pl.col("label").is_in(inside))
                gaps[OMITTED] += int((there["works"] - there[f"n{n}"]).sum())
                filled = cell.nullif(NOT_ADMINISTERED).fill_null(OMITTED)
                cell = ibis.ifelse(self.table.label.isin(inside), filled, None)
            for code, many in gaps.items():
                if not many:
                    continue
                score = asked.decision(code, held or ())
                split |= score is None
                cell = cell.nullif(code) if score is None else ibis.ifelse(cell == code, 0, cell)
            cells[f"q{n}"] = cell
        return self.table.select(label=self.table.label, weight=self.table.weight, **cells), split


@dataclass(frozen=True, eq=False)
class Found:
    """Rows (label, pattern, total) of counts that came back from the engine."""

    items: list[str]
    tops: Any
    rows: Any
    held: dict[str, list[int]] | None
    split: bool
    weighted: bool

    def statistics(
        self, rules: ScoringRules | None, settings: dict[str, Any]
    ) -> SufficientStatistics:
        """Lay the rows out as the nouns of counting."""
        full = items_of(self.items, np.asarray(self.tops, dtype=np.int64), rules)
        kept = [n for n in range(len(full)) if self.held is None or any(
            n in items for items in self.held.values())]  # fmt: skip
        booklets: list[Booklet] = []
        counts: list[BookletCounts] = []
        place = {old: new for new, old in enumerate(kept)}
        names: dict[str, int] = {}
        ordered = self.rows.sort("label", "pattern", "total")
        for (label, pattern), rows in ordered.group_by("label", "pattern", maintain_order=True):
            label, given = str(label), self._given(str(label), str(pattern))
            if not given:
                continue
            names[label] = names.get(label, 0) + 1
            own = label if names[label] == 1 else f"{label}~{names[label]}"
            booklets.append(
                Booklet(
                    own if self.held is not None else str(len(booklets) + 1),
                    np.array([place[n] for n in given], dtype=np.int32),
                )
            )
            counts.append(self._counts([full[n] for n in given], given, rows))
        design = Design(tuple(full[n] for n in kept), tuple(booklets))
        made = SufficientStatistics(design, tuple(counts), Provenance("count", ""))
        return made.known_as("count", settings)

    def _given(self, label: str, pattern: str) -> list[int]:
        if self.split:
            return [n for n, mark in enumerate(pattern) if mark == "1"]
        return list(range(len(self.items))) if self.held is None else self.held[label]

    def _counts(self, items: list[Item], given: list[int], rows: Any) -> BookletCounts:
        kind = np.float64 if self.weighted else np.int64
        columns = columns_of(items)
        height = sum(item.max_score for item in items) + 1
        by_score = np.zeros(height, dtype=kind)
        by_item = np.zeros((height, columns[-1]), dtype=kind)
        totals = rows["total"].to_numpy().astype(np.int64)
        works = rows["works"].to_numpy().astype(kind)
        by_score[totals] = works
        for q, (n, item) in enumerate(zip(given, items, strict=True)):
            left = works.copy()
            for score in range(1, min(int(self.tops[n]), item.max_score) + 1):
                hits = rows[f"c{n}_{score}"].to_numpy().astype(kind)
                by_item[totals, columns[q] + score] = hits
                left -= hits
            by_item[totals, columns[q]] = left
        return BookletCounts(by_score, by_item, columns)
