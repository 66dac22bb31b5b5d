"""A whole day: who is expected, who does what, where everybody sits, what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from merilo import law
from merilo.admissions.rules import Category, form_of_test
from merilo.booking.models import Booking
from merilo.booking.rules import BookingState
from merilo.law import Form, Part, Refusal
from merilo.registry import queries as registry
from merilo.registry.models import Room
from merilo.testday import rules
from merilo.testday.models import (
    Attempt,
    CommissionMember,
    DayAssignment,
    SessionDay,
)
from merilo.testday.rules import (
    AfterInterruption,
    AttemptState,
    DayRole,
    SessionDayState,
    TurnedAway,
)

from .scope import ALIVE, ENDED, name_of
from .stock import past_attempts, variants_of


def bookings_of(session_id: int) -> QuerySet[Booking]:
    return (
        Booking.objects.filter(session_id=session_id)
        .select_related("referral__application__child", "referral__application__school")
        .order_by("referral__grade", "referral__number")
    )


def form_on(booking: Booking, *, on: date, profile: law.Profile) -> Form:
    """Oral or both parts, by the law of the test day."""
    application = booking.referral.application
    form, _value = form_of_test(
        booking.referral.grade, Category(application.category), test_on=on, profile=profile
    )
    return form or Form(booking.referral.form)


def rooms_open(
    rooms: Iterable[Room], assignments: Iterable[DayAssignment]
) -> list[rules.OpenRoom]:
    """The rooms of the place; once conductors have rooms, only those are used for their part."""
    assignments = list(assignments)

    def given(role: DayRole) -> set[int]:
        return {a.room_id for a in assignments if a.role == role and a.room_id}

    oral, written = given(DayRole.ORAL_CONDUCTOR), given(DayRole.WRITTEN_CONDUCTOR)
    return [
        rules.OpenRoom(
            number=room.number,
            workplaces=room.workplaces,
            accessible_places=room.workplaces if room.accessible else 0,
            for_oral=room.pk in oral if oral else room.for_oral,
            for_written=room.pk in written if written else room.for_written,
        )
        for room in rooms
    ]


def rooms_of_day(day: SessionDay) -> list[Room]:
    return list(registry.rooms_of(day.session.place_id, on=day.session.held_on))


def assignments_of(day: SessionDay) -> list[DayAssignment]:
    return list(day.assignments.select_related("position__account__person", "room").order_by("pk"))


@dataclass(frozen=True)
class Expected:
    """One line of the day: a booking, its attempt if he came, and where he sits."""

    booking: Booking
    attempt: Attempt | None
    form: Form
    seating: rules.Seating

    @property
    def needs_accessible(self) -> bool:
        return bool(self.booking.referral.application.special_needs)


@dataclass(frozen=True)
class DayView:
    """Everything the checklist, the rooms and the protocol of a day are made from."""

    day: SessionDay
    assignments: list[DayAssignment]
    names: dict[int, str]  # position id -> a name that tells people of the day apart
    rooms: list[Room]
    people: list[Expected]
    bookings: list[Booking]

    @property
    def attempts(self) -> list[Attempt]:
        return [one.attempt for one in self.people if one.attempt]

    @property
    def waiting(self) -> list[Expected]:
        """Booked, neither came nor marked as absent."""
        return [one for one in self.people if one.attempt is None]

    @property
    def no_shows(self) -> list[Booking]:
        return [b for b in self.bookings if b.state == BookingState.NO_SHOW]

    @property
    def not_admitted(self) -> list[Booking]:
        """Those whose booking was ended at the door; until then they are among the waiting."""
        return [b for b in self.bookings if b.state == BookingState.NOT_ADMITTED]

    @property
    def booked(self) -> list[Booking]:
        """Everybody booked when the day came; whoever cancelled or moved before is not."""
        return [one.booking for one in self.people] + self.no_shows + self.not_admitted

    def with_attempt(self, attempt: Attempt) -> DayView:
        """The same day after somebody was admitted to it."""
        seating = rules.Seating(
            attempt.room_oral.number if attempt.room_oral else "",
            attempt.room_written.number if attempt.room_written else "",
            attempt.written_slot,
        )
        people = [
            replace(one, attempt=attempt, seating=seating)
            if one.booking.pk == attempt.booking_id
            else one
            for one in self.people
        ]
        return replace(self, people=people)

    def in_states(self, *states: AttemptState) -> list[Attempt]:
        return [one for one in self.attempts if one.state in states]


@dataclass(frozen=True)
class Presence:
    """Who of the booked came. `expected`: neither that nor anything else is noted of them."""

    expected: int
    turned_away: int
    came: int
    running: int  # have begun or may begin a part


def presence_on(day: SessionDay, view: DayView | None = None) -> Presence:
    """The figures the duties of a day follow from, without seats, names and variants."""
    if view:
        attempts = view.attempts
        waiting = {one.booking.pk for one in view.waiting}
    else:
        found = Attempt.objects.filter(day=day)
        attempts = list(
            found.only("state", "form", "oral_finished_at", "written_finished_at", "booking_id")
        )
        booked = Booking.objects.filter(session_id=day.session_id, state__in=ALIVE)
        waiting = set(booked.values_list("pk", flat=True)) - {one.booking_id for one in attempts}
    refused = waiting & turned_away(day).keys() if waiting else set()
    return Presence(
        expected=len(waiting - refused),
        turned_away=len(refused),
        came=len(attempts),
        running=sum(
            not set(rules.parts_of(Form(one.form))) <= parts_taken(one)
            for one in attempts
            if one.state not in ENDED
        ),
    )


def turned_away(day: SessionDay) -> dict[int, TurnedAway]:
    """Bookings of those not admitted at the door and why, whether or not they were later."""
    return {
        incident.facts["booking"]: TurnedAway(incident.facts.get("why", TurnedAway.OTHER))
        for incident in day.incidents.filter(kind="not-admitted").order_by("at", "pk")
        if "booking" in incident.facts
    }


def day_view(day: SessionDay, *, profile: law.Profile) -> DayView:
    """The whole day in a number of queries that does not depend on how many people come."""
    held_on = day.session.held_on
    assignments = assignments_of(day)
    rooms = rooms_of_day(day)
    bookings = list(bookings_of(day.session_id))
    attempts = {
        attempt.booking_id: attempt
        for attempt in day.attempts.select_related(
            "room_oral", "room_written", "variant_oral", "variant_written", "person", "application"
        )
    }
    here = [b for b in bookings if b.state in ALIVE or b.pk in attempts]
    forms = {
        b.pk: Form(attempts[b.pk].form)
        if b.pk in attempts
        else form_on(b, on=held_on, profile=profile)
        for b in here
    }
    plan = rules.seat(
        [
            rules.Comer(
                b.pk, b.referral.grade, forms[b.pk], bool(b.referral.application.special_needs)
            )
            for b in here
        ],
        rooms_open(rooms, assignments),
        seated={
            pk: rules.Seating(
                a.room_oral.number if a.room_oral else "",
                a.room_written.number if a.room_written else "",
                a.written_slot,
            )
            for pk, a in attempts.items()
        },
    )
    return DayView(
        day=day,
        assignments=assignments,
        names=names_of(assignments),
        rooms=rooms,
        people=[Expected(b, attempts.get(b.pk), forms[b.pk], plan[b.pk]) for b in here],
        bookings=bookings,
    )


def names_of(assignments: Iterable[DayAssignment]) -> dict[int, str]:
    """Names by position; two people of one name are told apart by their number."""
    by_name: dict[str, set[int]] = defaultdict(set)
    for one in assignments:
        by_name[name_of(one.position)].add(one.position_id)
    return {
        position_id: name if len(ids) == 1 else f"{name} ({position_id})"
        for name, ids in by_name.items()
        for position_id in ids
    }


def experience_of(commission_id: int | None) -> dict[int, int | None]:
    return dict(
        CommissionMember.objects.filter(commission_id=commission_id).values_list(
            "position_id", "experience_years"
        )
    )


def day_facts(view: DayView, *, everyone_present: bool = False) -> rules.DayFacts:
    """What the rule of the start needs to know."""
    day = view.day
    experience = experience_of(day.commission_id)
    return rules.DayFacts(
        test_on=day.session.held_on,
        assignments=tuple(
            rules.Assignment(
                person=view.names[one.position_id],
                role=DayRole(one.role),
                present=everyone_present or one.present,
                room=one.room.number if one.room else "",
                experience_years=experience.get(one.position_id),
            )
            for one in view.assignments
        ),
        rooms=tuple(
            rules.Room(
                number=room.number,
                workplaces=room.workplaces,
                accessible_places=room.workplaces if room.accessible else 0,
                isolated=room.isolated and day.rooms_isolated_at is not None,
                audio_tested=room.audio and day.audio_tested_at is not None,
                video_tested=room.video and day.video_tested_at is not None,
            )
            for room in view.rooms
        ),
        places=tuple(
            rules.Place(
                part=part,
                room=one.seating.oral if part == Part.ORAL else one.seating.written,
                slot="" if part == Part.ORAL else str(one.seating.slot),
                needs_accessible=one.needs_accessible,
            )
            for one in view.people
            for part in rules.parts_of(one.form)
        ),
        printed=day.printed_at is not None,
        briefed=day.briefed_at is not None,
        state=SessionDayState(day.state),
    )


def counts_by_grade(view: DayView) -> Mapping[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for booking in view.booked:
        counts[booking.referral.grade] += 1
    return dict(sorted(counts.items()))


def last_duties(commission_id: int, *, before: date) -> list[DayAssignment]:
    """The duties the commission had on its last day: the first guess for the next one."""
    last = (
        SessionDay.objects.filter(
            commission_id=commission_id, session__held_on__lte=before, assignments__isnull=False
        )
        .order_by("-session__held_on", "-pk")
        .first()
    )
    return assignments_of(last) if last else []


def parts_taken(attempt: Attempt) -> set[Part]:
    """The parts finished so far."""
    taken = set()
    if attempt.oral_finished_at:
        taken.add(Part.ORAL)
    if attempt.written_finished_at:
        taken.add(Part.WRITTEN)
    return taken


def parts_to_mark(attempt: Attempt) -> tuple[Part, ...]:
    """The parts experts mark: all of the form, of what was broken off those begun, or none."""
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        taken = parts_taken(attempt)
        return tuple(part for part in rules.parts_of(Form(attempt.form)) if part in taken)
    if attempt.state in rules.STOPPED:
        return ()
    return rules.parts_of(Form(attempt.form))


def reasons_against_start(
    view: DayView, *, today: date, profile: law.Profile
) -> tuple[Refusal, ...]:
    """Every reason at once: the rule of the start, and variants that are not to be had."""
    return (
        *rules.reasons_against_start(day_facts(view), today=today, profile=profile),
        *variant_gaps(view, profile=profile),
    )


def variant_gaps(view: DayView, *, profile: law.Profile) -> tuple[Refusal, ...]:
    """People still expected for whom no variant is left: another one has to be requested."""
    waiting = view.waiting
    held_on = view.day.session.held_on
    stock = variants_of({one.booking.referral.grade for one in waiting}, on=held_on)
    past = past_attempts([one.booking.referral.application.child_id for one in waiting])
    found = []
    for one in waiting:
        grade = one.booking.referral.grade
        for part in rules.parts_of(one.form):
            here = stock.get((grade, part), [])
            if not here:
                continue
            forbidden = rules.forbidden_variants(
                past.get(one.booking.referral.application.child_id, ()),
                grade=grade,
                part=part,
                on=held_on,
                profile=profile,
            )
            found += rules.choose_variant(
                here, forbidden=forbidden, on=held_on, profile=profile
            ).reasons
    return tuple(found)
