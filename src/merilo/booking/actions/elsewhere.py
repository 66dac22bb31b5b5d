"""The ministry's new referral to another testing organisation, in place of the one there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import queries as admissions_queries
from merilo.admissions import steps as admissions
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import ApplicationState, DecisionKind, ReferralState
from merilo.booking import access, rules, steps
from merilo.booking.queries.elsewhere import case_facts, place_facts, postponed_session_of
from merilo.casework.steps import hand_over
from merilo.foundation.journal.recording import record
from merilo.law import Refusal
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit


@dataclass(frozen=True)
class Referred:
    """The new referral and what the ministry should know about the chosen place."""

    referral: Referral
    warnings: tuple[Refusal, ...]


def refer_elsewhere(
    *, application_id: int, testing_org_id: int, note: str, actor: Viewer, now: datetime
) -> Referred:
    """Replace the live referral by one to another testing organisation (R1.3.2).

    The old one stays in the case as revoked; the term of booking runs anew, from the day the
    parent receives the new one. A live booking is not taken away: the rule refuses.
    """
    permit(actor, access.ROLES, "booking.refer_elsewhere")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        waiting = postponed_session_of(application_id)
        session = steps.lock_session(waiting) if waiting else None
        application = admissions.lock_application(application_id, actor)
        today = admissions.day_of(application, now)
        case = case_facts(application)
        warnings = law.refuse(
            [
                *rules.reasons_against_replacing(case, on=today, profile=profile),
                *rules.reasons_against_place(
                    case,
                    place_facts(application, testing_org_id, today=today),
                    note=note,
                    on=today,
                    profile=profile,
                ),
            ]
        )
        old = admissions_queries.live_referral(application.pk)
        assert old is not None  # the rule has refused a case without one
        admissions.move_referral(old, ReferralState.REVOKED, now=now)
        admissions.inform(
            "referral_replaced",
            old,
            application,
            actor=actor,
            now=now,
            sender=actor.organisation_id,
        )
        new, under = admissions.write_referral(
            application,
            testing_org_id=testing_org_id,
            attempt_no=old.attempt_no,
            earliest_test_on=old.earliest_test_on,
            actor=actor,
            now=now,
            replaces=old,
        )
        if application.state != ApplicationState.REFERRED:
            admissions.move(application, ApplicationState.REFERRED, actor=actor, now=now)
        admissions.decide(
            application,
            DecisionKind.REFERRED_ELSEWHERE,
            actor=actor,
            now=now,
            under=under,
            note=f"{old.number} → {new.number}, {new.testing_org.short_name}: {note.strip()}"[
                :500
            ],
        )
        record(
            "referral.replaced",
            actor=actor,
            about=old,
            at=now,
            case_id=application.pk,
            by=new.number,
            from_org=old.testing_org_id,
            to_org=testing_org_id,
            warnings=[one.code for one in warnings],
        )
        admissions.hand_copies_over(
            new, application, actor=actor, now=now, sender=actor.organisation_id
        )
        hand_over(
            "referral_elsewhere",
            about=new,
            sender=actor.organisation_id or application.school_id,
            recipient=application.school_id,
            label=f"Направление № {new.number}, {new.grade} класс",
            actor=actor,
            now=now,
            today=today,
            case_id=application.pk,
        )
        _tell_parent(new, old, application, note, actor=actor, now=now)
        admissions.refresh_duties(application, now=now)
        if session is not None:
            steps.refresh_session_duties(session, now=now)
    return Referred(new, warnings)


def _tell_parent(
    new: Referral,
    old: Referral,
    application: Application,
    note: str,
    *,
    actor: Viewer,
    now: datetime,
) -> None:
    place = new.testing_org
    window = registry.active_profile().value(
        "booking.window_wd", on=admissions.day_of(application, now)
    )
    admissions.write_to_parent(
        application,
        "referral-elsewhere",
        key=f"referral-elsewhere:{new.pk}",
        facts={
            "old": old.number,
            "number": new.number,
            "organisation": place.short_name,
            "address": place.address or place.phone or "—",
            "days": window.value,
            "reason": note.strip(),
        },
        actor=actor,
        now=now,
    )
