"""What time brings about without anybody pressing a button."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking.builders_booking import a_booking, a_referral, a_session, book
from builders import NOW
from merilo.admissions.models import Referral
from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.booking import actions
from merilo.booking.models import TestSession
from merilo.casework.models import Notice
from merilo.registry.access import Forbidden, Viewer

CLOCK = Viewer.system()
AFTER_TERM = NOW + timedelta(days=10)  # 26 March 2026: the last day was the 25th


def expire(now=AFTER_TERM):
    return actions.expire_due(actor=CLOCK, now=now)


def test_an_application_not_booked_in_its_term_is_annulled_and_the_parent_told(region):
    referral = a_referral(region)

    assert expire(NOW + timedelta(days=9)) == 0  # the last day itself
    assert expire() == 1
    assert expire() == 0  # again: nothing left to do

    referral = Referral.objects.select_related("application").get()
    assert referral.state == ReferralState.EXPIRED
    assert referral.application.state == ApplicationState.CANCELLED_NOT_BOOKED
    assert Notice.objects.filter(template="application-annulled").count() == 1


def test_a_booked_application_is_not_annulled(region):
    book(region, a_referral(region), a_session(region))
    assert expire() == 0


def test_c02_the_federal_letter_names_no_consequence(region, settings):
    settings.PROFILE = "federal"
    a_referral(region)
    assert expire() == 0
    assert Referral.objects.get().state == ReferralState.DELIVERED


def test_the_seat_of_a_revoked_referral_is_freed(region):
    booking = a_booking(region)
    Referral.objects.update(state=ReferralState.REVOKED)

    assert actions.free_ended_seats(actor=CLOCK, now=NOW) == 1
    assert actions.free_ended_seats(actor=CLOCK, now=NOW) == 0
    assert TestSession.objects.get(pk=booking.session_id).taken == 0


@pytest.mark.parametrize("act", [actions.expire_due, actions.free_ended_seats])
def test_only_the_clock_itself_does_this(region, act):
    with pytest.raises(Forbidden):
        act(actor=region.viewer("ministry"), now=NOW)
