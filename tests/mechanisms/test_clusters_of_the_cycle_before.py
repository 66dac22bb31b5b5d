"""Clusters of one year are offered to the next: each municipality where it stood, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from journeys.builders_road import vl
from mechanisms.builders_mechanisms import MADE, a_run
from mechanisms.builders_mechanisms import region as criteria
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.models import Submission
from merilo.mechanisms.queries.clusters import clusters_to_copy
from merilo.mechanisms.queries.results import dimensions_of, members_of
from merilo.registry.access import Forbidden

pytestmark = pytest.mark.django_db
TOWNS, VILLAGES = "городские округа", "сельские"
NEXT = vl(3, 5)


def arranged(run, dimension, mouo=TOWNS, other=VILLAGES):
    actions.arrange_clusters(
        cycle_id=run.cycle.pk, dimension=dimension, said={run.form.pk: mouo, run.other.pk: other},
        actor=run.ministry, now=MADE,
    )  # fmt: skip


def copied(run, now=NEXT):
    return actions.copy_clusters(cycle_id=run.cycle.pk, actor=run.ministry, now=now)


@pytest.fixture
def first(region):
    return a_run(region)


@pytest.fixture
def second(region, first):
    edition = replace(criteria(), code="region-2027", year=2027)
    return a_run(region, edition=edition, now=NEXT, submit_by=date(2026, 4, 20))


def test_the_next_year_takes_over_what_it_has_not(first, second):
    arranged(first, "тип")
    arranged(first, "размер", mouo="большие", other="")
    arranged(second, "Тип", mouo=VILLAGES, other=VILLAGES)
    names, warnings = copied(second)
    assert names == ["размер"]
    assert [one.code for one in warnings] == ["mechanisms.cluster-of-one"]
    assert members_of(second.cycle, "размер") == {second.form.pk: "большие"}
    assert set(members_of(second.cycle, "Тип").values()) == {VILLAGES}, "its own word stays"
    facts = JournalEntry.objects.filter(event="mechanisms.clusters-arranged").latest("pk").facts
    assert facts["copied_from"] == first.cycle.pk and facts["dimension"] == "размер"
    assert dimensions_of(first.cycle) == ["размер", "тип"], "the year before is as it was"


def test_a_municipality_that_was_not_there_stands_in_no_cluster(first, second):
    arranged(first, "тип")
    Submission.objects.filter(pk=first.other.pk).delete()
    copied(second)
    assert members_of(second.cycle, "тип") == {second.form.pk: TOWNS}


def test_where_nothing_is_to_be_taken_it_is_said(first, second):
    for _when in ("nobody divided yet", "everything is there"):
        with pytest.raises(Refused) as wrong:
            copied(second)
        assert [one.code for one in wrong.value.refusals] == [
            "mechanisms.clusters-nothing-to-copy"
        ]
        arranged(first, "тип")
        arranged(second, "ТИП")
    assert clusters_to_copy(first.cycle) is None, "a later year has nothing for an earlier one"


def test_a_finished_cycle_takes_nothing_over(first, second):
    arranged(first, "тип")
    for state in ("closed", "expertise", "objections", "final"):
        type(second.cycle).objects.filter(pk=second.cycle.pk).update(state=state)
    with pytest.raises(Refused) as wrong:
        copied(second)
    assert [one.code for one in wrong.value.refusals] == ["mechanisms.clusters-settled"]
    assert dimensions_of(second.cycle) == []


def test_only_the_operator_takes_clusters_over(first, second):
    arranged(first, "тип")
    with pytest.raises(Forbidden):
        actions.copy_clusters(cycle_id=second.cycle.pk, actor=second.mouo, now=NEXT)


def test_the_page_offers_it_once(first, second, region, hold_clock):
    hold_clock(NEXT)
    arranged(first, "тип")
    client = Client()
    client.force_login(region.accounts["ministry"])
    address = reverse("mechanisms-clusters", args=[second.cycle.pk])
    offer = "Взять деления прежнего цикла"
    assert offer in client.get(address).content.decode()
    taken = client.post(address, {"do": "copy"}, follow=True)
    said = taken.content.decode()
    assert "Деления взяты из прежнего цикла" in said and TOWNS in said and offer not in said
    again = client.post(address, {"do": "copy"}, follow=True).content.decode()
    assert "В прежних циклах нет делений" in again
