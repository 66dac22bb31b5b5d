"""After a no-show: the МОУО confirms its reason; the school ends a case that cannot go on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Absence, Application
from merilo.admissions.rules import (
    AfterNoShow,
    ApplicationState,
    DecisionKind,
    NoShowReason,
    ReferralState,
)
from merilo.casework.steps import hand_over
from merilo.foundation.journal.recording import record
from merilo.law import decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit


def confirm_no_show(
    *,
    application_id: int,
    reason: NoShowReason,
    comment: str,
    confirmed_on: date,
    actor: Viewer,
    now: datetime,
) -> Absence:
    """The МОУО says why the child did not come; the law says whether he may be booked again.

    The comment stays with the МОУО and the school: neither the journal nor a letter repeats it.
    """
    permit(actor, access.ROLES, "admissions.confirm_no_show")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        absence = queries.last_absence(application.pk)
        missed = queries.no_show_facts_of(absence) if absence else None
        today = steps.day_of(application, now)
        law.refuse(
            [
                *rules.reasons_against_step(
                    ApplicationState(application.state), ApplicationState.NO_SHOW
                ),
                *rules.reasons_against_confirming(
                    missed,
                    confirmed_on=confirmed_on,
                    comment=comment,
                    today=today,
                    profile=profile,
                ),
            ]
        )
        assert absence is not None
        absence.reason = reason
        absence.comment = comment.strip()[:300]
        absence.confirmed_on = confirmed_on
        absence.confirmed_at = now
        absence.confirmed_by_id = actor.account_id
        known = queries.no_show_facts_of(absence)
        follows, value = rules.after_no_show(known, profile)
        absence.decided_under = decided_under(value)
        absence.save()
        record(
            "no-show.confirmed",
            actor=actor,
            about=absence,
            at=now,
            case_id=application.pk,
            reason=str(reason),
            confirmed_on=confirmed_on.isoformat(),
            follows=str(follows),
        )
        for recipient in (application.school_id, absence.referral.testing_org_id):
            hand_over(
                "no_show_reason",
                about=absence,
                sender=actor.organisation_id or application.school_id,
                recipient=recipient,
                label=steps.case_label(application),
                actor=actor,
                now=now,
                today=today,
                case_id=application.pk,
                under=(value,),
            )
        if follows == AfterNoShow.REBOOK:
            steps.let_rebook(application, "rebooking-allowed", {}, actor=actor, now=now)
        steps.refresh_duties(application, now=now)
    return absence


def close_after_no_show(
    *, application_id: int, actor: Viewer, now: datetime, note: str = ""
) -> Application:
    """After a no-show that leaves no second booking: the case ends, a new application may follow."""
    permit(actor, access.ROLES, "admissions.after_no_show")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        missed = queries.no_show_facts(application.pk)
        law.refuse(
            rules.reasons_against_closing(ApplicationState(application.state), missed, profile)
        )
        assert missed is not None
        follows, value = rules.after_no_show(missed, profile)
        why = rules.WHY_IT_ENDS[follows](value)
        referral = queries.live_referral(application.pk)
        if referral is not None:
            steps.move_referral(referral, ReferralState.EXPIRED, now=now)
        steps.move(application, ApplicationState.CANCELLED_NOT_BOOKED, actor=actor, now=now)
        steps.decide(
            application,
            DecisionKind.ANNULLED_NOT_BOOKED,
            actor=actor,
            now=now,
            reasons=[why],
            under=(value,),
            note=note,
        )
        record(
            "application.rebooking",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            allowed=False,
        )
        steps.tell_of_refusal(
            application,
            "closed-after-not-admitted" if missed.turned_away else "closed-after-no-show",
            items=[why],
            note=note,
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application
