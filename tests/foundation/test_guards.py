"""The database itself refuses what the rules refuse, whoever asks and however."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from admissions.builders_admissions import a_checked, a_delivered_referral, an_application
from grading.builders_grading import a_day, an_attempt, marked
from merilo.admissions.models import Application, Decision, Referral
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import ReferralState
from merilo.grading.models import MarkProtocol

pytestmark = pytest.mark.django_db


def refused(act, **how) -> str:
    """What the database says to an act it does not allow."""
    with pytest.raises(DatabaseError) as wrong, transaction.atomic():
        act(**how)
    return str(wrong.value)


def test_an_application_cannot_jump_over_its_road_even_by_a_raw_update(region):
    application = an_application(region)
    said = refused(Application.objects.filter(pk=application.pk).update, state=S.ENROLLED)
    assert "completeness_check" in said and "enrolled" in said
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute("UPDATE admissions_application SET state = %s", [S.PASSED]))


def test_a_step_of_the_road_and_staying_where_it_is_are_allowed(region):
    application = a_checked(region)
    Application.objects.filter(pk=application.pk).update(state=application.state)
    assert Application.objects.filter(pk=application.pk).update(state=S.REFERRED) == 1


def test_a_revoked_referral_does_not_come_back(region):
    referral = a_delivered_referral(region)
    Referral.objects.filter(pk=referral.pk).update(state=ReferralState.REVOKED)
    refused(Referral.objects.filter(pk=referral.pk).update, state=ReferralState.DELIVERED)


def test_a_decision_is_neither_changed_nor_taken_away(region):
    decision = a_delivered_referral(region).application.decisions.first()
    refused(Decision.objects.filter(pk=decision.pk).update, note="другое")
    refused(Decision.objects.filter(pk=decision.pk).delete)
    assert Decision.objects.get(pk=decision.pk).note == decision.note


def test_points_of_a_signed_protocol_cannot_be_changed_by_hand(region):
    made = a_day(region)
    attempt = an_attempt(made)
    marked(attempt, made, oral=8)
    protocol = MarkProtocol.objects.get(attempt=attempt, part="oral")
    code = next(iter(protocol.points))
    refused(
        MarkProtocol.objects.filter(pk=protocol.pk).update,
        points={**protocol.points, code: protocol.points[code] + 1},
    )
    assert MarkProtocol.objects.get(pk=protocol.pk).points == protocol.points


def test_every_state_that_the_rules_lead_is_guarded():
    """A table with a state somebody adds later needs its guard too."""
    free = {"ApplicationDocument"}  # a document is marked anew as often as the clerk looks at it
    with_state = {
        model
        for model in apps.get_models()
        if model.__module__.startswith("merilo.")
        and any(field.name == "state" for field in model._meta.fields)
    }
    unguarded = {
        model.__name__ for model in with_state if not getattr(model._meta, "triggers", ())
    }
    assert unguarded == free
