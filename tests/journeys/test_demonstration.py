"""The demonstration comes about from its first day to today by the real actions, and is sound."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from merilo.admissions.models import Application
from merilo.casework.models import Duty, Notice
from merilo.cli.demo import LAW_OF_DEMO
from merilo.demo import build as demonstration
from merilo.foundation.checks import running
from merilo.foundation.journal import recording
from merilo.law import profiles
from merilo.materials.models import ReserveKit
from merilo.mechanisms.models import (
    Appointment,
    ClusterMember,
    CriteriaEdition,
    Dispute,
    Objection,
    Settlement,
    Submission,
)
from merilo.mechanisms.queries.cycle_map import track_map, tracks_to_draw
from merilo.mechanisms.rules.states import SubmissionState

pytestmark = pytest.mark.django_db(transaction=True)
LAW = (profiles.acts, profiles.definitions, profiles.profile)


@pytest.fixture(autouse=True)
def law_of_the_demonstration(monkeypatch):
    """The invented order stands beside the law, as `merilo demo` puts it there."""
    monkeypatch.setenv("MERILO_LAW_DIR", str(LAW_OF_DEMO))
    for cache in LAW:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in LAW:
        cache.cache_clear()


def test_a_small_region_is_lived_through_and_every_check_of_its_data_passes():
    told: list[str] = []
    demonstration.build(
        seed=7,
        now=datetime(2026, 3, 17, 1, 0, tzinfo=UTC),
        progress=lambda text, *_of: told.append(text),
        cases=14,
        hands=1,
    )
    assert told[-1] == "Готово"
    assert Application.objects.count() >= 14
    assert Application.objects.values("state").distinct().count() >= 4
    assert not Notice.objects.filter(channel="email", state__in=["queued", "claimed"]).exists()
    waiting = set(Duty.objects.values_list("kind", flat=True))
    assert {"publish-schedule", "inform-minpros"} <= waiting, "the ministry has something to do"
    bookable = {(kit.testing_org_id, kit.grade) for kit in ReserveKit.objects.filter(free__gte=20)}
    everywhere = ReserveKit.objects.values("testing_org").distinct().count() * 11
    assert len(bookable) == everywhere, "a new child of any grade finds a kit at any organisation"
    forms = set(Submission.objects.values_list("cycle__state", "state"))
    assert {("open", one) for one in ("draft", "self_checked", "submitted")} <= forms
    assert {state for _cycle, state in forms} == {str(one) for one in SubmissionState}
    the_expertise_is_there()
    for title in CriteriaEdition.objects.filter(federal=False).values_list("title", flat=True):
        assert "не федеральный" in title
    assert list(recording.verify()) == []
    severe = [check for check in running.checks() if check.severity == "severe"]
    assert [one.name for one in severe if running.run(one).count] == []


def the_expertise_is_there() -> None:
    owed = set(Duty.objects.values_list("kind", "position__account__login"))
    assert ("mechanisms-score", "mumexpert") in owed, "the expert has works to score"
    assert ("mechanisms-harmonise", "mumexpert") in owed, "and a mark to agree on"
    kinds = {kind for kind, _login in owed}
    assert {"mechanisms-appoint-third", "mechanisms-decide-objection"} <= kinds
    final = Submission.objects.filter(cycle__state="final", state="final")
    assert final.count() >= 4
    for one in final:
        first = one.appointments.filter(third=False)
        directions = first.values("direction").distinct().count()
        assert first.count() == 2 * directions, "two experts each"
    assert Dispute.objects.filter(submission__in=final).count() == 1
    assert Appointment.objects.filter(submission__in=final, third=True, state="done").exists()
    stands = Settlement.objects.filter(submission__in=final, superseded_at=None)
    unpriced = stands.get(deductions=["D5"])
    assert (unpriced.unpriced, unpriced.net) == (["D5"], unpriced.points), "no amount: nothing off"
    priced = stands.get(deductions=["D4"])
    assert (priced.unpriced, priced.points - priced.net) == ([], 1), "the region set one point"
    assert stands.filter(basis="objection").exists()
    decided = set(Objection.objects.values_list("submission__cycle__state", "state"))
    assert {("final", "granted"), ("objections", "filed"), ("objections", "dismissed")} <= decided
    divided = set(ClusterMember.objects.values_list("submission__cycle__state", "dimension"))
    assert divided == {
        (state, dimension)
        for state in ("final", "objections")
        for dimension in ("тип муниципалитета", "число школ")
    }, "this year's cycle may take them over"
    scored_now = Submission.objects.filter(state="in_expertise")
    drawn = [track_map(one, track.pk) for one in scored_now for track in tracks_to_draw(one)]
    assert any(one and one.gaps for one in drawn), "a map has gaps for the expert to decide on"
