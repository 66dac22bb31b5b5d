import pytest
from django.db import DatabaseError, connection, transaction

from builders import NOW
from merilo.foundation.journal import queries, recording
from merilo.foundation.journal.models import JournalEntry
from merilo.registry import queries as registry

pytestmark = pytest.mark.django_db


def write(region, count=3):
    for number in range(count):
        recording.record(
            "application.returned",
            actor=region.viewer("school"),
            about=f"application:{number}",
            at=NOW,
            note="Ё",
            number=number,
        )


def tamper(sql):
    """What a person with the owner's rights could do by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER USER")


def test_an_untouched_journal_holds_together(region):
    write(region)
    assert list(recording.verify()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entry SET facts = jsonb_set(facts, '{number}', '9') WHERE seq = 2",
        "UPDATE journal_entry SET at = at + interval '1 microsecond' WHERE seq = 1",
        "DELETE FROM journal_entry WHERE seq = 2",
        "DELETE FROM journal_entry WHERE seq = 3",
        "UPDATE journal_entry SET hash = set_byte(hash, 0, (get_byte(hash, 0) + 1) % 256) "
        "WHERE seq = 3",
    ],
)
def test_any_change_by_hand_is_found(region, sql):
    write(region)
    tamper(sql)
    assert list(recording.verify())


def test_a_rewritten_tail_is_found_by_an_earlier_anchor(region):
    write(region)
    heads = recording.anchor(NOW).heads
    tamper("DELETE FROM journal_entry WHERE seq = 3")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_head SET seq = 2, hash = (SELECT hash FROM journal_entry "
            "WHERE seq = 2 AND chain = journal_head.chain)"
        )
    assert list(recording.verify()) == []
    assert [one.seq for one in recording.breaks_since(heads)] == [3]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal_entry SET event = 'x'",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
        "DELETE FROM journal_anchor",
    ],
)
def test_the_database_itself_refuses_to_change_the_journal(region, sql):
    write(region)
    recording.anchor(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        connection.cursor().execute(sql)


def test_an_event_nobody_named_is_not_accepted(region):
    with pytest.raises(KeyError):
        recording.record("package.opend", actor=region.viewer("school"), about="x:1", at=NOW)


def test_each_organisation_has_its_own_chain(region):
    write(region, 1)
    recording.record(
        "access.denied", actor=region.viewer("mouo"), about="page:x", at=NOW, kind="denied"
    )
    assert list(JournalEntry.objects.order_by("pk").values_list("seq", flat=True)) == [1, 1]


def test_entries_added_at_once_are_chained_in_their_order(region):
    write(region, count=1)
    recording.record_all(
        recording.entry(
            "application.document",
            actor=region.viewer("school"),
            about=f"application:{number}",
            at=NOW,
        )
        for number in range(3)
    )
    assert list(recording.verify()) == []
    rows = JournalEntry.objects.order_by("seq").values_list("about", flat=True)
    assert list(rows) == ["application:0", "application:0", "application:1", "application:2"]


def test_the_length_of_the_journal_is_known_from_the_heads_of_its_chains(region):
    write(region)
    for who in ("ministry", "mouo"):
        recording.record("search.by-name", actor=region.viewer(who), about="page:search", at=NOW)
    assert queries.count_of() == queries.entries().count() == 5
    mouo = region.viewer("mouo")
    ours = registry.organisation_ids_below(mouo)
    assert queries.count_of(ours) == queries.entries(organisations=ours).count() == 4
    assert queries.count_of([]) == 0
