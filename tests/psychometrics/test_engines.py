"""Counting inside an engine gives the very counts of counting here, on a cluster as well."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from merilo_psychometrics import errors
from merilo_psychometrics.calibration import calibrate_cml
from merilo_psychometrics.data import Coding, Long, ScoringRules, Wide, count, key
from merilo_psychometrics.data.engines import count_in
from merilo_psychometrics.simulation import Set, write_set


def by_items(statistics):
    """Counts by what stands in the booklet: names of booklets are a matter of order."""
    names = [item.id for item in statistics.design.items]
    return {
        tuple(names[n] for n in booklet.items): (
            counts.score_counts.tolist(),
            counts.item_counts.tolist(),
        )
        for booklet, counts in zip(statistics.design.booklets, statistics.booklets, strict=True)
    }


@pytest.fixture(scope="session")
def booklets(tmp_path_factory):
    made = Set("booklets", 900, 12, "pcm", 3, steps=2, booklets=3, length=6, anchors=2)
    return str(write_set(made, tmp_path_factory.mktemp("wide")) / "*.parquet")


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    made = Set("rows", 500, 8, "rasch", 4, long=True)
    return str(write_set(made, tmp_path_factory.mktemp("long")) / "*.parquet")


@pytest.fixture
def answers(tmp_path):
    """Written answers with gaps, in booklets A and B."""
    table = pl.DataFrame(
        {
            "person": [1, 2, 3, 4, 5, 6],
            "form": ["A", "A", "A", "B", "B", "B"],
            "q1": ["a", "b", None, "a", "9", "b"],
            "q2": ["b", "b", "a", None, None, None],
            "q3": [None, None, None, "c", "c", "a"],
            "w": [1.0, 2.0, 0.5, 1.0, 1.0, 1.5],
        }
    )
    table.write_csv(tmp_path / "answers.csv")
    return str(tmp_path / "answers.csv")


RULES = key({"q1": "a", "q2": "b", "q3": "c"}, options="abc")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Spark as a cluster of two workers, each a process of its own."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: Spark cannot be run here")
    if shutil.which("java") is None:
        pytest.skip("there is no Java: Spark cannot be run here")
    import ibis
    import pyspark
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")  # the workers write beside the programs
    for part in Path(pyspark.__path__[0]).iterdir():
        (home / part.name).symlink_to(part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_HOSTNAME", "localhost")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            SparkSession.builder.master("local-cluster[2,1,512]")
            .config("spark.executor.memory", "512m")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.adaptive.enabled", "false")
            .config("spark.network.timeout", "600s")
            .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1")
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        yield ibis.pyspark.connect(session)
        session.stop()


def test_works_of_unequal_items_are_counted_by_what_they_were_given(booklets):
    source = Wide(booklets, groups=("booklet",))
    assert by_items(count_in(source, engine="duckdb")) == by_items(count(source))


def test_named_booklets_are_kept(booklets):
    source = Wide(booklets, booklet="booklet")
    there = count_in(source, engine="duckdb")
    assert {b.id for b in there.design.booklets} == {"1", "2", "3"}
    assert by_items(there) == by_items(count(source))


def test_rows_of_a_long_table_are_gathered_into_works(rows):
    source = Long(rows)
    there = count_in(source, engine="duckdb")
    assert by_items(there) == by_items(count(source))
    assert there.works == 500


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("omitted", ["wrong", "missing"])
def test_gaps_answers_and_weights_are_treated_alike(answers, omitted, weight):
    source = Wide(answers, booklet="form", weight=weight, items=("q1", "q2", "q3"))
    how = {"rules": RULES, "coding": Coding(omitted=("9",)), "omitted": omitted,
           "not_reached": "wrong"}  # fmt: skip
    assert by_items(count_in(source, engine="duckdb", **how)) == by_items(count(source, **how))


def test_a_gap_nobody_decided_about_is_refused(answers):
    source = Wide(answers, booklet="form", items=("q1", "q2", "q3"))
    with pytest.raises(errors.UntreatedOmissions):
        count_in(source, engine="duckdb", rules=RULES, coding=Coding(omitted=("9",)))


def test_a_cell_nobody_explained_names_its_item(answers):
    source = Wide(answers, booklet="form", items=("q1", "q2", "q3"))
    with pytest.raises(errors.ScoreOutsideRule) as refusal:
        count_in(source, engine="duckdb", rules=RULES, omitted="wrong", not_reached="wrong")
    assert refusal.value.items == ("q1",)
    open_answers = ScoringRules(RULES.scores, otherwise=0)
    counted = count_in(
        source, engine="duckdb", rules=open_answers, omitted="wrong", not_reached="wrong"
    )
    assert counted.works == 6


def test_an_answer_given_twice_is_refused(tmp_path):
    table = pl.DataFrame({"person": [1, 1, 2], "item": ["a", "a", "a"], "score": [1, 0, 1]})
    table.write_parquet(tmp_path / "twice.parquet")
    with pytest.raises(errors.DuplicateResponse):
        count_in(Long(tmp_path / "twice.parquet"), engine="duckdb")


@pytest.mark.cluster
def test_a_cluster_counts_wide_and_long_tables_to_the_same_parameters(cluster, tmp_path):
    wide = Set("wide", 300, 6, "rasch", 3, booklets=2, length=4, anchors=2)
    long = Set("long", 200, 4, "rasch", 4, long=True)
    for source in (
        Wide(str(write_set(wide, tmp_path) / "*.parquet"), groups=("booklet",)),
        Long(str(write_set(long, tmp_path) / "*.parquet")),
    ):
        here, there = count(source), count_in(source, engine="spark", connection=cluster)
        assert by_items(there) == by_items(here)
        assert np.allclose(
            calibrate_cml(there).parameters.thresholds, calibrate_cml(here).parameters.thresholds
        )


@pytest.mark.cluster
def test_the_cluster_has_several_workers(cluster):
    context = cluster._session.sparkContext
    assert context.master.startswith("local-cluster[2,")
    hosts = context._jsc.sc().getExecutorMemoryStatus().size()
    assert hosts == 3  # two executors and the driver
