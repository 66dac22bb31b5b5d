"""Parts of actions on a test day; each requires an open transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Q

from merilo import law
from merilo.admissions import steps as admissions
from merilo.admissions.models import Application
from merilo.admissions.rules import ReferralState
from merilo.booking import steps as booking_steps
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.casework.rules import DutyFacts
from merilo.casework.steps import hand_over, replace_duties
from merilo.foundation.journal.recording import record
from merilo.law import Form, Part, Value
from merilo.materials.models import Variant
from merilo.registry import queries as registry
from merilo.registry.access import Forbidden, Role, Viewer
from merilo.registry.models import Organisation, Person, Room
from merilo.registry.rules import Function
from merilo.registry.steps import day_at, in_transaction, next_number

from . import queries, rules
from .models import Attempt, Incident, SessionDay, UniqueCode
from .rules import AttemptState, DayRole, SessionDayState


def lock_day(day_id: int, actor: Viewer) -> SessionDay:
    """The day, locked, for somebody who conducts it. Raises `SessionDay.DoesNotExist`."""
    in_transaction()
    day = queries.days_visible_to(actor).select_for_update(of=("self",)).get(pk=day_id)
    must_conduct(actor, day)
    return day


def must_conduct(actor: Viewer, day: SessionDay) -> None:
    """Who only marks that day changes nothing in it."""
    if not queries.conducts(actor, day):
        raise Forbidden([rules.EXPERT_SEES_CODES()])


def lock_attempt(attempt_id: int, actor: Viewer, *, conducting: bool = False) -> Attempt:
    """The attempt with its day, locked, in the scope of the actor; the day first, always."""
    in_transaction()
    visible = queries.attempts_visible_to(actor)
    day_id = visible.values_list("day_id", flat=True).get(pk=attempt_id)
    day = SessionDay.objects.select_for_update().get(pk=day_id)
    if conducting:
        must_conduct(actor, day)
    return (
        visible.select_for_update(of=("self",))
        .select_related("day__session__testing_org", "application", "room_oral", "room_written")
        .get(pk=attempt_id)
    )


def move_day(day: SessionDay, to: SessionDayState, **fields) -> None:
    """Put the day on its next step, or refuse. `fields` are written with it."""
    in_transaction()
    law.refuse(rules.reasons_against_day_moving(SessionDayState(day.state), to))
    day.state = to
    for name, value in fields.items():
        setattr(day, name, value)
    day.save(update_fields=["state", *fields])


def move_attempt(attempt: Attempt, to: AttemptState, *, now: datetime, **fields) -> None:
    """Put the attempt on its next step, or refuse. `fields` are written with it."""
    in_transaction()
    law.refuse(
        rules.reasons_against_attempt_moving(
            AttemptState(attempt.state),
            to,
            form=Form(attempt.form),
            taken=queries.parts_taken(attempt),
        )
    )
    attempt.state = to
    attempt.state_since = now
    for name, value in fields.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=["state", "state_since", *fields])


def add_incident(
    day: SessionDay,
    kind: str,
    text: str,
    *,
    actor: Viewer,
    now: datetime,
    attempt: Attempt | None = None,
    **facts,
) -> Incident:
    """Something for the protocol of the day. The journal gets the kind, not the text."""
    in_transaction()
    incident = Incident.objects.create(
        day=day,
        attempt=attempt,
        kind=kind,
        text=text.strip()[:500],
        at=now,
        by_id=actor.account_id,
        facts=facts,
    )
    record(
        "day.incident",
        actor=actor,
        about=day,
        at=now,
        case_id=attempt.application_id if attempt else None,
        what=kind,
        incident=incident.pk,
    )
    return incident


def code_for(
    person: Person,
    *,
    receiving_school: Organisation,
    testing_org: Organisation,
    grade: int,
    on: date,
    now: datetime,
    profile: law.Profile,
) -> tuple[str, tuple[Value, ...]]:
    """The child's code: the one he has, or the first free one of the whole history.

    Codes of one school and grade are given one at a time: the counter's row is the lock.
    """
    in_transaction()
    whose = Q(person=person) | Q(person__merged_into=person)
    if person.merged_into_id:
        whose |= Q(person_id=person.merged_into_id)
    earlier = UniqueCode.objects.filter(whose).order_by("issued_at").first()
    school_code = rules.code_school(
        receiving_school=receiving_school.exam_code,
        testing_org=testing_org.exam_code,
        on=on,
        profile=profile,
    )
    used: list[str] = []
    if earlier is None:
        next_number(f"code:{school_code}:{grade:02d}")
        ending = f"{school_code}{grade:02d}"
        used = list(
            UniqueCode.objects.filter(code__endswith=ending).values_list("code", flat=True)
        )
    answer = rules.next_code(
        used, school_code, grade, previous=earlier and earlier.code, on=on, profile=profile
    )
    law.refuse(answer.reasons)
    code = str(answer.outcome["code"])
    if earlier is None:
        UniqueCode.objects.create(
            code=code, person=person, school_code=school_code, grade=grade, issued_at=now
        )
    return code, answer.decided_under


def choose_variants(
    view: queries.DayView, one: queries.Expected, *, profile: law.Profile
) -> tuple[dict[Part, Variant], rules.Seating]:
    """A variant for each part, never one he was given before, and the seat that goes with it.

    Everybody of a written room and turn hears one text. Where none of his variants fits the text
    of his room, the next turn of the room is tried. Without any registered variant of the grade
    the part is left for a person to fill in.
    """
    in_transaction()
    grade, held_on = one.booking.referral.grade, view.day.session.held_on
    stock = queries.variants_of([grade], on=held_on)
    # He himself first, then those of his grade who are still to come.
    others = [p for p in view.waiting if p.booking.pk != one.booking.pk]
    same_grade = [one, *(p for p in others if p.booking.referral.grade == grade)]
    past = queries.past_attempts([p.booking.referral.application.child_id for p in same_grade])
    found: dict[Part, str] = {}
    seating = one.seating
    for part in rules.parts_of(one.form):
        here = stock.get((grade, part), [])
        if not here:
            continue
        forbidden = [
            rules.forbidden_variants(
                past.get(p.booking.referral.application.child_id, ()),
                grade=grade,
                part=part,
                on=held_on,
                profile=profile,
            )
            for p in same_grade
        ]
        order = rules.in_order_of_use(here, wanted_by=forbidden)
        turns = [(seating.slot, "")]
        if part == Part.WRITTEN:
            turns = list(_turns(view, seating, grade))
        for slot, text in turns:
            answer = rules.choose_variant(
                order, forbidden=forbidden[0], room_text=text, on=held_on, profile=profile
            )
            if answer.allowed:
                seating = rules.Seating(seating.oral, seating.written, slot)
                break
        law.refuse(answer.reasons)
        found[part] = answer.outcome["variant"].code
    rows = {
        Part(row.part): row
        for row in Variant.objects.filter(grade=grade, number__in=set(found.values()))
        if found.get(Part(row.part)) == row.number
    }
    return rows, seating


def _turns(view: queries.DayView, seating: rules.Seating, grade: int) -> Iterator[tuple[int, str]]:
    """The turns of his written room he may sit in, his own first, each with the text read there.

    A turn that another grade holds is closed to him; a new last turn is always open.
    """
    texts: dict[int, str] = {}
    grades: dict[int, int] = {}
    for attempt in view.attempts:
        here = attempt.room_written and attempt.room_written.number == seating.written
        if here and attempt.state != AttemptState.ANNULLED:
            grades[attempt.written_slot] = attempt.grade
            if attempt.variant_written and attempt.variant_written.listening_text:
                texts[attempt.written_slot] = attempt.variant_written.listening_text
    last = max([seating.slot, *grades]) + 1
    for slot in sorted(range(1, last + 1), key=lambda one: (one != seating.slot, one)):
        if grades.get(slot, grade) == grade:
            yield slot, texts.get(slot, "")


def refresh_duties(day: SessionDay, *, now: datetime, view: queries.DayView | None = None) -> None:
    """Make what is owed on the day what its facts say. The end of every action.

    Whether all is ready asks for the whole day and is asked only while that is owed; `view` is
    the day as an action has just read and changed it.
    """
    in_transaction()
    session = day.session
    state = SessionDayState(day.state)
    kinds: tuple[str, ...] = ()
    if state == SessionDayState.STAFFED and view is None:
        view = queries.day_view(day, profile=registry.active_profile())
    if state in (SessionDayState.PLANNED, SessionDayState.STAFFED, SessionDayState.RUNNING):
        presence = queries.presence_on(day, view)
        kinds = rules.duties_of(
            rules.DayOwing(
                state=state,
                test_on=session.held_on,
                ready=state == SessionDayState.STAFFED and _is_ready(view),
                expected=presence.expected,
                running=presence.running,
                came=presence.came,
                turned_away=presence.turned_away,
            ),
            today=day_at(session.testing_org, now),
        )
    label = f"{session.held_on:%d.%m.%Y}, {session.starts_at:%H:%M}"
    holders: list[tuple[str, Role, int | None]] = [(k, Role.TESTING_ORG, None) for k in kinds]
    if "run-day" in kinds:
        assignments = view.assignments if view else day.assignments.order_by("pk")
        chair = next((one for one in assignments if one.role == DayRole.CHAIR), None)
        if chair:
            holders.append(("run-day", Role.COMMISSION, chair.position_id))
    duties = [
        DutyFacts(
            kind=kind,
            organisation_id=session.testing_org_id,
            role=role,
            position_id=position_id,
            label=label,
            detail=session.place.name,
            since=now,
            due_on=session.held_on,
        )
        for kind, role, position_id in holders
    ]
    replace_duties(f"sessionday:{day.pk}", duties)


def _is_ready(view: queries.DayView) -> bool:
    """Whether nothing is left to prepare; the briefing is part of the day, not of getting ready."""
    reasons = rules.reasons_against_start(
        queries.day_facts(view),
        today=view.day.session.held_on,
        profile=registry.active_profile(),
    )
    return all(r.is_warning or r.reason in NOT_PREPARATION for r in reasons)


NOT_PREPARATION = (
    rules.NOT_BRIEFED,
    rules.NO_CHAIR,
    rules.COMMISSION_TOO_SMALL,
    rules.ROLE_MISSING,
    rules.NOBODY_BOOKED,
)


def seat_of(number: str, view: queries.DayView) -> Room | None:
    """The room of the place with that number, None for "" or one that is not there."""
    return next((room for room in view.rooms if room.number == number), None)


def begin_marking(day: SessionDay, *, actor: Viewer, now: datetime) -> None:
    """A finished day goes to marking with the first protocol; doing it twice changes nothing."""
    in_transaction()
    if day.state == SessionDayState.FINISHED:
        move_day(day, SessionDayState.MARKING)
        refresh_duties(day, now=now)


def end_unattended(
    day: SessionDay,
    booking: Booking,
    application: Application,
    *,
    turned_away: rules.TurnedAway | None = None,
    actor: Viewer,
    now: datetime,
    profile: law.Profile,
) -> None:
    """End a booking nobody was tested by, tell school and МОУО.

    A no-show the МОУО owes РЦОИ a word about; who was `turned_away` came, and is told as such.
    """
    in_transaction()
    session = day.session
    today = day_at(session.testing_org, now)
    state = BookingState.NOT_ADMITTED if turned_away else BookingState.NO_SHOW
    booking_steps.end_booking(booking, state, now=now, reason=turned_away or "no-show")
    if booking.referral.state != ReferralState.UNUSED_NO_SHOW:
        admissions.move_referral(booking.referral, ReferralState.UNUSED_NO_SHOW, now=now)
    answer = rules.no_show_answer(test_on=session.held_on, profile=profile)
    mouo = registry.above_with(application.school, Function.MOUO, on=session.held_on)
    admissions.note_absence(
        booking.referral,
        application,
        missed_on=session.held_on,
        turned_away=turned_away or "",
        mouo=mouo,
        actor=actor,
        now=now,
    )
    label = admissions.case_label(application)
    for recipient in filter(None, (application.school, mouo)):
        hand_over(
            str(state),
            about=booking,
            sender=session.testing_org,
            recipient=recipient,
            label=f"{label}: {rules.TURNED_AWAY_WORDS[turned_away]}" if turned_away else label,
            actor=actor,
            now=now,
            today=today,
            case_id=application.pk,
            due_on=answer.dates["report_until"],
            under=answer.decided_under,
        )
    if mouo and not turned_away:
        replace_duties(
            f"noshow:{booking.pk}",
            [
                DutyFacts(
                    kind="report-no-show",
                    organisation_id=mouo.pk,
                    role=Role.MOUO,
                    label=label,
                    detail=session.testing_org.short_name,
                    since=now,
                    due_on=answer.dates["report_until"],
                    source=answer.decided_under[0],
                )
            ],
            case_id=application.pk,
        )
    admissions.refresh_duties(application, now=now)
