"""A municipality objects to a mark; the operator decides; the cycle ends with final results."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from mechanisms.builders_expertise import EXPERTS, LATER, everything_scored, in_expertise, scored
from merilo.casework.models import Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.law import Refused
from merilo.mechanisms.actions import objecting
from merilo.mechanisms.models import Objection, Settlement, Submission
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from rules.reading import with_settings

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act, **kwargs):
    with pytest.raises(Refused) as caught:
        act(**kwargs)
    return [one.code for one in caught.value.refusals]


def step(run, **more):
    return {"cycle_id": run.cycle.pk, "actor": run.viewer("ministry"), "now": LATER} | more


def with_objections_open(region):
    run = everything_scored(in_expertise(region))
    objecting.open_objections(**step(run))
    return run


def objection(run, code="1.1.1.1", text="На странице 3 назван показатель.", now=LATER):
    return objecting.file_objection(
        submission_id=run.submissions["mouo"].pk, criterion_id=run.criteria[code].pk, text=text,
        actor=run.viewer("mouo"), now=now,
    )[0]  # fmt: skip


def decision(run, filed, *, grant, points=None, grounds=()):
    return {
        "objection_id": filed.pk,
        "grant": grant,
        "points": None if points is None else Decimal(points),
        "deductions": grounds,
        "explanation": "Показатель есть на странице 3.",
        "actor": run.viewer("ministry"),
        "now": LATER,
    }


def state(run, of="mouo"):
    return Submission.objects.get(pk=run.submissions[of].pk).state


def test_the_time_of_objections_comes_when_everybody_is_scored(region):
    run = in_expertise(region)
    assert set(refused(objecting.open_objections, **step(run))) == {"mechanisms.not-settled"}
    everything_scored(run)
    objecting.open_objections(**step(run))
    assert refused(objecting.open_objections, **step(run)) == ["mechanisms.not-this-cycle-state"]


def test_an_objection_is_granted_with_a_new_mark_and_the_old_one_is_kept(region):
    run = with_objections_open(region)
    filed = objection(run)
    assert state(run) == "objected"
    assert Duty.objects.filter(kind="mechanisms-decide-objection").count() == 1
    objecting.decide_objection(**decision(run, filed, grant=True, points=3))
    versions = Settlement.objects.filter(
        submission=run.submissions["mouo"], criterion=run.criteria["1.1.1.1"]
    ).order_by("version")
    assert [(one.points, str(one.basis), one.superseded_at) for one in versions] == [
        (2, "agreed", LATER),
        (3, "objection", None),
    ]
    assert state(run) == "scored" and not Duty.objects.filter(kind__contains="objection").exists()


def test_an_objection_is_dismissed_with_an_explanation_and_the_mark_stands(region):
    run = with_objections_open(region)
    filed = objection(run)
    objecting.decide_objection(**decision(run, filed, grant=False))
    filed.refresh_from_db()
    assert filed.state == "dismissed" and filed.explanation
    assert refused(objecting.decide_objection, **decision(run, filed, grant=True, points=3)) == [
        "mechanisms.objection-decided"
    ]


def test_an_objection_does_not_make_it_worse(region):
    run = with_objections_open(region)
    filed = objection(run)
    codes = refused(objecting.decide_objection, **decision(run, filed, grant=True, points=1))
    assert codes == ["mechanisms.objection-lowers"]
    codes = refused(objecting.decide_objection, **decision(run, filed, grant=True, points=9))
    assert codes == ["mechanisms.mark-out-of-range"]


def test_a_municipality_may_take_its_objection_back_once(region):
    run = with_objections_open(region)
    filed = objection(run)
    back = {"objection_id": filed.pk, "actor": run.viewer("mouo"), "now": LATER}
    objecting.withdraw_objection(**back)
    assert state(run) == "scored"
    assert refused(objecting.withdraw_objection, **back) == ["mechanisms.objection-decided"]
    objection(run)  # and may object again


def test_a_second_objection_to_the_same_position_waits_for_the_first(region):
    run = with_objections_open(region)
    objection(run)
    with pytest.raises(Refused) as caught:
        objection(run)
    assert caught.value.refusals[0].code == "mechanisms.objection-there"


def test_another_municipality_s_marks_are_not_objected_to(region):
    run = with_objections_open(region)
    with pytest.raises(Submission.DoesNotExist):
        objecting.file_objection(
            submission_id=run.submissions["mouo"].pk, criterion_id=run.criteria["1.1.1.1"].pk,
            text="Чужое.", actor=run.viewer("other_mouo"), now=LATER,
        )  # fmt: skip
    filed = objection(run)
    with pytest.raises(Objection.DoesNotExist):
        objecting.withdraw_objection(
            objection_id=filed.pk, actor=run.viewer("other_mouo"), now=LATER
        )


def test_the_cycle_ends_when_no_objection_is_open(region):
    run = with_objections_open(region)
    filed = objection(run)
    assert refused(objecting.finalise, **step(run)) == ["mechanisms.objections-undecided"]
    objecting.decide_objection(**decision(run, filed, grant=False))
    cycle, warnings = objecting.finalise(**step(run))
    assert cycle.state == "final" and not warnings
    assert state(run) == state(run, "other_mouo") == "final"


def set_region(monkeypatch, **settings):
    """The region sets what the source leaves open."""
    from merilo.registry import queries

    values = {f"mechanisms_expertise.{name}": value for name, value in settings.items()}
    profile = with_settings(queries.active_profile(), values)
    monkeypatch.setattr(objecting, "active_profile", lambda: profile)


def deducted(region):
    run = in_expertise(region)
    for of in run.submissions:
        for code in ("1.1", "1.3"):
            for who in EXPERTS[:2]:
                scored(run, who, code, 2, "D5", of=of)
    objecting.open_objections(**step(run))
    return run


def test_deductions_without_an_amount_are_said_and_take_nothing(region):
    run = deducted(region)
    _cycle, warnings = objecting.finalise(**step(run))
    assert {one.code for one in warnings} == {"mechanisms.amount-not-set"}
    assert set(Settlement.objects.values_list("net", flat=True)) == {Decimal(2)}


def test_an_amount_the_region_sets_before_the_end_is_counted_at_the_end(region, monkeypatch):
    run = deducted(region)
    set_region(monkeypatch, deduction_amounts={"D5": 1})
    objecting.finalise(**step(run))
    live = Settlement.objects.filter(superseded_at=None)
    assert {(one.net, tuple(one.unpriced), one.version) for one in live} == {(Decimal(1), (), 2)}
    assert all("mechanisms_expertise.deduction_amounts" in one.decided_under for one in live)


def test_case_135_the_cycle_does_not_end_below_zero_without_an_explicit_floor(region, monkeypatch):
    run = deducted(region)
    set_region(monkeypatch, deduction_amounts={"D5": 9})
    assert set(refused(objecting.finalise, **step(run))) == {"mechanisms.floor-not-set"}
    set_region(monkeypatch, deduction_amounts={"D5": 9}, points_floor="zero")
    objecting.finalise(**step(run))
    assert set(Settlement.objects.filter(superseded_at=None).values_list("net", flat=True)) == {
        Decimal(0)
    }


# --- the last day, where the region set one ------------------------------------------------------


def with_a_term(region, monkeypatch, days=3):
    """Objections opened on Monday 16 March 2026."""
    profile = with_settings(registry.active_profile(), {"mechanisms.objection_wd": days})
    monkeypatch.setattr(objecting, "active_profile", lambda: profile)
    run = with_objections_open(region)
    run.cycle.refresh_from_db()
    return run


def close(now):
    return objecting.close_objections(actor=Viewer.system("Asia/Vladivostok"), now=now)


def test_without_a_term_of_the_region_objections_have_no_last_day(region):
    run = with_objections_open(region)
    run.cycle.refresh_from_db()
    assert run.cycle.object_by is None
    assert close(LATER + timedelta(days=400)) == 0
    late = LATER + timedelta(days=100)
    assert objection(run, now=late).state == "filed"


def test_the_last_day_is_told_kept_and_the_clock_closes_after_it(region, monkeypatch, hold_clock):
    run = with_a_term(region, monkeypatch)
    assert run.cycle.object_by == date(2026, 3, 19)
    assert run.cycle.decided_under["mechanisms.objection_wd"]["value"] == 3
    last, over = LATER + timedelta(days=3), LATER + timedelta(days=4)
    objection(run, now=last)
    assert close(last) == 0 and close(over) == 1 and close(over) == 0
    assert JournalEntry.objects.filter(event="mechanisms.objections-closed").count() == 1
    with pytest.raises(Refused) as caught:
        objection(run, code="1.1.1.2", now=over)
    assert [one.code for one in caught.value.refusals] == ["mechanisms.objection-late"]
    for now, words, may in (
        (last, "Возражения принимают по", True),
        (over, "принимали по", False),
    ):
        hold_clock(now)
        page = marks_page(run)
        assert words in page and "19\N{NO-BREAK SPACE}марта" in page
        assert (f"/marks/{run.criteria['1.1.1.2'].pk}/object/" in page) is may


def test_the_rule_refuses_after_the_day_without_waiting_for_the_clock(region, monkeypatch):
    run = with_a_term(region, monkeypatch)
    with pytest.raises(Refused):
        objection(run, now=LATER + timedelta(days=4))


def test_the_cycle_is_not_finished_while_municipalities_may_still_object(region, monkeypatch):
    run = with_a_term(region, monkeypatch)
    assert refused(objecting.finalise, **step(run)) == ["mechanisms.still-objecting"]
    objecting.finalise(**step(run, now=LATER + timedelta(days=4)))
    assert state(run) == "final"


def marks_page(run) -> str:
    client = Client()
    client.force_login(run.region.accounts["mouo"])
    return client.get(
        reverse("mechanisms-marks", args=[run.submissions["mouo"].pk])
    ).content.decode()
