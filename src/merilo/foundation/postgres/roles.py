"""The two roles of the database: the owner migrates, the application works."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .places import secret

OWNER, APP = "merilo_owner", "merilo_app"
DATABASE = "merilo"
INSERT_ONLY_TABLES = ("journal_entry", "journal_anchor")
# Written by the journal's own trigger with the rights of the owner.
READ_ONLY_TABLES = ("journal_head", "django_migrations")


@contextlib.contextmanager
def superuser(socket: Path) -> Iterator[Any]:
    """Connect by the socket as the person who runs the server: no password is kept for it."""
    import psycopg

    with psycopg.connect(
        host=str(socket), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        yield connection


def prepare_roles(socket: Path, pid: int, test: bool) -> None:
    """Make the two roles with the passwords of this home, and the database."""
    passwords = {OWNER: secret("postgres-owner"), APP: secret("postgres-app")}
    told = "".join([str(pid), *passwords.values()])
    mark = socket / "merilo-ready"
    wanted = hashlib.sha256(told.encode()).hexdigest()
    with contextlib.suppress(OSError):
        if mark.read_text() == wanted:
            return
    with superuser(socket) as connection:
        for role, password in passwords.items():
            sealed = connection.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            ).decode()
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = "ALTER" if exists.fetchone() else "CREATE"
            rights = "CREATEDB" if role == OWNER else "NOCREATEDB"
            connection.execute(
                f"{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE {rights} PASSWORD '{sealed}'"
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not test and not found.fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    mark.write_text(wanted)


def grant_app_role(connection: Any, role: str = APP) -> None:
    """Give the application's role its rights on all tables; the journal stays insert-only.

    Takes any connection of the owner with `cursor()`. Does nothing where the role is absent.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", role):
        raise ValueError(f"not a plain role name: {role!r}")
    insert_only = ", ".join(f"'{name}'" for name in INSERT_ONLY_TABLES)
    read_only = ", ".join(f"'{name}'" for name in READ_ONLY_TABLES)
    with connection.cursor() as cursor:
        # One statement, so that there is no moment at which the journal may be changed.
        cursor.execute(f"""
            DO $grant$
            DECLARE kept text;
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN RETURN; END IF;
                GRANT USAGE ON SCHEMA public TO "{role}";
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
                GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO "{role}";
                REVOKE TRUNCATE, TRIGGER ON ALL TABLES IN SCHEMA public FROM "{role}";
                FOREACH kept IN ARRAY ARRAY[{insert_only}] LOOP
                    IF to_regclass('public.' || kept) IS NOT NULL THEN
                        EXECUTE format('REVOKE UPDATE, DELETE ON public.%I FROM "{role}"', kept);
                    END IF;
                END LOOP;
                FOREACH kept IN ARRAY ARRAY[{read_only}] LOOP
                    IF to_regclass('public.' || kept) IS NOT NULL THEN
                        EXECUTE format(
                            'REVOKE INSERT, UPDATE, DELETE ON public.%I FROM "{role}"', kept
                        );
                    END IF;
                END LOOP;
            END $grant$""")
