"""Criteria are loaded, frozen and matched; a run goes its way; who sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mechanisms.builders_mechanisms import (
    AFTER,
    DURING,
    LAST,
    MADE,
    SUBMIT_BY,
    federal,
    refused,
)
from mechanisms.builders_mechanisms import region as criteria
from merilo.casework.models import Duty
from merilo.mechanisms import actions, queries
from merilo.mechanisms.models import (
    CriteriaEdition,
)
from merilo.mechanisms.queries.experts import proposed
from merilo.mechanisms.rules.states import CycleState

pytestmark = pytest.mark.django_db
OWN = "1.2.1.1.2"


def test_an_edition_is_read_back_as_it_was_loaded(run):
    assert queries.criteria.edition_of(run.cycle.edition) == criteria()


def test_a_cycle_freezes_its_criteria_for_ever(run):
    row = CriteriaEdition.objects.get(pk=run.cycle.edition_id)
    assert (row.state, len(row.sha256)) == ("frozen", 64)
    assert refused(
        actions.load_edition, edition=criteria(), again=True, actor=run.ministry, now=DURING
    ) == ["edition-frozen"]


def test_a_draft_may_be_loaded_again_and_another_code_is_not_taken_by_chance(region):
    ministry = region.viewer("ministry")
    load = {"actor": ministry, "now": MADE}
    actions.load_edition(edition=criteria(), **load)
    assert refused(actions.load_edition, edition=criteria(), **load) == ["edition-exists"]
    again = actions.load_edition(edition=criteria(title="Новые"), again=True, **load)
    assert CriteriaEdition.objects.get().title == again.title == "Новые"
    own_archive = replace(federal(2022), federal=False)
    assert refused(actions.load_edition, edition=own_archive, again=True, **load) == [
        "edition-exists"
    ]


def test_the_federal_archive_is_kept_once_with_its_mapping(region):
    ministry = region.viewer("ministry")
    for _again in range(2):
        assert actions.keep_archive(actor=ministry, now=MADE) == 2
    later = CriteriaEdition.objects.get(code="mum-2022")
    assert queries.criteria.edition_of(later) == federal(2022)
    matches = queries.criteria.matches_into(later)
    assert matches.count() == 14
    assert matches.filter(earlier=None).count() == 4
    assert queries.criteria.edition_by_code("mum-2021").total == 902
    assert queries.criteria.edition_by_code("none") is None


def test_no_cycle_stands_on_the_federal_archive(region):
    ministry = region.viewer("ministry")
    actions.keep_archive(actor=ministry, now=MADE)
    row = CriteriaEdition.objects.get(code="mum-2022")
    against = refused(
        actions.create_cycle, edition_id=row.pk, title="Федеральный", submit_by=SUBMIT_BY,
        actor=ministry, now=MADE,
    )  # fmt: skip
    assert set(against) == {"points-missing"}


def test_every_municipality_gets_a_form_and_a_duty_until_the_last_day(run, region):
    assert run.cycle.submissions.count() == 2
    duties = Duty.objects.filter(kind="fill-mechanisms")
    assert {one.organisation_id for one in duties} == {
        run.form.organisation_id,
        run.other.organisation_id,
    }
    assert {one.due_on for one in duties} == {SUBMIT_BY}
    actions.change_last_day(
        cycle_id=run.cycle.pk, submit_by=date(2026, 4, 10), actor=run.ministry, now=DURING
    )
    assert {one.due_on for one in duties.all()} == {date(2026, 4, 10)}
    run.fill()
    run.submit()
    assert [one.organisation_id for one in duties.all()] == [run.other.organisation_id]


def test_a_run_goes_to_expertise_with_what_was_submitted(run, region):
    run.fill()
    run.submit()
    move = {"cycle_id": run.cycle.pk, "actor": run.ministry}
    assert refused(actions.move_cycle, to=CycleState.CLOSED, now=LAST, **move) == ["still-time"]
    actions.move_cycle(to=CycleState.CLOSED, now=AFTER, **move)
    assert not Duty.objects.filter(kind="fill-mechanisms").exists()
    assert refused(actions.move_cycle, to=CycleState.OPEN, now=AFTER, **move) == ["submit-by-past"]
    lacking = set(refused(actions.move_cycle, to=CycleState.EXPERTISE, now=AFTER, **move))
    assert lacking == {"experts-not-appointed"}
    for login in ("mumexpert", "mumexpert2"):
        actions.include_expert(
            position_id=region.viewer(login).position_id, actor=run.ministry, now=AFTER
        )
    plan = proposed(run.cycle, run.ministry, seed="1", on=AFTER.date())
    actions.appoint_by_plan(seed="1", digest=plan.digest, now=AFTER, **move)
    actions.move_cycle(to=CycleState.EXPERTISE, now=AFTER, **move)
    states = dict(run.cycle.submissions.values_list("pk", "state"))
    assert states == {run.form.pk: "in_expertise", run.other.pk: "draft"}


def test_a_run_that_is_being_prepared_is_the_operator_s_alone(run, region):
    edition = replace(criteria(), code="other-2026")
    row = actions.load_edition(edition=edition, actor=run.ministry, now=DURING)
    actions.create_cycle(
        edition_id=row.pk, title="Готовится", submit_by=SUBMIT_BY, actor=run.ministry, now=DURING
    )
    seen = {
        who: queries.scope.cycles_visible_to(region.viewer(who)).count()
        for who in ("ministry", "mouo", "rcoi", "school")
    }
    assert seen == {"ministry": 2, "mouo": 1, "rcoi": 1, "school": 0}
