"""The login and password of a closed page: sealed, shown to few, forgotten after their day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

from journeys.builders_road import vl
from mechanisms.builders_mechanisms import (
    DURING,
    GOOD,
    SHARED,
    refused,
)
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms import actions, queries
from merilo.mechanisms.models import (
    AccessSecret,
    Link,
)
from merilo.mechanisms.rules.form import LinkFacts
from merilo.mechanisms.steps import secrets
from merilo.registry.access import Forbidden, Viewer

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


@pytest.fixture
def closed(run):
    run.save(OWN, replace(GOOD, closed_access=True))
    return Link.objects.get()


def keep(run, link, **said):
    return actions.keep_secret(
        submission_id=run.form.pk, link_id=link.pk, said=said, actor=run.mouo, now=DURING
    )


def test_case_122_credentials_are_stored_encrypted_and_never_in_the_journal(run, closed):
    kept = keep(run, closed, login="uo-vl", password="Тайна-77")
    raw = bytes(AccessSecret.objects.get().sealed)
    assert "Тайна-77".encode() not in raw and b"uo-vl" not in raw
    shown = actions.show_secret(link_id=closed.pk, actor=run.mouo, now=DURING)
    assert shown == {"login": "uo-vl", "password": "Тайна-77", "other": ""}
    journal = str(list(JournalEntry.objects.values_list("event", "about", "facts")))
    assert "mechanisms.secret-shown" in journal
    assert "Тайна" not in journal and "uo-vl" not in journal
    assert kept.expires_on == date(2026, 9, 27)


def test_credentials_satisfy_the_rule_and_are_dropped_with_their_row(run, closed):
    facts = queries.forms.facts_of(run.form)[0].links[0]
    assert (facts.closed_access, facts.has_secret) == (True, False)
    keep(run, closed, other="Открывается из сети школы")
    assert queries.forms.facts_of(run.form)[0].links[0].has_secret
    run.save(OWN, LinkFacts(1), seen=1)
    assert not AccessSecret.objects.exists()


def test_nobody_but_the_municipality_opens_them(run, closed, region):
    keep(run, closed, login="uo")
    for who in ("other_mouo", "mumexpert"):
        with pytest.raises(ObjectDoesNotExist):
            actions.show_secret(link_id=closed.pk, actor=region.viewer(who), now=DURING)
    for who in ("ministry", "rcoi", "auditor", "admin", "school"):
        with pytest.raises(Forbidden):
            actions.show_secret(link_id=closed.pk, actor=region.viewer(who), now=DURING)


def test_credentials_are_forgotten_after_their_day(run, closed):
    assert refused(keep, run, closed, login=" ") == ["secret-empty"]
    keep(run, closed, login="uo")
    clock = Viewer.system("Asia/Vladivostok")
    assert actions.forget_secrets(actor=clock, now=vl(9, 27)) == 0
    late = vl(9, 28)
    assert refused(actions.show_secret, link_id=closed.pk, actor=run.mouo, now=late) == [
        "secret-gone"
    ]
    assert actions.forget_secrets(actor=clock, now=late) == 1
    assert actions.forget_secrets(actor=clock, now=late) == 0
    assert bytes(AccessSecret.objects.get().sealed) == b""
    assert not queries.forms.facts_of(run.form)[0].links[0].has_secret


def test_a_seal_fits_no_other_link(run, closed):
    kept = keep(run, closed, login="uo")
    run.save("1.1.2.1", SHARED)
    kept.link = Link.objects.exclude(pk=closed.pk).get()
    with pytest.raises(ObjectDoesNotExist):
        secrets.opened(kept)
