"""Tables of databases: PostgreSQL through ADBC, and any database counted inside DuckDB."""

from __future__ import annotations

import functools
import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import polars as pl
import psycopg
import pytest

from merilo.foundation import postgres
from merilo.foundation.postgres.roles import superuser
from merilo_psychometrics import errors
from merilo_psychometrics.command import main
from merilo_psychometrics.data import Coding, Long, Wide, count, key, read
from merilo_psychometrics.data.engines import count_in

ROWS = [
    # person, form, school, q1, q2, q3, weight
    ("п1", "A", "5", "a", "b", None, 1.5),
    ("п2", "A", "5", "b", "b", None, 1.0),
    ("п3", "A", "7", "a", "9", None, 2.0),
    ("п4", "B", "7", None, "b", "c", 1.0),
    ("п5", "B", "7", None, "a", "c", 0.5),
    ("п6", "B", "5", None, "b", "a", 1.0),
]
NAMES = ("person", "form", "school", "q1", "q2", "q3", "weight")
HOW = {
    "rules": key({"q1": "a", "q2": "b", "q3": "c"}, options="abc"),
    "coding": Coding(omitted=("9",)),
    "omitted": "wrong",
    "not_reached": "wrong",
}
SCORES = [(n, f"i{q}", int((n * 7919 + q * 104729) % 13 < 7)) for n in range(60) for q in range(5)]


def written(source):
    """The columns of a source over the wide table."""
    return {"booklet": "form", "weight": "weight", "groups": ("school",), **source}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a database on a real PostgreSQL: DATABASE_URL, or one of our own for a while."""
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    name = f"measure_{uuid.uuid4().hex[:12]}"
    postgres.recreate_database(name, test=True)
    try:
        yield postgres.default_url("owner", name, test=True)
    finally:
        with superuser(postgres.ensure_running(test=True).socket) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def base(server: str) -> Iterator[tuple[str, str]]:
    """Its address and the schema that holds our tables."""
    schema = f"measure_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(
            f"CREATE TABLE {schema}.answers (person text, form char(1), school text, q1 text, "
            "q2 text, q3 text, weight double precision)"
        )
        connection.execute(
            f'CREATE TABLE {schema}.scores (person integer, "item" varchar(8), score smallint)'
        )
        connection.execute(f"CREATE TABLE {schema}.empty (person integer, q1 integer)")
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(NAMES))
            cursor.executemany(f"INSERT INTO {schema}.answers VALUES ({marks})", ROWS)
            cursor.executemany(f"INSERT INTO {schema}.scores VALUES (%s, %s, %s)", SCORES)
        try:
            yield server, schema
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def place(tmp_path):
    """The same tables in a file of each kind."""
    pl.DataFrame(ROWS, schema=NAMES, orient="row").write_csv(tmp_path / "answers.csv")
    long = pl.DataFrame(SCORES, schema=["person", "item", "score"], orient="row")
    long.write_parquet(tmp_path / "scores.parquet")
    with sqlite3.connect(tmp_path / "base.sqlite") as connection:
        connection.execute(f"CREATE TABLE answers ({', '.join(NAMES)})")
        marks = ", ".join("?" * len(NAMES))
        connection.executemany(f"INSERT INTO answers VALUES ({marks})", ROWS)
        connection.execute("CREATE TABLE scores (person, item, score)")
        connection.executemany("INSERT INTO scores VALUES (?, ?, ?)", SCORES)
    import duckdb

    with duckdb.connect(str(tmp_path / "base.duckdb")) as connection:
        answers, scores = pl.DataFrame(ROWS, schema=NAMES, orient="row"), long
        connection.register("a", answers.to_arrow())
        connection.register("s", scores.to_arrow())
        connection.execute("CREATE TABLE answers AS SELECT * FROM a")
        connection.execute("CREATE TABLE scores AS SELECT * FROM s")
    return tmp_path


def by_booklet(statistics):
    names = [item.id for item in statistics.design.items]
    return {
        tuple(names[n] for n in booklet.items): counts.item_counts.tolist()
        for booklet, counts in zip(statistics.design.booklets, statistics.booklets, strict=True)
    }


def test_postgresql_gives_the_responses_of_a_file(base, place):
    uri, schema = base
    file = read(
        Wide(place / "answers.csv", **written({})), **{k: HOW[k] for k in ("rules", "coding")}
    )
    for table in (f"{schema}.answers", f"SELECT * FROM {schema}.answers ORDER BY person"):
        there = read(
            Wide(uri, table=table, **written({})), rules=HOW["rules"], coding=HOW["coding"]
        )
        assert there.data_hash == file.data_hash
    assert set(there.group_names("school")) == {"5", "7"}


def test_a_table_of_postgresql_is_counted_in_batches(base, place):
    uri, schema = base
    here = count(Long(place / "scores.parquet"))
    there = count(Long(uri, table=f"{schema}.scores"))
    assert there.counts_hash == here.counts_hash
    assert there.works == 60
    whole = count(Wide(uri, table=f"{schema}.answers", **written({})), **HOW)
    assert (
        whole.counts_hash == count(Wide(place / "answers.csv", **written({})), **HOW).counts_hash
    )


def test_what_postgresql_does_not_have_is_named(base):
    uri, schema = base
    refusals = []
    for source, said in (
        (Wide(uri, table=f"{schema}.answers", groups=("town",)), "town"),
        (Wide(uri, table=f"{schema}.nothing"), "nothing"),
        (Wide(uri, table=f"{schema}.empty"), "пуста"),
        (Wide(uri), "SELECT"),
        (Wide("postgresql://nobody:geheim@127.0.0.1:1/none", table="answers"), "127.0.0.1/none"),
    ):
        for engine in (read, functools.partial(count_in, engine="duckdb")):
            with pytest.raises(errors.BadData, match=said) as refusal:
                engine(source)
            refusals.append(f"{refusal.value} {refusal.value.english}")
    secret = urlsplit(uri).password or "geheim"
    assert not [said for said in refusals if "geheim" in said or secret in said]


def test_the_command_reads_postgresql_and_remembers_by_its_content(base, tmp_path, capsys):
    uri, schema = base
    asked = ["calibrate", uri, "--table", f"{schema}.scores", "--long", "--out", str(tmp_path)]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "rasch"
    assert main(asked) == 0
    assert "Уже посчитано" in capsys.readouterr().out
    kept = (tmp_path / "calibrate" / "result.json").read_text()
    assert uri not in kept  # an address may hold a password


@pytest.mark.parametrize("kind", ["postgresql", "sqlite", "duckdb"])
def test_duckdb_counts_the_table_of_any_database(kind, base, place):
    uri, schema = base
    where = {
        "postgresql": uri,
        "sqlite": f"sqlite:///{place}/base.sqlite",
        "duckdb": f"duckdb:///{place}/base.duckdb",
    }[kind]
    dot = f"{schema}." if kind == "postgresql" else ""
    for table in (f"{dot}scores", f"SELECT * FROM {dot}scores"):
        there = count_in(Long(where, table=table), engine="duckdb")
        assert by_booklet(there) == by_booklet(count(Long(place / "scores.parquet")))
    wide = Wide(where, table=f"{dot}answers", **written({}))
    here = count(Wide(place / "answers.csv", **written({})), **HOW)
    assert by_booklet(count_in(wide, engine="duckdb", **HOW)) == by_booklet(here)


def test_a_cluster_is_told_to_read_files(place):
    source = Long(f"sqlite:///{place}/base.sqlite", table="scores")
    with pytest.raises(errors.WrongSettings, match="Parquet"):
        count_in(source, engine="spark", connection=object())


def test_a_table_that_is_not_there_is_refused_before_counting(place):
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(errors.BadData):
            count_in(Long(f"{kind}:///{place}/base.{kind}"), engine="duckdb")
        with pytest.raises(errors.BadData, match="nothing"):
            count_in(Long(f"{kind}:///{place}/base.{kind}", table="nothing"), engine="duckdb")
