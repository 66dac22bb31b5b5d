"""Many doors at once: no code is given twice, no seat of the journal is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from django.db import connections

from builders import NOW, a_region
from merilo.testday import actions
from merilo.testday.models import Attempt, UniqueCode
from testday.builders_testday import (
    CERTIFICATE,
    PASSPORT,
    a_booking,
    a_commission,
    a_session,
    at,
    usual_duties,
    variants,
)


@pytest.mark.django_db(transaction=True)
def test_codes_given_at_many_doors_at_once_are_all_different():
    region = a_region()
    variants(2)
    org = region.viewer("testing_org")
    commission = a_commission(region)
    bookings = []
    for hour in (10, 14):
        session = a_session(region, starts_at=time(hour))
        bookings += [a_booking(region, session) for _ in range(8)]
        day = actions.open_day(session_id=session.pk, actor=org, now=NOW)
        actions.staff_day(
            day_id=day.pk,
            commission_id=commission.pk,
            duties=usual_duties(region),
            staffing_order="",
            oral_scheme="live",
            actor=org,
            now=NOW,
        )

    def come(booking):
        try:
            return actions.check_in(
                booking_id=booking.pk,
                child_document=CERTIFICATE,
                representative_document=PASSPORT,
                actor=org,
                now=at(9),
            ).code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as doors:
        given = list(doors.map(come, bookings))
    assert len(set(given)) == len(bookings) == Attempt.objects.count()
    assert sorted(given) == [f"{n:03d}02502" for n in range(1, 17)]
    assert UniqueCode.objects.count() == 16
