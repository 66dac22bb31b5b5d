"""All roads from a table to counts tell the same: read whole or batch by batch, wide or long, in any order.

The road to compare with is `read`, which knows nothing of the compiled pass.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.data import (
    Coding,
    Long,
    ScoringRules,
    Wide,
    count,
    read,
    spill,
    tables,
)
from merilo_psychometrics.statistics import sufficient_statistics

ITEMS = [f"q{n:02d}" for n in range(11)]
CODES = Coding(omitted=("99", "-"), not_reached=("98",), not_administered=("97",))
RULES = ScoringRules(
    {
        name: {"a": 0, "b": 2, "c": 3} if n % 3 else {"a": 1, "b": 0}
        for n, name in enumerate(ITEMS)
    },
    otherwise=0,
)
DECISIONS = [
    ("wrong", "wrong"),
    ("wrong", "missing"),
    ("missing", "wrong"),
    ("missing", "missing"),
]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many batches, and files split more than once, even of a small table."""
    monkeypatch.setattr(tables, "BATCH_ROWS", 71)
    monkeypatch.setattr(spill, "ROWS_IN_MEMORY", 500)
    monkeypatch.setattr(spill, "BUCKETS", 3)


def nasty(kind: str, *, persons: int = 210, seed: int = 5) -> pl.DataFrame:
    """Three booklets, gaps of every kind, a high score late, works without a single response."""
    chance = np.random.default_rng(seed)
    variant = chance.integers(0, 3, persons)
    cells = {}
    for n, name in enumerate(ITEMS):
        scores = chance.integers(0, 2 + (n % 4 == 3) * 3, persons).astype(object)
        if kind == "rules":
            scores = np.array(["a", "b", "c", "x"], dtype=object)[chance.integers(0, 4, persons)]
        if kind != "plain":
            scores[chance.random(persons) < 0.04] = "99"
            scores[chance.random(persons) < 0.03] = "98"
            scores[chance.random(persons) < 0.03] = "97"
        if kind == "plain" and n == 6:
            scores[persons - 3] = 9
        scores[(variant == 0) & (n < 3) | (variant == 1) & (n > 7)] = None
        scores[chance.random(persons) < 0.05] = None
        cells[name] = scores
    for name in ITEMS:
        cells[name][[17, 200]] = None
    kinds = pl.Int64 if kind in ("plain", "codes") else pl.String
    made = {name: [None if c is None else (int(c) if kinds == pl.Int64 else str(c)) for c in column]
            for name, column in cells.items()}  # fmt: skip
    return pl.DataFrame(
        {
            "person": np.arange(persons) + 1000,
            "variant": [f"в{v}" for v in variant],
            "w": np.round(chance.random(persons) * 8) / 4,
            **{name: pl.Series(column, dtype=kinds) for name, column in made.items()},
        }
    )


def rows_of(wide: pl.DataFrame, *, empty: bool) -> pl.DataFrame:
    rows = wide.unpivot(
        ITEMS, index=["person", "variant", "w"], variable_name="item", value_name="score"
    )
    return (rows if empty else rows.drop_nulls()).sort("person", maintain_order=True)


def told(statistics, *, labelled: bool):
    """Counts by the label and the items; booklets of the same items are taken together."""
    design = statistics.design
    found: dict = defaultdict(lambda: None)
    for booklet, counts in zip(design.booklets, statistics.booklets, strict=True):
        names = [design.items[n].id for n in booklet.items]
        label = booklet.id.split("~")[0] if labelled else ""
        key = (label, tuple(sorted(names)))
        order = [names.index(name) for name in key[1]]
        whole = np.hstack([counts.score_counts[:, None], *(counts.of_item(q) for q in order)])
        found[key] = whole if found[key] is None else found[key] + whole
    return {key: whole.round(9).tolist() for key, whole in found.items()}


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("booklet", [None, "variant"])
@pytest.mark.parametrize(
    ("kind", "weight"),
    [("plain", None), ("plain", "w"), ("codes", None), ("text", "w"), ("rules", None)],
)
def test_every_road_tells_the_same(tmp_path: Path, kind, booklet, weight, decision):
    wide = nasty(kind)
    how = {
        "coding": None if kind == "plain" else CODES,
        "rules": RULES if kind == "rules" else None,
    }
    wide.write_parquet(tmp_path / "w.parquet")
    rows = rows_of(wide, empty=False)
    # Works of which nothing is known have no row in a long table; elsewhere they stand empty.
    rows.write_parquet(tmp_path / "sorted.parquet")
    rows.sample(fraction=1, shuffle=True, seed=2).write_parquet(tmp_path / "scattered.parquet")
    numbered = rows.with_columns(pl.col("item").str.slice(1).cast(pl.Int16))
    if kind != "rules":
        numbered.write_parquet(tmp_path / "numbered.parquet")
    named = rows.with_columns(pl.format("у{}", "person").alias("person"))
    named.sort("person", "w", "score").write_parquet(tmp_path / "named.parquet")
    about = {"booklet": booklet, "weight": weight}
    treated = {"omitted": decision[0], "not_reached": decision[1]}
    for source in (
        Wide(tmp_path / "w.parquet", items=tuple(ITEMS), **about),
        *(Long(file, **about) for file in sorted(tmp_path.glob("*ed.parquet"))),
    ):
        whole = sufficient_statistics(read(source, **how).treat(**treated))
        found = count(source, **how, **treated, threads=3)
        assert told(found, labelled=booklet is not None) == told(
            whole, labelled=booklet is not None
        ), source.where


def test_wide_and_long_hash_alike_in_any_order(tmp_path: Path):
    wide = nasty("plain").filter(~pl.all_horizontal(pl.col(ITEMS).is_null()))
    wide.write_parquet(tmp_path / "w.parquet")
    wide.sample(fraction=1, shuffle=True, seed=1).write_csv(tmp_path / "w.csv")
    rows = rows_of(wide, empty=True)
    rows.write_parquet(tmp_path / "sorted.parquet")
    rows.sample(fraction=1, shuffle=True, seed=2).write_csv(tmp_path / "scattered.csv")
    hashes = {
        count(source, omitted="wrong", not_reached="wrong").counts_hash
        for variant in ("variant",)
        for source in (
            Wide(tmp_path / "w.parquet", items=tuple(ITEMS), booklet=variant),
            Wide(tmp_path / "w.csv", items=tuple(ITEMS[::-1]), booklet=variant),
            Long(tmp_path / "sorted.parquet", booklet=variant),
            Long(tmp_path / "scattered.csv", booklet=variant),
        )
    }
    assert len(hashes) == 1


def test_what_is_read_hashes_as_what_is_counted(tmp_path: Path):
    nasty("plain").write_parquet(tmp_path / "w.parquet")
    source = Wide(tmp_path / "w.parquet", items=tuple(ITEMS))
    assert sufficient_statistics(read(source)).counts_hash == count(source).counts_hash


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("kind", ["numbers", "names"])
def test_an_answer_given_twice_names_the_person_and_the_item(tmp_path: Path, kind, scattered):
    rows = rows_of(nasty("plain"), empty=False).drop("variant", "w")
    if kind == "names":
        rows = rows.with_columns(pl.format("у{}", "person").alias("person")).sort("person")
    again = rows.filter(pl.col("item") == "q05")[100:101]
    rows = pl.concat([rows, again]).sort("person", maintain_order=True)
    if scattered:
        rows = rows.sample(fraction=1, shuffle=True, seed=9)
    rows.write_parquet(tmp_path / "l.parquet")
    with pytest.raises(
        errors.DuplicateResponse, match=f"участника {again['person'][0]} задание q05"
    ):
        count(Long(tmp_path / "l.parquet"))
    with pytest.raises(
        errors.DuplicateResponse, match=f"участника {again['person'][0]} задание q05"
    ):
        read(Long(tmp_path / "l.parquet"))


def test_an_item_twice_is_refused_in_a_named_booklet_whose_gaps_are_filled(tmp_path: Path):
    rows = rows_of(nasty("plain"), empty=False)
    pl.concat([rows, rows[500:501]]).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(errors.DuplicateResponse):
        count(
            Long(tmp_path / "l.parquet", booklet="variant"), omitted="wrong", not_reached="wrong"
        )


def test_an_empty_row_beside_an_answer_is_no_second_answer(tmp_path: Path):
    rows = pl.DataFrame({"person": [1, 1, 2], "item": ["a", "a", "a"], "score": [1, None, 0]})
    for order in (rows, rows[[1, 0, 2]]):
        order.write_parquet(tmp_path / "l.parquet")
        source = Long(tmp_path / "l.parquet")
        assert read(source).works == count(source).works == 2


def test_one_person_with_two_booklets_that_alternate_row_by_row(tmp_path: Path):
    rows = pl.DataFrame(
        {
            "person": [1] * 4 + [2] * 2,
            "item": ["a", "a", "b", "b", "a", "b"],
            "score": [1, 0, 1, 1, 0, 1],
            "variant": ["A", "B", "A", "B", "A", "A"],
        }
    )
    rows.write_parquet(tmp_path / "l.parquet")
    found = count(Long(tmp_path / "l.parquet", booklet="variant"))
    assert {b.id: c.score_counts.tolist() for b, c in
            zip(found.design.booklets, found.booklets, strict=True)} == {
        "A": [0, 1, 1], "B": [0, 1, 0]}  # fmt: skip


@pytest.mark.parametrize("booklet", [None, "variant"])
def test_an_undecided_gap_is_refused_on_every_road(tmp_path: Path, booklet):
    wide = nasty("codes")
    wide.write_parquet(tmp_path / "w.parquet")
    rows_of(wide, empty=False).write_parquet(tmp_path / "l.parquet")
    for source in (
        Wide(tmp_path / "w.parquet", items=tuple(ITEMS), booklet=booklet),
        Long(tmp_path / "l.parquet", booklet=booklet),
    ):
        for half in ({}, {"omitted": "wrong"}, {"not_reached": "missing"}):
            with pytest.raises(errors.UntreatedOmissions):
                count(source, coding=CODES, **half)


def test_a_gap_met_in_the_last_batch_only_is_refused(tmp_path: Path):
    rows = pl.DataFrame({"person": range(300), "variant": ["A"] * 300, "q0": [1] * 300,
                         "q1": [0] * 299 + [None]})  # fmt: skip
    rows.write_parquet(tmp_path / "w.parquet")
    with pytest.raises(errors.UntreatedOmissions) as refusal:
        count(Wide(tmp_path / "w.parquet", booklet="variant"))
    assert refusal.value.booklets == ("A",)


@pytest.mark.parametrize("cell", [-1, 127, 300])
def test_a_cell_that_is_no_score_names_its_item(tmp_path: Path, cell):
    wide = nasty("plain").with_columns(
        q03=pl.when(pl.col("person") == 1190).then(cell).otherwise("q03")
    )
    wide.write_parquet(tmp_path / "w.parquet")
    rows_of(wide, empty=False).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(errors.ScoreOutsideRule, match="q03"):
        count(Wide(tmp_path / "w.parquet", items=tuple(ITEMS)))
    with pytest.raises(errors.ScoreOutsideRule, match=f"«{cell}»"):
        count(Long(tmp_path / "l.parquet"))


@pytest.mark.parametrize("column", ["person", "item", "variant"])
def test_a_row_of_nobody_is_refused(tmp_path: Path, column):
    rows = rows_of(nasty("plain"), empty=False)
    late = pl.int_range(pl.len()) == len(rows) - 2
    rows.with_columns(pl.when(late).then(None).otherwise(column).alias(column)).write_parquet(
        tmp_path / "l.parquet"
    )
    with pytest.raises(errors.BadData, match=f"«{column}»"):
        count(
            Long(tmp_path / "l.parquet", booklet="variant"), omitted="wrong", not_reached="wrong"
        )


def test_a_weight_or_a_group_that_changes_inside_a_work_is_refused(tmp_path: Path):
    rows = rows_of(nasty("plain"), empty=False).with_row_index("line")
    rows.sample(fraction=1, shuffle=True, seed=4).write_parquet(tmp_path / "l.parquet")
    for about in ({"weight": "line"}, {"groups": ("line",)}):
        with pytest.raises(errors.BadData, match="«line» меняется"):
            count(Long(tmp_path / "l.parquet", **about))


def test_a_person_with_more_rows_than_fit_is_not_split_for_ever(tmp_path: Path):
    items = pl.DataFrame({"person": [7] * 90, "item": range(90), "score": [1] * 90})
    other = pl.DataFrame({"person": [3], "item": [0], "score": [0]})
    pl.concat([items, other]).write_parquet(tmp_path / "l.parquet")
    assert count(Long(tmp_path / "l.parquet")).works == 2


def test_scattered_rows_never_stand_in_memory_together(tmp_path: Path, monkeypatch):
    rows = rows_of(nasty("plain"), empty=True).sample(fraction=1, shuffle=True, seed=3)
    rows.write_parquet(tmp_path / "l.parquet")
    (tmp_path / "spilled").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spilled"))
    held: list[int] = []
    in_order = spill._in_order
    monkeypatch.setattr(spill, "_in_order", lambda t, p: (held.append(len(t)), in_order(t, p))[1])
    assert count(Long(tmp_path / "l.parquet")).works == 208  # two have no response at all
    assert sum(held) == len(rows)
    assert max(held) <= spill.ROWS_IN_MEMORY
    assert not list((tmp_path / "spilled").iterdir())


def test_items_far_apart_by_number_keep_their_names(tmp_path: Path):
    rows = pl.DataFrame(
        {"person": [1, 1, 2, 2], "item": [5, 10**12, 10**12, 5], "score": [1, 0, 1, 1]}
    )
    rows.write_parquet(tmp_path / "l.parquet")
    found = count(Long(tmp_path / "l.parquet"))
    assert [item.id for item in found.design.items] == ["5", "1000000000000"]
    assert found.booklets[0].score_counts.tolist() == [0, 1, 1]


def test_more_items_and_booklets_than_the_first_tables_hold(tmp_path: Path):
    chance = np.random.default_rng(3)
    scores = chance.integers(0, 3, (150, 300))
    given = chance.random((150, 300)) < 0.2
    table = pl.DataFrame({"person": np.arange(150)} | {
        f"i{n}": pl.Series(scores[:, n]).zip_with(pl.Series(given[:, n]), pl.Series([None] * 150))
        for n in range(300)})  # fmt: skip
    table.write_parquet(tmp_path / "w.parquet")
    rows = table.unpivot(index="person", variable_name="item", value_name="score").drop_nulls()
    rows.sort("person").write_parquet(tmp_path / "l.parquet")
    whole = sufficient_statistics(read(Wide(tmp_path / "w.parquet")))
    assert len(whole.booklets) == 150
    for source in (Wide(tmp_path / "w.parquet"), Long(tmp_path / "l.parquet")):
        assert count(source).counts_hash == whole.counts_hash


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("booklet", [None, "variant"])
@pytest.mark.parametrize("kind", ["plain", "codes", "rules"])
def test_duckdb_hashes_as_counting_here(tmp_path: Path, kind, booklet, decision):
    wide = nasty(kind)
    wide.write_parquet(tmp_path / "w.parquet")
    rows_of(wide, empty=False).sample(fraction=1, shuffle=True, seed=2).write_parquet(
        tmp_path / "l.parquet"
    )
    how = {"coding": None if kind == "plain" else CODES, "rules": RULES if kind == "rules" else None,
           "omitted": decision[0], "not_reached": decision[1]}  # fmt: skip
    for source in (
        Wide(tmp_path / "w.parquet", items=tuple(ITEMS), booklet=booklet),
        Long(tmp_path / "l.parquet", booklet=booklet),
    ):
        there = count(source, engine="duckdb", **how)
        assert there.counts_hash == count(source, **how).counts_hash
