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


def alike(source) -> None:
    assert told(count(source)) == told(sufficient_statistics(read(source)))


@pytest.mark.parametrize("top", [1, 3])
def test_more_works_of_one_total_than_a_byte_counts(tmp_path: Path, monkeypatch, top):
    monkeypatch.setattr(tables, "BATCH_ROWS", 100_000)
    chance = np.random.default_rng(3)
    scores = chance.integers(0, top + 1, (5_000, 11)).astype(np.int8)
    scores[:3_000] = scores[0]
    wide = pl.DataFrame({f"q{n:02d}": scores[:, n] for n in range(11)})
    wide = wide.with_columns(person=pl.int_range(5_000, dtype=pl.Int32))
    wide.write_parquet(tmp_path / "w.parquet", row_group_size=1_700)
    alike(Wide(tmp_path / "w.parquet"))
    rows = pl.DataFrame(
        {
            "person": np.repeat(np.arange(5_000, dtype=np.int32), 11),
            "item": np.tile(np.arange(11, dtype=np.int16), 5_000),
            "score": scores.ravel(),
        }
    )
    rows.write_parquet(tmp_path / "l.parquet", row_group_size=1_003)
    alike(Long(tmp_path / "l.parquet"))


def test_booklets_one_after_the_other_in_a_wide_file(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(tables, "BATCH_ROWS", 100_000)
    chance = np.random.default_rng(5)
    scores = chance.integers(0, 2, (6_000, 9)).astype(np.int8)
    given = np.arange(9) // 3 != (np.arange(6_000) // 2_000)[:, None]
    whole = pl.DataFrame({f"q{n}": pl.Series(scores[:, n]) for n in range(9)})
    wide = whole.with_columns(
        pl.when(pl.Series(given[:, n])).then(pl.col(f"q{n}")).alias(f"q{n}") for n in range(9)
    ).with_columns(variant=pl.Series(np.arange(6_000) // 2_000).cast(pl.String))
    wide.write_parquet(tmp_path / "w.parquet")
    alike(Wide(tmp_path / "w.parquet", person=None, groups=("variant",)))
    alike(Wide(tmp_path / "w.parquet", person=None, booklet="variant"))


def test_the_weight_of_a_work_that_is_alone_in_its_batch_counts(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(tables, "BATCH_ROWS", 1)
    made = pl.DataFrame({"q1": [0, 1], "q2": [1, 0], "w": [2.5, 4.0]}).cast(
        {"q1": pl.Int8, "q2": pl.Int8}
    )
    made.write_parquet(tmp_path / "w.parquet")
    found = count(Wide(tmp_path / "w.parquet", person=None, weight="w"))
    assert found.works == 6.5


@pytest.mark.parametrize("cell", [-1, 127])
def test_a_number_that_is_no_score_is_refused_wherever_it_stands(
    tmp_path: Path, monkeypatch, cell
):
    monkeypatch.setattr(tables, "BATCH_ROWS", 100_000)
    scores = np.random.default_rng(7).integers(0, 2, (3_000, 8)).astype(np.int8)
    scores[2_500, 5] = cell
    wide = pl.DataFrame({f"q{n}": scores[:, n] for n in range(8)})
    wide.write_parquet(tmp_path / "w.parquet")
    rows = pl.DataFrame(
        {
            "person": np.repeat(np.arange(3_000), 8),
            "item": np.tile(np.arange(8), 3_000),
            "score": scores.ravel(),
        }
    )
    rows.write_parquet(tmp_path / "l.parquet")
    for source in (Wide(tmp_path / "w.parquet", person=None), Long(tmp_path / "l.parquet")):
        with pytest.raises(errors.ScoreOutsideRule, match=str(cell)):
            count(source)
