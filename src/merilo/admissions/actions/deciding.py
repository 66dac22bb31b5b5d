"""The end of a case: enrol, refuse after a failed test, offer training, withdraw."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Application
from merilo.admissions.rules import ApplicationState, DecisionKind, ReferralState, Training
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit


def enrol(*, application_id: int, actor: Viewer, now: datetime, note: str = "") -> Application:
    """Admit the child: after a passed test, or where no test was needed."""
    permit(actor, access.ROLES, "admissions.decide")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        law.refuse(rules.reasons_against_enrolling(ApplicationState(application.state)))
        steps.move(application, ApplicationState.ENROLLED, actor=actor, now=now)
        steps.decide(application, DecisionKind.ENROLLED, actor=actor, now=now, note=note)
        record(
            "application.enrolled",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            grade=application.grade,
        )
        steps.write_to_parent(
            application,
            "application-enrolled",
            key=f"application-enrolled:{application.pk}",
            facts={"grade": application.grade},
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def refuse_test_failed(
    *, application_id: int, actor: Viewer, now: datetime, note: str = ""
) -> Application:
    """Refuse after an unsuccessful test; the same letter offers training and names the retest."""
    permit(actor, access.ROLES, "admissions.decide")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        to = ApplicationState.REFUSED_TEST_FAILED
        law.refuse(rules.reasons_against_refusing(ApplicationState(application.state), to))
        today = steps.day_of(application, now)
        steps.move(application, to, actor=actor, now=now)
        retest = rules.retest_from(
            queries.failed_on(application.child_id),
            rules.Category(application.category),
            asked_on=today,
            profile=profile,
        )
        if not application.training:
            application.training = Training.OFFERED
            application.save(update_fields=["training"])
            record(
                "application.training",
                actor=actor,
                about=application,
                at=now,
                case_id=application.pk,
                choice=str(Training.OFFERED),
            )
        steps.decide(
            application,
            DecisionKind.REFUSED_TEST_FAILED,
            actor=actor,
            now=now,
            reasons=[rules.TEST_FAILED(on=application.tested_on or today)],
            under=retest.decided_under,
            note=note,
        )
        record(
            "application.refused",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            why="test-failed",
        )
        earliest = retest.dates["earliest"]
        steps.tell_of_refusal(
            application,
            "refused-test-failed",
            facts={"earliest": earliest or today},
            note=note,
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def offer_training(
    *, application_id: int, choice: Training, actor: Viewer, now: datetime, note: str = ""
) -> Application:
    """Offer additional training after a failed test, or note what the parent chose."""
    permit(actor, access.ROLES, "admissions.decide")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        law.refuse(rules.reasons_against_training(ApplicationState(application.state)))
        application.training = choice
        application.training_note = note
        application.save(update_fields=["training", "training_note"])
        record(
            "application.training",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            choice=str(choice),
        )
        if choice == Training.OFFERED:
            steps.write_to_parent(
                application,
                "training-offered",
                key=f"training-offered:{application.pk}",
                note=note,
                actor=actor,
                now=now,
            )
        steps.refresh_duties(application, now=now)
    return application


def withdraw(*, application_id: int, actor: Viewer, now: datetime, note: str = "") -> Application:
    """The parent takes the application back; a referral that is not booked goes with it."""
    permit(actor, access.ROLES, "admissions.withdraw")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        referral = queries.live_referral(application.pk)
        law.refuse(
            rules.reasons_against_withdrawing(
                ApplicationState(application.state),
                booked=referral is not None and referral.state == ReferralState.BOOKED,
            )
        )
        if referral is not None and referral.state != ReferralState.USED:
            steps.take_back(referral, application, actor=actor, now=now, note=note)
        steps.move(application, ApplicationState.WITHDRAWN, actor=actor, now=now)
        steps.decide(application, DecisionKind.WITHDRAWN, actor=actor, now=now, note=note)
        record(
            "application.withdrawn",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
        )
        steps.write_to_parent(
            application,
            "application-withdrawn",
            key=f"application-withdrawn:{application.pk}",
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application
