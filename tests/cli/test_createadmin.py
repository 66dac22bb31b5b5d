"""The first administrator: opened from the command line, noted in the journal."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime

import pytest

from merilo.cli import createadmin
from merilo.cli.failure import CommandFailed
from merilo.foundation.journal.models import JournalEntry
from merilo.registry import actions, queries
from merilo.registry.access import Forbidden
from merilo.registry.models import Account, Organisation

NOW = datetime(2026, 3, 16, 0, 0, tzinfo=UTC)
TODAY = date(2026, 3, 16)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(hold_clock, monkeypatch):
    hold_clock(NOW)
    monkeypatch.setenv("MERILO_ADMIN_PASSWORD", "длинный-пароль-17")


def wanted(**changed: str | None) -> argparse.Namespace:
    plain = {"login": "admin", "email": "", "region": "Край", "organisation": "Министерство"}
    return argparse.Namespace(**{**plain, **changed})


def test_in_an_empty_registry_the_ministry_is_named_and_made(capsys):
    assert createadmin.run(wanted()) == 0
    viewer = queries.viewer_of(Account.objects.get(login="admin"), today=TODAY)
    assert viewer is not None
    assert (viewer.role, viewer.organisation_name) == ("admin", "Министерство")
    events = set(JournalEntry.objects.values_list("event", flat=True))
    assert events == {"registry.created", "account.created"}
    assert "длинный-пароль-17" not in capsys.readouterr().out


def test_an_empty_registry_without_a_name_is_refused_and_nothing_is_written():
    with pytest.raises(CommandFailed, match="--organisation"):
        createadmin.run(wanted(organisation=None))
    assert not Account.objects.exists()
    assert not Organisation.objects.exists()


def test_a_login_nobody_could_type_is_refused():
    with pytest.raises(CommandFailed, match="не подходит"):
        createadmin.run(wanted(login="а б"))
    assert not Organisation.objects.exists()


def test_only_the_machine_itself_appoints(region):
    with pytest.raises(Forbidden):
        actions.appoint_administrator(
            login="second", password="x", actor=region.viewer("admin"), now=NOW
        )
    assert not Account.objects.filter(login="second").exists()


def test_a_second_administrator_works_in_the_same_ministry():
    createadmin.run(wanted())
    createadmin.run(wanted(login="deputy", region=None, organisation=None))
    assert Organisation.objects.count() == 1


def test_a_login_is_given_once():
    createadmin.run(wanted())
    with pytest.raises(CommandFailed, match="занят"):
        createadmin.run(wanted())


def test_a_weak_password_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setenv("MERILO_ADMIN_PASSWORD", "12345")
    with pytest.raises(CommandFailed, match="Такой пароль не годится"):
        createadmin.run(wanted())
    assert not Account.objects.exists()


def test_without_a_terminal_a_password_is_made_up_and_shown_once(monkeypatch, capsys):
    monkeypatch.delenv("MERILO_ADMIN_PASSWORD")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    createadmin.run(wanted())
    shown = capsys.readouterr().out.rsplit(": ", 1)[1].strip()
    assert Account.objects.get(login="admin").check_password(shown)
