"""Pages of results: points and percents with their base, spans instead of places, open data."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from builders import NOW, Region, put
from documents.paper_reading import docx_text
from mechanisms.builders_expertise import Run, everything_scored, in_expertise
from merilo.foundation.journal.models import JournalEntry
from merilo.mechanisms.models import Answer, CriteriaEdition, Cycle, Settlement, Submission
from merilo.mechanisms.queries import results
from merilo.mechanisms.queries.results import result_of, standings_of, with_the_year_before
from merilo.mechanisms.rules.tree import Renormalisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(region: Region, hold_clock) -> Run:
    hold_clock(NOW)
    return everything_scored(in_expertise(region))


def shown(run: Run, name: str, *arguments: int, who: str = "ministry", status: int = 200) -> str:
    client = Client()
    client.force_login(run.region.accounts[who])
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == status
    return answer.content.decode()


def mine(run: Run) -> Submission:
    return Submission.objects.select_related("cycle__edition").get(pk=run.submissions["mouo"].pk)


def test_points_are_shown_with_their_own_maximum_and_the_share_names_its_base(run: Run):
    found = result_of(mine(run))
    assert found.whole.points == 6 and found.whole.maximum == 11
    assert {one.node.code: str(one.worth.percent) for one in found.lines}["1.1"] == "50.0"
    page = shown(run, "mechanisms-result", mine(run).pk)
    assert "блока 1" in page and "всей суммы" in page and "<svg" in page
    assert "ФИС ОКО ничего не передаётся" in page


def test_a_position_without_a_mark_that_stands_is_said_and_not_hidden(run: Run):
    Settlement.objects.filter(submission=mine(run), criterion=run.criteria["1.1.1.1"]).delete()
    assert result_of(mine(run)).not_settled == 1
    assert "Позиций без установленного балла: 1" in shown(run, "mechanisms-result", mine(run).pk)


def test_deductions_without_an_amount_take_nothing_off_and_are_named(run: Run):
    Settlement.objects.filter(submission=mine(run), criterion=run.criteria["1.1.1.1"]).update(
        unpriced=["D1"], net=None
    )
    assert result_of(mine(run)).uncounted[0].grounds == ("D1",)
    assert "1.1.1.1 (D1)" in shown(run, "mechanisms-result", mine(run).pk)


def test_what_does_not_apply_is_said_beside_its_points(run: Run):
    Answer.objects.filter(submission=mine(run), criterion=run.criteria["1.3.1.1.1"]).update(
        not_applicable=True
    )
    assert result_of(mine(run)).absent == {"1.3.1.1.1"}


def test_a_direction_of_which_nothing_applies_has_no_percent_in_any_year(run: Run):
    put(CriteriaEdition.objects.all(), renormalisation=Renormalisation.OUT_OF_MAXIMUM)
    Answer.objects.filter(submission=mine(run), criterion=run.criteria["1.3.1.1.1"]).update(
        not_applicable=True
    )
    before = Cycle.objects.create(
        region=run.cycle.region, edition=run.cycle.edition, year=2025, title="Самооценка 2025",
        state="final", submit_by=run.cycle.submit_by, created_at=NOW,
    )  # fmt: skip
    Submission.objects.create(
        cycle=before,
        organisation=mine(run).organisation,
        territory=mine(run).territory,
        state="final",
        started_at=NOW,
        changed_at=NOW,
    )
    page = shown(run, "mechanisms-result", mine(run).pk)
    assert "Рядом с предыдущим циклом" in page and "не применимо" in page
    assert "None" not in page


def test_recommendations_hold_what_the_experts_said_and_none_of_their_names(run: Run):
    Settlement.objects.filter(submission=mine(run), criterion=run.criteria["1.1.1.1"]).update(
        deductions=["D5"]
    )
    client = Client()
    client.force_login(run.region.accounts["ministry"])
    answer = client.get(reverse("mechanisms-recommendations", args=[mine(run).pk]))
    text = docx_text(answer.content)
    for words in ("МОУО Владивостока", "1.1.1.1", "2 из 4", "Стр. 2: пункт 1.", "D5", "50,0"):
        assert words in text, words
    assert "Экспертов" not in text
    assert JournalEntry.objects.filter(event="mechanisms.recommendations").exists()


def test_equal_municipalities_stand_in_one_group_without_places(run: Run):
    rows = standings_of(run.cycle, run.viewer("ministry")).rows
    assert [one.place.group for one in rows] == [1, 1]
    page = shown(run, "mechanisms-standings", run.cycle.pk)
    assert "Мест здесь нет" in page and "chart-span" in page
    client = Client()
    client.force_login(run.region.accounts["rcoi"])
    sheet = client.get(reverse("mechanisms-standings", args=[run.cycle.pk]) + "?format=xlsx")
    assert sheet["Content-Disposition"].endswith('.xlsx"')


def test_a_municipality_reads_its_own_result_only_and_only_in_time(run: Run):
    shown(run, "mechanisms-result", mine(run).pk, who="mouo", status=404)
    shown(run, "mechanisms-standings", run.cycle.pk, who="mouo", status=403)
    Cycle.objects.update(state="objections")
    shown(run, "mechanisms-result", mine(run).pk, who="mouo")
    shown(run, "mechanisms-result", mine(run).pk, who="other_mouo", status=404)


def test_the_year_before_stands_beside_it_when_there_is_one(run: Run):
    assert with_the_year_before(result_of(mine(run)), run.viewer("ministry")) is None
    before = Cycle.objects.create(
        region=run.cycle.region, edition=run.cycle.edition, year=2025, title="Самооценка 2025",
        state="final", submit_by=run.cycle.submit_by, created_at=NOW,
    )  # fmt: skip
    past = Submission.objects.create(
        cycle=before, organisation=mine(run).organisation, territory=mine(run).territory,
        state="final", started_at=NOW, changed_at=NOW,
    )  # fmt: skip
    Settlement.objects.create(
        submission=past, criterion=run.criteria["1.1.1.1"], basis="agreed", points=Decimal(4),
        net=Decimal(4), settled_at=NOW,
    )  # fmt: skip
    page = shown(run, "mechanisms-result", mine(run).pk)
    assert "Самооценка 2025" in page and "максимум тот же" in page


def test_the_archive_page_shows_the_printed_numbers_with_the_notice(run: Run):
    page = shown(run, "mechanisms-years", who="mouo")
    for words in ("442", "902", "13,7", "13,8", "Максимум разный", "99,9", "100,1", "63,5"):
        assert words in page, words
    assert "−460" in page and "+37" in page


def test_cases_136_139_and_141_the_archive_is_open_to_everybody_without_signing_in():
    page = Client().get(reverse("mechanisms-years"))
    assert page.status_code == 200
    words = page.content.decode()
    assert "13,7" in words and "обычное округление даёт 13,8" in words, "case 136"
    assert "У строки «Всего» доли нет" in words, "case 139"
    assert "наибольшие баллы критериев, а не чей-то результат" in words, "case 141"
    assert "902" in words and "442" in words
    assert reverse("mechanisms-years") in Client().get(reverse("help")).content.decode()


def test_open_data_is_for_everybody_once_the_cycle_is_final_and_hides_the_small(run: Run):
    stranger, address = Client(), reverse("mechanisms-open-data", args=[run.cycle.pk])
    assert stranger.get(address).status_code == 404
    Cycle.objects.filter(pk=run.cycle.pk).update(state="objections")
    Cycle.objects.filter(pk=run.cycle.pk).update(state="final")
    Submission.objects.update(state="final")
    lines = stranger.get(address).content.decode().splitlines()
    assert len(lines) == 5
    assert all(line.endswith(",") for line in lines[1:]), "each has fewer than five schools"
    assert {row.percent for row in results.open_rows(run.cycle, fewest=0)} == {
        Decimal("50.0"), Decimal("66.7"),
    }  # fmt: skip
