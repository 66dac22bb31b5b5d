"""The demonstration comes about from its first day to today by the real actions, and is sound."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from merilo.admissions.models import Application
from merilo.casework.models import Duty, Notice
from merilo.demo import build as demonstration
from merilo.foundation.checks import running
from merilo.foundation.journal import recording
from merilo.materials.models import ReserveKit
from merilo.mechanisms.models import CriteriaEdition, Submission

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert ("closed", "submitted") in forms
    for title in CriteriaEdition.objects.filter(federal=False).values_list("title", flat=True):
        assert "не федеральный" in title
    assert list(recording.verify()) == []
    severe = [check for check in running.checks() if check.severity == "severe"]
    assert [one.name for one in severe if running.run(one).count] == []
