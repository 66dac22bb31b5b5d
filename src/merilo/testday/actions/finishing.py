"""The end of the day: everything collected, everybody accounted for, the protocol numbered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import steps as admissions
from merilo.booking.models import Booking
from merilo.foundation.journal.recording import record
from merilo.law import Form
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import next_number
from merilo.testday import access, queries, rules, steps
from merilo.testday.models import SessionDay
from merilo.testday.rules import AttemptState, SessionDayState


def finish_day(
    *,
    day_id: int,
    materials_collected: bool,
    cards_without_name: int = 0,
    actor: Viewer,
    now: datetime,
) -> SessionDay:
    """Announce the end. Raises `Refused` with all that is still open.

    Those turned away at the door are not absent: their booking ends with the reason.
    """
    permit(actor, access.ROLES, "testday.finish")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        day = steps.lock_day(day_id, actor)
        view = queries.day_view(day, profile=profile)
        turned_away = queries.turned_away(day)
        unmarked = [one for one in view.waiting if one.booking.pk not in turned_away]
        law.refuse(
            rules.reasons_against_finishing(
                SessionDayState(day.state),
                [
                    (AttemptState(a.state), Form(a.form), queries.parts_taken(a))
                    for a in view.attempts
                ],
                unmarked_arrivals=len(unmarked),
                materials_collected=materials_collected,
                cards_without_name=cards_without_name,
            )
        )
        for one in view.waiting:
            application = admissions.lock_application(one.booking.referral.application_id)
            booking = (
                Booking.objects.select_for_update(of=("self",))
                .select_related("referral", "session")
                .get(pk=one.booking.pk)
            )
            steps.end_unattended(
                day,
                booking,
                application,
                turned_away=turned_away[one.booking.pk],
                actor=actor,
                now=now,
                profile=profile,
            )
        year = day.session.held_on.year
        number = next_number(f"day-protocol:{day.session.testing_org_id}:{year}")
        steps.move_day(
            day,
            SessionDayState.FINISHED,
            finished_at=now,
            protocol_number=day.protocol_number or f"{number}/{year}",
        )
        record(
            "day.finished",
            actor=actor,
            about=day,
            at=now,
            protocol=day.protocol_number,
            attempts=len(view.attempts),
            absent=len(view.no_shows),
            not_admitted=len(view.not_admitted) + len(view.waiting),
            materials_collected=materials_collected,
        )
        steps.refresh_duties(day, now=now)
    return day
