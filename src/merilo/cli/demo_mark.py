"""What a database is to the demonstration: empty, its own, half-built, or somebody's."""

from __future__ import annotations

from . import environment

SEED = 20260316
MARK = "merilo-demo"


def state_of_database() -> str:
    """Return `empty`, `foreign`, or what the mark says: `building …`, `ready …`."""
    import psycopg

    with psycopg.connect(environment.url("owner"), autocommit=True) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
        comment = str(row[0] or "") if row else ""
        if comment.startswith(f"{MARK} "):
            return comment.removeprefix(f"{MARK} ")
        table = connection.execute("SELECT to_regclass('registry_account')").fetchone()
        if not table or table[0] is None:
            return "empty"
        found = connection.execute("SELECT EXISTS (SELECT FROM registry_account)").fetchone()
        return "foreign" if found and found[0] else "empty"


def write_mark(text: str) -> None:
    """Keep the mark as the comment of the database: it goes with the database when that goes."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(environment.url("owner"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(f"{MARK} {text}")
            )
        )
