"""Counting a file batch by batch gives what reading it whole would give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.data import Coding, Long, ScoringRules, Wide, count, read, tables
from merilo_psychometrics.statistics import sufficient_statistics


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many batches even of a small table."""
    monkeypatch.setattr(tables, "BATCH_ROWS", 37)


def table(persons: int = 500, *, booklets: int = 3) -> pl.DataFrame:
    chance = np.random.default_rng(17)
    made = pl.DataFrame({"person": np.arange(persons)})
    variant = chance.integers(0, booklets, persons)
    for n in range(9):
        scores = pl.Series(chance.integers(0, 2 + (n % 3), persons))
        given = pl.Series(variant != n // 3)
        made = made.with_columns(
            pl.when(given).then(scores).otherwise(None).alias(f"q{n}"),
        )
    # The highest score of the last item comes late, long after the first batches.
    late = (pl.col("person") == persons - 2) & pl.col("q8").is_not_null()
    made = made.with_columns(pl.when(late).then(7).otherwise(pl.col("q8")).alias("q8"))
    return made.with_columns(pl.Series("variant", variant).cast(pl.String))


def long_of(wide: pl.DataFrame) -> pl.DataFrame:
    items = [name for name in wide.columns if name.startswith("q")]
    rows = wide.unpivot(
        items, index=["person", "variant"], variable_name="item", value_name="score"
    )
    return rows.drop_nulls().sort("person", "item")


def told(statistics):
    """Counts by the names of the items, in no order of booklets."""
    design = statistics.design
    return {
        tuple(sorted(design.items[n].id for n in booklet.items)): (
            counts.score_counts.tolist(),
            {design.items[n].id: counts.of_item(q).tolist() for q, n in enumerate(booklet.items)},
        )
        for booklet, counts in zip(design.booklets, statistics.booklets, strict=True)
    }


@pytest.mark.parametrize("variant", [None, "variant"])
def test_batches_add_up(tmp_path: Path, variant):
    wide = table() if variant else table().drop("variant")
    wide.write_parquet(tmp_path / "w.parquet")
    wide.write_csv(tmp_path / "w.csv")
    long_of(table()).write_parquet(tmp_path / "l.parquet")
    long_of(table()).sample(fraction=1, shuffle=True, seed=1).write_parquet(tmp_path / "s.parquet")
    whole = told(sufficient_statistics(read(Wide(tmp_path / "w.parquet", booklet=variant))))
    for source in (
        Wide(tmp_path / "w.parquet", booklet=variant),
        Wide(tmp_path / "w.csv", booklet=variant),
        Long(tmp_path / "l.parquet", booklet=variant),
        Long(tmp_path / "s.parquet", booklet=variant),
    ):
        assert told(count(source)) == whole


def test_named_booklets_keep_their_names(tmp_path: Path):
    table().write_parquet(tmp_path / "w.parquet")
    found = count(Wide(tmp_path / "w.parquet", booklet="variant"))
    assert sorted(booklet.id for booklet in found.design.booklets) == ["0", "1", "2"]


def test_a_gap_needs_a_decision(tmp_path: Path):
    gaps = table().with_columns(
        pl.when(pl.col("person") % 50 == 3).then(9).otherwise(pl.col("q0")).alias("q0")
    )
    gaps.write_parquet(tmp_path / "w.parquet")
    source, coding = Wide(tmp_path / "w.parquet", booklet="variant"), Coding(omitted=("9",))
    with pytest.raises(errors.UntreatedOmissions):
        count(source, coding=coding)
    decided = {"omitted": "wrong", "not_reached": "missing"}
    whole = sufficient_statistics(read(source, coding=coding).treat(**decided))
    assert told(count(source, coding=coding, **decided)) == told(whole)


def test_an_item_a_batch_has_not_met_is_still_of_its_booklet(tmp_path: Path):
    rows = pl.DataFrame(
        {"person": range(100), "variant": ["A"] * 100, "q0": [1, 0] * 50, "q1": [None] * 99 + [1]}
    )
    rows.write_parquet(tmp_path / "w.parquet")
    long_of(rows).write_parquet(tmp_path / "l.parquet")
    for source in (
        Wide(tmp_path / "w.parquet", booklet="variant"),
        Long(tmp_path / "l.parquet", booklet="variant"),
    ):
        found = count(source, omitted="wrong", not_reached="wrong")
        assert [booklet.id for booklet in found.design.booklets] == ["A"]
        assert found.booklets[0].score_counts.sum() == 100


def test_answers_are_scored_on_the_way(tmp_path: Path):
    pl.DataFrame({"person": [1, 2, 3], "q": ["A", "B", "A"]}).write_csv(tmp_path / "t.csv")
    rules = ScoringRules({"q": {"A": 2, "B": 0}})
    found = count(Wide(tmp_path / "t.csv"), rules=rules)
    assert found.design.items[0].scores == (0, 2)
    assert found.booklets[0].score_counts.tolist() == [1, 0, 2]


def test_an_empty_table_is_no_result(tmp_path: Path):
    rows = pl.DataFrame({"person": [1], "item": ["q"], "score": [1]})
    rows.clear().write_parquet(tmp_path / "t.parquet")
    for source in (
        Wide(tmp_path / "t.parquet", items=("score",)),
        Long(tmp_path / "t.parquet"),
    ):
        with pytest.raises(errors.BadData, match="нет строк"):
            count(source)
