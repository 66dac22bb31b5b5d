"""The referral: issue it, hand its copies over, note its receipt, take it back, let it run out."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, DecisionKind, Evidence, ReferralState
from merilo.foundation.journal.recording import record
from merilo.law import decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, permit


def issue_referral(
    *,
    application_id: int,
    actor: Viewer,
    now: datetime,
    testing_org_id: int | None = None,
    with_copies: bool = False,
    request_key: str = "",
) -> Referral:
    """Issue the numbered referral to the testing organisation nearest to the school.

    `with_copies` hands the copies over in the same transaction. Issuing twice refuses the second.
    """
    permit(actor, access.ROLES, "admissions.refer")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        today = steps.day_of(application, now)
        assigned = registry.testing_orgs_of(application.school_id, on=today)
        chosen = testing_org_id or (assigned[0].pk if assigned else None)
        facts = application.facts()
        live = queries.live_referral(application.pk)
        tests = queries.past_tests_of(application.child_id, without=application.pk)
        passed = [test for test in tests if test.passed]
        law.refuse(
            [
                *rules.reasons_against_referral(
                    facts,
                    on=today,
                    profile=profile,
                    live_referral=live.number if live else "",
                    assigned_testing_orgs=[one.pk for one in assigned],
                    testing_org=chosen,
                    passed_before=(passed[-1].tested_on, passed[-1].grade) if passed else None,
                ),
                *([] if chosen else [rules.NO_TESTING_ORG()]),
            ]
        )
        failures = [test.tested_on for test in tests if not test.passed]
        retest = rules.retest_from(failures, facts.category, asked_on=today, profile=profile)
        referral, under = steps.write_referral(
            application,
            testing_org_id=chosen,
            attempt_no=len(tests) + 1,
            earliest_test_on=retest.dates["earliest"],
            under=retest.decided_under,
            actor=actor,
            now=now,
        )
        steps.move(application, ApplicationState.REFERRED, actor=actor, now=now)
        steps.decide(
            application,
            DecisionKind.REFERRED,
            actor=actor,
            now=now,
            under=under,
            note=referral.number,
        )
        testing_org = referral.testing_org
        steps.write_to_parent(
            application,
            "referral-issued",
            key=f"referral-issued:{referral.pk}",
            facts={
                "number": referral.number,
                "organisation": testing_org.short_name,
                "address": testing_org.address or testing_org.phone or "—",
                "days": profile.value("booking.window_wd", on=today).value,
            },
            actor=actor,
            now=now,
        )
        if with_copies:
            steps.hand_copies_over(referral, application, actor=actor, now=now)
        steps.refresh_duties(application, now=now)
    return referral


def send_copies(*, application_id: int, actor: Viewer, now: datetime) -> Referral:
    """Hand the copies of the referral to the testing organisation and the МОУО, each once."""
    permit(actor, access.ROLES, "admissions.send_copies")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        referral = _live(application)
        steps.hand_copies_over(referral, application, actor=actor, now=now)
        steps.refresh_duties(application, now=now)
    return referral


def record_delivery(
    *,
    application_id: int,
    received_on: date,
    evidence: Evidence,
    actor: Viewer,
    now: datetime,
) -> Referral:
    """The parent has the referral: from that day the term of booking runs."""
    permit(actor, access.ROLES, "admissions.deliver")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        referral = _live(application)
        today = steps.day_of(application, now)
        issued_on = steps.day_of(application, referral.issued_at)
        law.refuse(
            rules.reasons_against_delivery(
                referral.facts(queries.copies_sent_to(referral), issued_on=issued_on),
                received_on=received_on,
                today=today,
                evidence=evidence,
                profile=profile,
            )
        )
        window = rules.booking_window(received_on, profile)
        referral.received_on = received_on
        referral.evidence = evidence
        referral.book_until = window.dates["last_day"]
        referral.decided_under |= decided_under(*window.decided_under)
        referral.save(update_fields=["received_on", "evidence", "book_until", "decided_under"])
        steps.move_referral(referral, ReferralState.DELIVERED, now=now)
        record(
            "referral.delivered",
            actor=actor,
            about=referral,
            at=now,
            case_id=application.pk,
            received=received_on.isoformat(),
            evidence=str(evidence),
            book_until=referral.book_until.isoformat(),
        )
        steps.write_to_parent(
            application,
            "booking-window",
            key=f"booking-window:{referral.pk}",
            facts={
                "number": referral.number,
                "organisation": referral.testing_org.short_name,
                "until": referral.book_until,
            },
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return referral


def revoke_referral(
    *, application_id: int, actor: Viewer, now: datetime, note: str
) -> Application:
    """Take a wrong referral back: the case returns to the check of authenticity."""
    permit(actor, access.ROLES, "admissions.revoke")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        referral = _live(application)
        law.refuse(rules.reasons_against_revoking(ReferralState(referral.state), note))
        steps.take_back(referral, application, actor=actor, now=now, note=note)
        steps.move(application, ApplicationState.AUTHENTICITY_CHECK, actor=actor, now=now)
        steps.write_to_parent(
            application,
            "referral-revoked",
            key=f"referral-revoked:{referral.pk}",
            facts={"number": referral.number, "reason": note},
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def annul_not_booked(*, referral_id: int, actor: Viewer, now: datetime) -> Application | None:
    """The term of booking has run out: the application is annulled where the profile says so.

    Called by the clock; doing it twice, or after a booking was made, changes nothing (None).
    """
    permit(actor, access.ROLES, "admissions.annul")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application_id = Referral.objects.values_list("application_id", flat=True).get(
            pk=referral_id
        )
        application = steps.lock_application(application_id, actor)
        referral = Referral.objects.select_related("testing_org").get(pk=referral_id)
        if actor.role == Role.SYSTEM and referral.state != ReferralState.DELIVERED:
            return None
        today = steps.day_of(application, now)
        issued_on = steps.day_of(application, referral.issued_at)
        facts = referral.facts(issued_on=issued_on)
        law.refuse(rules.reasons_against_annulling(facts, today=today, profile=profile))
        window = rules.booking_window(referral.received_on, profile)
        steps.move_referral(referral, ReferralState.EXPIRED, now=now)
        steps.move(application, ApplicationState.CANCELLED_NOT_BOOKED, actor=actor, now=now)
        last_day = window.dates["last_day"]
        steps.decide(
            application,
            DecisionKind.ANNULLED_NOT_BOOKED,
            actor=actor,
            now=now,
            reasons=[rules.TERM_RAN_OUT(window.decided_under[1], last_day=last_day)],
            under=window.decided_under,
        )
        record(
            "application.annulled",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            last_day=last_day.isoformat(),
        )
        steps.inform("annulled_not_booked", referral, application, actor=actor, now=now)
        steps.write_to_parent(
            application,
            "application-annulled",
            key=f"application-annulled:{referral.pk}",
            facts={"last_day": last_day},
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def _live(application: Application) -> Referral:
    """The live referral of a locked application, or the refusal that there is none."""
    referral = queries.live_referral(application.pk)
    if referral is None:
        law.refuse(
            [rules.WRONG_STEP(state=rules.STATE_NAMES[ApplicationState(application.state)])]
        )
        raise AssertionError("refused above")
    return referral
