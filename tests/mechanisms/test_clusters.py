"""Clusters are the region's own words: one of a dimension, results beside the region, nobody given away."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse

from builders import NOW
from mechanisms.builders_expertise import a_run, everything_scored, in_expertise
from mechanisms.test_cases_results import POSITIONS, scored
from mechanisms.test_cases_results import region as criteria
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.mechanisms import actions
from merilo.mechanisms.models import ClusterMember, Cycle, Submission
from merilo.mechanisms.queries import results as queries
from merilo.mechanisms.rules.clusters import (
    in_one_spelling,
    open_names,
    reasons_against_clusters,
)
from merilo.mechanisms.rules.results import Draws, Mean, OpenRow, draws_of, mean_of, places
from merilo.mechanisms.rules.states import CycleState
from merilo.registry.access import Forbidden

TOWNS, VILLAGES = "городские округа", "сельские"


# --- rules ---------------------------------------------------------------------------------------


def codes(state: CycleState, clusters: dict[int, str], dimension: str = "тип") -> list[str]:
    found = reasons_against_clusters(state, dimension=dimension, clusters=clusters)
    return [one.code.removeprefix("mechanisms.") for one in found]


def test_a_cluster_is_one_however_it_is_typed_and_an_empty_word_is_none():
    said = {1: " Сельские ", 2: "сельские", 3: "", 4: "городские  округа"}
    assert in_one_spelling(said) == {1: "Сельские", 2: "Сельские", 4: "городские округа"}


def test_clusters_of_a_finished_cycle_are_not_chosen_again():
    two = {1: TOWNS, 2: TOWNS}
    assert codes(CycleState.CLOSED, two) == []
    assert codes(CycleState.EXPERTISE, two) == ["clusters-after-marks"]
    assert codes(CycleState.FINAL, two) == ["clusters-settled"]
    assert codes(CycleState.OPEN, {1: TOWNS}, "  ") == ["dimension-needed", "cluster-of-one"]


def test_places_within_a_cluster_stand_on_the_same_recounts_as_in_the_region():
    given = [scored(1, "0.9"), scored(2, "0.5"), scored(3, "0.2")]
    found = draws_of(criteria(), given, seed=7)
    whole = {one.municipality: one for one in places(found)}
    inside = places(found, within={2, 3, 99})
    assert [(one.municipality, one.places.low, one.group) for one in inside] == [
        (2, 1, 1), (3, 1 + 1, 2),
    ]  # fmt: skip
    assert whole[2].places.low == 2 and inside[0].percents == whole[2].percents


def test_the_mean_of_a_cluster_counts_each_municipality_once_and_has_its_span():
    found = draws_of(criteria(), [scored(1, "0.8", apart=2), scored(2, "0.4", apart=2)], seed=7)
    mean = mean_of(found, {1, 2})
    assert (mean.municipalities, mean.percent) == (2, pytest.approx(60))
    assert mean.percents.low < mean.percent < mean.percents.high
    assert mean_of(found, {5}) is None
    assert mean_of(Draws({1: 50.0}), {1}) == Mean(1, 50.0, None)
    assert len(POSITIONS) > 1


def row(unit: str, percent: str | None, direction: str = "1.1") -> OpenRow:
    return OpenRow(unit, direction, 9, None if percent is None else D(percent))


def test_the_name_of_a_cluster_is_open_only_where_nobody_is_found_by_subtraction():
    rows = [row("А", "50"), row("Б", "60"), row("В", None), row("Г", None), row("Д", "70")]
    together = dict.fromkeys("АБ", TOWNS) | dict.fromkeys("ВГД", VILLAGES)
    assert open_names(rows, together) == {"А": TOWNS, "Б": TOWNS, "Д": VILLAGES}
    apart = dict.fromkeys("АБВ", TOWNS) | {"Д": VILLAGES}
    assert open_names(rows, apart) == {"Д": VILLAGES}, "В would be the only hidden one of its own"


def test_a_direction_without_a_percent_does_not_hide_a_municipality():
    rows = [row("А", "50"), row("А", None, "1.2")]
    assert open_names(rows, {"А": TOWNS}) == {"А": TOWNS}


# --- a run of the region -------------------------------------------------------------------------


def arranged(run, *, who="ministry", dimension="тип", towns=("mouo",), villages=("other_mouo",)):
    said = {run.submissions[one].pk: TOWNS for one in towns}
    said |= {run.submissions[one].pk: VILLAGES for one in villages}
    return actions.arrange_clusters(
        cycle_id=run.cycle.pk, dimension=dimension, said=said, actor=run.viewer(who), now=NOW
    )


def page(run, name: str, asked: str = "", who: str = "ministry", status: int = 200) -> str:
    client = Client()
    client.force_login(run.region.accounts[who])
    answer = client.get(reverse(name, args=[run.cycle.pk]) + asked)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_operator_names_clusters_and_the_journal_knows(region):
    run = a_run(region)
    _kept, warnings = arranged(run, dimension=" тип ")
    assert {one.code for one in warnings} == {"mechanisms.cluster-of-one"}
    assert queries.dimensions_of(run.cycle) == ["тип"]
    facts = JournalEntry.objects.get(event="mechanisms.clusters-arranged").facts
    assert facts["clusters"] == {TOWNS: 1, VILLAGES: 1}
    arranged(run, dimension="Тип", towns=("mouo", "other_mouo"), villages=())
    assert set(queries.members_of(run.cycle, "Тип").values()) == {TOWNS}
    arranged(run, dimension="размер")
    assert queries.dimensions_of(run.cycle) == ["Тип", "размер"]
    arranged(run, dimension="Тип", towns=(), villages=())
    assert queries.dimensions_of(run.cycle) == ["размер"]


@pytest.mark.django_db(transaction=True)
def test_nobody_but_the_operator_and_nobody_s_foreign_materials(region):
    run = a_run(region)
    for who in ("mouo", "rcoi", "mumexpert"):
        with pytest.raises(Forbidden):
            arranged(run, who=who)
    actions.arrange_clusters(
        cycle_id=run.cycle.pk, dimension="тип", said={999_999: TOWNS},
        actor=run.viewer("ministry"), now=NOW,
    )  # fmt: skip
    assert not ClusterMember.objects.exists()
    with pytest.raises(Cycle.DoesNotExist):
        actions.arrange_clusters(
            cycle_id=999_999, dimension="тип", said={}, actor=run.viewer("ministry"), now=NOW
        )


@pytest.mark.django_db(transaction=True)
def test_clusters_stay_as_they_are_once_the_cycle_is_final(region):
    run = everything_scored(in_expertise(region))
    arranged(run)
    for state in ("objections", "final"):
        Cycle.objects.filter(pk=run.cycle.pk).update(state=state)
    with pytest.raises(Refused):
        arranged(run, towns=("mouo", "other_mouo"), villages=())


@pytest.mark.django_db(transaction=True)
def test_results_are_seen_by_cluster_beside_the_region(region, hold_clock):
    hold_clock(NOW)
    run = everything_scored(in_expertise(region))
    plain = page(run, "mechanisms-standings")
    assert "Кластеры рядом с регионом" not in plain
    arranged(run)
    whole = page(run, "mechanisms-standings", "?by=тип")
    assert "Кластеры рядом с регионом" in whole and TOWNS in whole and VILLAGES in whole
    one = page(run, "mechanisms-standings", f"?by=тип&cluster={VILLAGES}")
    assert one.count('data-label="Группа"') == 1 and whole.count('data-label="Группа"') == 2
    foreign = page(run, "mechanisms-standings", "?by=нет&cluster=нет")
    assert foreign.count('data-label="Группа"') == 2
    client = Client()
    client.force_login(region.accounts["ministry"])
    address = reverse("mechanisms-standings", args=[run.cycle.pk])
    assert client.get(f"{address}?by=тип&format=xlsx")["Content-Disposition"].endswith('.xlsx"')


@pytest.mark.django_db(transaction=True)
def test_the_page_of_clusters_keeps_a_dimension_and_takes_it_away(region, hold_clock):
    hold_clock(NOW)
    run = a_run(region)
    client = Client()
    client.force_login(region.accounts["ministry"])
    address = reverse("mechanisms-clusters", args=[run.cycle.pk])
    fields = {f"s{one.pk}": TOWNS for one in run.submissions.values()}
    assert client.post(address, fields).status_code == 422, "a dimension has a name"
    kept = client.post(address, fields | {"dimension": "тип"})
    assert kept.status_code == 302
    assert TOWNS in client.get(kept["Location"]).content.decode()
    client.post(address, dict.fromkeys(fields, "") | {"dimension": "тип"})
    assert not ClusterMember.objects.exists()
    page(run, "mechanisms-clusters", who="mouo", status=403)
    assert client.get(reverse("mechanisms-clusters", args=[999_999])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_open_data_names_clusters_only_beside_open_numbers(region):
    run = everything_scored(in_expertise(region))
    arranged(run)
    for state in ("objections", "final"):
        Cycle.objects.filter(pk=run.cycle.pk).update(state=state)
    Submission.objects.update(state="final")
    hidden = Client().get(reverse("mechanisms-open-data", args=[run.cycle.pk]))
    lines = hidden.content.decode().splitlines()
    assert lines[0].endswith(",cluster: тип")
    assert all(line.endswith(",,") for line in lines[1:]), "few schools: no number, no cluster"
    shown = queries.open_rows(run.cycle, fewest=0)
    assert set(queries.open_clusters(run.cycle, shown)["тип"].values()) == {TOWNS, VILLAGES}
