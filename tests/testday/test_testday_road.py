"""A whole day, from the commission to the protocol."""

from __future__ import annotations

import pytest

from merilo.admissions.models import Referral
from merilo.booking.models import Booking
from merilo.casework.models import Dispatch, Duty
from merilo.foundation.journal.models import JournalEntry
from merilo.testday import actions
from merilo.testday.models import Attempt
from merilo.testday.rules import AttemptState
from testday.builders_testday import a_day, at

pytestmark = pytest.mark.django_db


def test_a_day_runs_from_the_commission_to_the_end(region):
    day = a_day(region, people=[{"grade": 2}, {"grade": 2}, {"grade": 1}])
    assert day.row.state == "staffed"
    assert {d.kind for d in Duty.objects.filter(subject=f"sessionday:{day.row.pk}")} == {
        "prepare-day",
        "run-day",
    }

    attempts = day.start()
    assert day.again().state == "running"
    assert [a.code for a in attempts] == ["00102502", "00202502", "00102501"]
    assert {a.variant_written.number for a in attempts[:2]} == {"ПЧ-1"}
    assert attempts[2].variant_written is None and attempts[2].room_written is None

    day.both_parts(attempts)
    assert {a.state for a in Attempt.objects.all()} == {
        AttemptState.WRITTEN_DONE,
        AttemptState.ORAL_DONE,
    }
    actions.finish_day(day_id=day.row.pk, materials_collected=True, actor=day.org, now=at(13))
    assert day.again().state == "finished" and day.row.protocol_number == "1/2026"
    assert not Duty.objects.filter(subject=f"sessionday:{day.row.pk}").exists()
    assert {b.state for b in Booking.objects.all()} == {"checked_in"}
    assert {r.state for r in Referral.objects.all()} == {"used"}
    assert {"attempt.admitted", "day.started", "day.finished"} <= set(
        JournalEntry.objects.values_list("event", flat=True)
    )
    assert not Dispatch.objects.exists()
