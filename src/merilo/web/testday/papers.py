"""Pages: the print plan of the day; its protocol and the blanks of marking as PDF."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from merilo.foundation import clock, documents
from merilo.foundation.journal.recording import record_view
from merilo.law import Form, NoSuchSpecification, Part, Refused, specification
from merilo.testday import queries, rules
from merilo.testday.rules import (
    AfterInterruption,
    AttemptState,
    DayRole,
    OralScheme,
    TurnedAway,
)
from merilo.web.papers import as_paper
from merilo.web.routes import page

from .scope import CONDUCT, day_to_conduct, frame, profile

# Official papers are Russian whatever the language of the screen.
SCHEMES = {
    OralScheme.LIVE: "во время устного ответа",
    OralScheme.AUDIO: "по аудиозаписи",
    OralScheme.BOTH: "во время устного ответа и по аудиозаписи",
}


@page(roles=CONDUCT)
@require_GET
def print_plan(request: HttpRequest, day_id: int) -> HttpResponse:
    """What to print and how many copies, for each grade apart; printable itself."""
    day = day_to_conduct(request, day_id)
    law = profile()
    view = queries.day_view(day, profile=law)
    counts = {grade: one for (grade, _form), one in queries.print_counts(view).items()}
    plans = queries.print_plans(view, profile=law)
    return render(
        request,
        "testday/print_plan.html",
        frame(request, day, "day-print")
        | {
            "plans": [
                {"plan": plan, "counts": counts[plan.grade], "rows": plan.rows} for plan in plans
            ],
            "total": sum(plan.total for plan in plans),
            "source": law.value("materials.print_plan", on=day.session.held_on),
            "staffed": bool(view.assignments),
        },
    )


@page(roles=CONDUCT)
@require_GET
def day_protocol(request: HttpRequest, day_id: int) -> HttpResponse:
    """The protocol of the day: it names everybody, so its opening is noted."""
    day = day_to_conduct(request, day_id)
    view = queries.day_view(day, profile=profile())
    record_view(
        actor=request.viewer,
        about=day,
        at=clock.now(),
        page="day-protocol",
        people=len(view.bookings),
    )
    return as_paper(
        documents.day_protocol_pdf(protocol(view)), documents.PDF, f"protocol-{day.pk}.pdf"
    )


def hour(moment: datetime | None) -> time | None:
    return localtime(moment).time().replace(second=0, microsecond=0) if moment else None


def protocol(view) -> documents.DayProtocol:
    """Everything the acts want in the protocol, from the day as it was kept."""
    day, session = view.day, view.day.session
    attempts = view.attempts
    order = list(DayRole)
    people = sorted(view.assignments, key=lambda a: (order.index(DayRole(a.role)), a.pk))
    return documents.DayProtocol(
        number=day.protocol_number or "проект",
        test_date=session.held_on,
        testing_org=session.testing_org.name,
        place=session.place.name,
        place_address=session.place.address,
        commission=tuple(
            documents.CommissionMember(
                name=queries.name_of(one.position),
                duty=rules.ROLE_WORDS[DayRole(one.role)]
                + (f", аудитория {one.room.number}" if one.room else ""),
            )
            for one in people
        ),
        participants=tuple(participant(one) for one in attempts),
        no_shows=tuple(
            documents.NoShow(
                full_name=booking.referral.application.child.full_name,
                grade=booking.referral.grade,
                referral_number=booking.referral.number,
                school=booking.referral.application.school.short_name,
            )
            for booking in view.no_shows
        ),
        not_admitted=tuple(
            documents.NotAdmitted(
                full_name=booking.referral.application.child.full_name,
                grade=booking.referral.grade,
                referral_number=booking.referral.number,
                school=booking.referral.application.school.short_name,
                reason=rules.TURNED_AWAY_WORDS[why],
            )
            for booking, why in turned_away(view)
        ),
        annulments=tuple(
            documents.DayAnnulment(
                code=one.code,
                full_name=one.person.full_name,
                reason_code=one.annulled_reason,
                reason=one.annulled_note,
                law=rules.PROHIBITIONS[one.annulled_reason].paragraph
                if one.annulled_reason in rules.PROHIBITIONS
                else "",
                decided_by=next(
                    (
                        view.names[a.position_id]
                        for a in view.assignments
                        if a.position_id == one.annulled_by_id
                    ),
                    "председатель комиссии",
                ),
                decided_at=hour(one.annulled_at),
            )
            for one in attempts
            if one.annulled_at
        ),
        incidents=tuple(
            documents.Incident(
                words=(f"{one.attempt.code}: " if one.attempt else "") + one.text, at=hour(one.at)
            )
            for one in queries.incidents_of(day)
        ),
        briefing_at=hour(day.briefed_at),
        oral_started_at=hour(first(a.oral_started_at for a in attempts)),
        oral_finished_at=hour(last(a.oral_finished_at for a in attempts)),
        written_started_at=hour(first(a.written_started_at for a in attempts)),
        written_finished_at=hour(last(a.written_finished_at for a in attempts)),
        scheme=SCHEMES[OralScheme(day.oral_scheme)],
        appointed_by="; ".join(
            filter(
                None,
                (
                    day.commission.order_ref if day.commission else "",
                    f"обязанности: {day.staffing_order}" if day.staffing_order else "",
                ),
            )
        ),
    )


def turned_away(view) -> list[tuple[Any, TurnedAway]]:
    """Who was not admitted and why: those closed already, and those whose day is not over yet."""
    refused = queries.turned_away(view.day)
    waiting = [one.booking for one in view.waiting if one.booking.pk in refused]
    return [(b, refused.get(b.pk, TurnedAway.OTHER)) for b in view.not_admitted + waiting]


def first(moments):
    return min((one for one in moments if one), default=None)


def last(moments):
    return max((one for one in moments if one), default=None)


def participant(attempt) -> documents.DayParticipant:
    shown = [attempt.child_document]
    if attempt.representative_document:
        shown.append(f"представитель: {attempt.representative_document}")
    state = AttemptState(attempt.state)
    whole = set(rules.parts_of(Form(attempt.form))) <= queries.parts_taken(attempt)
    return documents.DayParticipant(
        code=attempt.code,
        full_name=attempt.person.full_name,
        grade=attempt.grade,
        oral_only=attempt.form == Form.ORAL,
        variant_oral=attempt.variant_oral.number if attempt.variant_oral else "",
        variant_written=attempt.variant_written.number if attempt.variant_written else "",
        room_oral=attempt.room_oral.number if attempt.room_oral else "",
        room_written=attempt.room_written.number if attempt.room_written else "",
        arrived_at=hour(attempt.checked_in_at),
        documents="; ".join(shown),
        outcome=rules.ATTEMPT_WORDS[AttemptState.INTERRUPTED_PERSONAL]
        if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE
        else rules.ATTEMPT_WORDS[state]
        if state in rules.STOPPED or not whole
        else "все части завершены",
    )


@page(roles=CONDUCT)
@require_GET
def blanks(request: HttpRequest, day_id: int) -> HttpResponse:
    """Blank protocols of marking for everybody of the day, oral and written, for the pen."""
    day = day_to_conduct(request, day_id)
    law = profile()
    view = queries.day_view(day, profile=law)
    record_view(
        actor=request.viewer,
        about=day,
        at=clock.now(),
        page="blank-protocols",
        people=len(view.people),
    )
    forms = [
        blank(view, one, part, law) for one in view.people for part in rules.parts_of(one.form)
    ]
    return as_paper(documents.mark_protocols_pdf(forms), documents.PDF, f"blanks-{day.pk}.pdf")


def blank(view, one, part: Part, law) -> documents.MarkProtocol:
    session, attempt = view.day.session, one.attempt
    variant = getattr(attempt, f"variant_{part}") if attempt else None
    rows: list[tuple[int, str, int | None, int | None]] = []
    total = None
    try:
        spec = specification(
            one.booking.referral.grade,
            one.form,
            on=session.held_on,
            mode=law.value("scoring.mode", on=session.held_on).value,
        )
    except (NoSuchSpecification, Refused):
        pass
    else:
        rows = [(c.task, c.code, c.max, None) for c in spec.part(part)]
        total = spec.oral_max if part == Part.ORAL else spec.written_max
    return documents.MarkProtocol(
        part=part.value,
        testing_org=session.testing_org.name,
        place=session.place.name,
        test_date=session.held_on,
        full_name=one.booking.referral.application.child.full_name,
        grade=one.booking.referral.grade,
        room=one.seating.oral if part == Part.ORAL else one.seating.written,
        variant=variant.number if variant else "",
        tasks=documents.tasks_from(rows),
        total_max=total,
        unique_code=attempt.code if attempt else "",
        blank=True,
    )
