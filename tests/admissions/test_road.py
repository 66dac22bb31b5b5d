"""The school's part of the road, step by step."""

from __future__ import annotations

from datetime import date

import pytest

from admissions.builders_admissions import a_delivered_referral

pytestmark = pytest.mark.django_db


def test_an_application_goes_from_registration_to_a_delivered_referral(region):
    referral = a_delivered_referral(region)
    assert referral.number == "Н-025-0001"
    assert referral.book_until == date(2026, 3, 25)
    assert referral.application.number == "025-0001"
