"""«Мои дела»: what others handed over and nobody has confirmed is seen by who should confirm it."""

from __future__ import annotations

import pytest
from django.db import transaction

from builders import NOW, TODAY
from merilo.casework import actions
from merilo.casework.models import Dispatch
from merilo.casework.steps import hand_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def home_of(client, region, hold_clock):
    hold_clock(NOW)

    def read(who: str) -> str:
        client.force_login(region.accounts[who])
        return client.get("/").content.decode()

    return read


def handed_over(region) -> Dispatch:
    with transaction.atomic():
        return hand_over(
            "referral_copy",
            about="referral:1",
            sender=region.school.pk,
            recipient=region.testing_org.pk,
            label="Направление № Н-025-0001, 2 класс",
            actor=region.viewer("school"),
            now=NOW,
            today=TODAY,
            case_id=None,
        )


def test_what_came_in_is_shown_until_its_receipt_is_confirmed(region, home_of):
    dispatch = handed_over(region)
    assert "Подтвердить получение сведений: 1" in home_of("testing_org")
    actions.receive(dispatch_id=dispatch.pk, actor=region.viewer("testing_org"), now=NOW)
    assert "Подтвердить получение" not in home_of("testing_org")


@pytest.mark.parametrize("who", ["school", "chair", "auditor", "mouo"])
def test_it_is_nobody_elses_business(region, home_of, who):
    handed_over(region)
    assert "Подтвердить получение" not in home_of(who)
