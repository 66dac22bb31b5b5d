"""Files are sealed at rest and checked at the door; the journal is out of the application's reach."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from access.test_access_matrix import STAGES
from builders import NOW
from journeys.builders_road import drive
from merilo.foundation import postgres
from merilo.foundation.files import store
from merilo.foundation.files.store import DOCUMENTS, SOUNDS
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
SECRET = PDF + "Свидетельство о рождении".encode() * 40_000  # several chunks


@pytest.fixture
def kept(settings, tmp_path, db):
    settings.FILES_ROOT = tmp_path
    return store.keep(
        SECRET, name="scan.pdf", content_type="application/pdf", purpose="document", now=NOW,
        account_id=None,
    )  # fmt: skip


def on_disk(row) -> Path:
    return Path(settings.FILES_ROOT) / str(row.pk)[:2] / str(row.pk)


def test_a_file_at_rest_cannot_be_read_without_the_key(kept):
    lies = on_disk(kept).read_bytes()
    assert b"%PDF" not in lies and "рождении".encode() not in lies
    assert store.read(kept) == SECRET
    assert stat.S_IMODE(os.stat(on_disk(kept)).st_mode) == 0o600


def test_a_stolen_database_without_the_key_of_the_house_opens_no_file(kept, settings):
    settings.FILES_KEY = "another-key"
    with pytest.raises(Exception, match=".*"):  # noqa: B017, PT011 - whatever the cipher says
        store.read(kept)


def test_a_changed_or_swapped_piece_of_a_file_is_noticed(kept):
    path = on_disk(kept)
    lies = bytearray(path.read_bytes())
    piece = store.NONCE + store.CHUNK + store.TAG
    swapped = lies[piece : 2 * piece] + lies[:piece] + lies[2 * piece :]
    for wrong in (swapped, lies[:100] + bytes([lies[100] ^ 1]) + lies[101:]):
        path.write_bytes(bytes(wrong))
        with pytest.raises(Exception, match=".*"):  # noqa: B017, PT011
            store.read(kept)


@pytest.mark.parametrize(
    ("name", "content", "allowed", "code"),
    [
        ("scan.pdf", b"", DOCUMENTS, "files.empty"),
        ("scan.exe", b"MZ\x90\x00", DOCUMENTS, "files.wrong-kind"),
        ("scan.pdf.exe", PDF, DOCUMENTS, "files.wrong-kind"),
        ("scan.html", b"<script>alert(1)</script>", DOCUMENTS, "files.wrong-kind"),
        ("scan.svg", b"<svg onload='x'/>", DOCUMENTS, "files.wrong-kind"),
        ("scan.pdf", b"<script>alert(1)</script>", DOCUMENTS, "files.not-what-it-says"),
        ("scan.pdf", PNG, DOCUMENTS, "files.not-what-it-says"),
        ("answer.wav", PDF, SOUNDS, "files.not-what-it-says"),
        ("scan.pdf", PDF, SOUNDS, "files.wrong-kind"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_in_words(name, content, allowed, code):
    with pytest.raises(Refused) as refused:
        store.check(name, content, allowed)
    assert [one.code for one in refused.value.refusals] == [code]


def test_an_oversized_file_is_refused_and_the_limit_is_told():
    with pytest.raises(Refused, match="больше 1 МБ"):
        store.check("scan.pdf", PDF + bytes(2**20), DOCUMENTS, limit=2**20)
    assert store.check("scan.pdf", PDF, DOCUMENTS) == "application/pdf"


def test_a_name_of_a_file_leads_nowhere(kept):
    row = store.keep(
        PDF, name="../../etc/passwd.pdf", content_type="application/pdf", purpose="document",
        now=NOW, account_id=None,
    )  # fmt: skip
    assert row.name == "passwd.pdf"
    assert on_disk(row).exists()


def test_a_part_of_a_file_is_noted_as_the_whole_is(region, client, hold_clock, kept):
    """Asking for all bytes but the first is a look at the document, too."""
    road = drive(region, "documents_full")
    hold_clock(STAGES["documents_full"])
    road.application.documents.filter(kind="kinship").update(file=kept)
    client.force_login(region.accounts["school"])
    url = reverse("file", args=[kept.pk])
    for wanted in ("bytes=1-", "bytes=100-200"):
        answer = client.get(url, headers={"range": wanted})
        assert answer.status_code == 206
        b"".join(answer.streaming_content)
    assert JournalEntry.objects.filter(event="file.read").count() == 1


# --- the database -----------------------------------------------------------------------------


@pytest.fixture
def the_app_role(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [postgres.APP])
        if not cursor.fetchone():
            pytest.skip("this server has no role for the application")
    postgres.grant_app_role(connection)
    return postgres.APP


def may(role: str, table: str, right: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("table", ["journal_entry", "journal_anchor"])
def test_the_application_may_only_add_to_the_journal(the_app_role, table):
    rights = {r for r in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
              if may(the_app_role, table, r)}  # fmt: skip
    assert rights == {"SELECT", "INSERT"}


def test_the_application_cannot_move_the_heads_of_the_chains(the_app_role):
    rights = {r for r in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
              if may(the_app_role, "journal_head", r)}  # fmt: skip
    assert rights == set()


def test_the_application_owns_no_table_and_cannot_change_the_schema(the_app_role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", [the_app_role])
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
            [the_app_role],
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [the_app_role])
        assert cursor.fetchone()[0] is False
