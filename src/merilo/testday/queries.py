"""Test days, their people and their attempts, as far as the viewer's scope goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.models import Exists, OuterRef, Q, QuerySet

from merilo import law
from merilo.admissions.rules import ApplicationState, Category, form_of_test
from merilo.booking.models import Booking, TestSession
from merilo.booking.rules import BookingState, SessionState
from merilo.foundation.files.models import StoredFile
from merilo.foundation.journal.models import JournalEntry
from merilo.foundation.journal.recording import subject
from merilo.law import Form, Part, Refusal
from merilo.materials import rules as materials
from merilo.materials.models import Variant
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer, may
from merilo.registry.models import Position, Room
from merilo.registry.rules import search_key

from . import access, rules
from .models import Attempt, Commission, CommissionMember, DayAssignment, Incident, SessionDay
from .rules import AttemptState, DayRole, SessionDayState

ALIVE = (BookingState.CONFIRMED, BookingState.CHECKED_IN)
ENDED = (
    AttemptState.MARKED,
    AttemptState.CONSOLIDATED,
    AttemptState.ANNULLED,
    AttemptState.INTERRUPTED_TECH,
    AttemptState.INTERRUPTED_PERSONAL,
)


# --- what a viewer sees ----------------------------------------------------------------------


def sessions_held_by(viewer: Viewer) -> QuerySet[TestSession]:
    """The sessions a person may work on or watch; a commission member only those of his days."""
    sessions = TestSession.objects.select_related("testing_org", "place")
    if viewer.role == Role.TESTING_ORG:
        return sessions.filter(testing_org_id=viewer.organisation_id)
    if viewer.role == Role.COMMISSION:
        assigned = DayAssignment.objects.filter(
            day__session=OuterRef("pk"), position_id=viewer.position_id
        )
        member = CommissionMember.objects.filter(
            commission__days__session=OuterRef("pk"), position_id=viewer.position_id
        )
        return sessions.filter(testing_org_id=viewer.organisation_id).filter(
            Exists(assigned) | Exists(member)
        )
    if viewer.role == Role.RCOI:
        return sessions
    if may(viewer, access.ROLES, "testday.read") or viewer.role == Role.SYSTEM:
        return sessions.filter(registry.below(viewer, "testing_org__"))
    return sessions.none()


def days_visible_to(viewer: Viewer) -> QuerySet[SessionDay]:
    return SessionDay.objects.filter(session__in=sessions_held_by(viewer)).select_related(
        "session__testing_org", "session__place", "commission"
    )


def attempts_visible_to(viewer: Viewer) -> QuerySet[Attempt]:
    """Attempts of the days one works on; for schools and above, those of their applicants."""
    attempts = Attempt.objects.select_related("day__session__testing_org", "application")
    if viewer.role in access.CONDUCT:
        return attempts.filter(day__session__in=sessions_held_by(viewer))
    if viewer.role == Role.SCHOOL:
        return attempts.filter(application__school_id=viewer.organisation_id)
    if viewer.role in (Role.RCOI, Role.SYSTEM):
        return attempts
    if may(viewer, access.ROLES, "testday.read"):
        return attempts.filter(
            registry.below(viewer, "application__school__")
            | registry.below(viewer, "day__session__testing_org__")
        )
    return attempts.none()


def file_visible_to(viewer: Viewer, file_id: Any) -> tuple[StoredFile, int] | None:
    """A sound or a work with its case, for those who conduct and mark that day."""
    if not may(viewer, access.ROLES, "testday.read_files"):
        return None
    owner = (
        attempts_visible_to(viewer).filter(Q(audio_id=file_id) | Q(work_id=file_id)).first()
    )
    return (StoredFile.objects.get(pk=file_id), owner.application_id) if owner else None


def commissions_of(viewer: Viewer) -> QuerySet[Commission]:
    return (
        Commission.objects.filter(testing_org_id=viewer.organisation_id)
        .prefetch_related("members__position__account__person")
        .order_by("-approved_on", "-pk")
    )


def staff_of(organisation_id: int, *, on: date) -> list[Position]:
    """Everybody with a position in the organisation on that day, by name."""
    positions = (
        Position.objects.filter(registry.open_on(on), organisation_id=organisation_id)
        .select_related("account__person")
        .order_by("account__person__search_key", "account__login", "pk")
    )
    return list(positions)


def name_of(position: Position | None) -> str:
    """A worker's name as protocols write it, or the login where the registry has no person."""
    if position is None:
        return ""
    person = position.account.person
    return person.initials if person else position.account.login


# --- a day and its facts ---------------------------------------------------------------------


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


def rooms_open(day: SessionDay, assignments: Iterable[DayAssignment]) -> list[rules.OpenRoom]:
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
        for room in rooms_of_day(day)
    ]


def rooms_of_day(day: SessionDay) -> list[Room]:
    return list(registry.rooms_of(day.session.place_id, on=day.session.held_on))


def assignments_of(day: SessionDay) -> list[DayAssignment]:
    return list(
        day.assignments.select_related("position__account__person", "room").order_by("pk")
    )


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

    def in_states(self, *states: AttemptState) -> list[Attempt]:
        return [one for one in self.attempts if one.state in states]


def day_view(day: SessionDay, *, profile: law.Profile) -> DayView:
    """The whole day in a number of queries that does not depend on how many people come."""
    held_on = day.session.held_on
    assignments = assignments_of(day)
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
        rooms_open(day, assignments),
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
        rooms=rooms_of_day(day),
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
                grade=grade, part=part, on=held_on, profile=profile,
            )
            found += rules.choose_variant(
                here, forbidden=forbidden, on=held_on, profile=profile
            ).reasons
    return tuple(found)


# --- variants and codes ----------------------------------------------------------------------


def variants_of(grades: Iterable[int], *, on: date) -> dict[tuple[int, Part], list[rules.Variant]]:
    """The variants in stock on that day, by grade and part, in the order of their numbers."""
    found: dict[tuple[int, Part], list[rules.Variant]] = defaultdict(list)
    rows = (
        Variant.objects.filter(grade__in=set(grades), received_on__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .order_by("number")
    )
    for row in rows:
        found[row.grade, Part(row.part)].append(rules.Variant(row.number, row.listening_text))
    return found


def past_attempts(person_ids: Iterable[int]) -> dict[int, list[rules.PastAttempt]]:
    """Earlier attempts by person, those of rows merged into him included."""
    ids = set(person_ids)
    rows = (
        Attempt.objects.filter(Q(person_id__in=ids) | Q(person__merged_into_id__in=ids))
        .select_related("variant_oral", "variant_written", "application", "person")
        .order_by("held_on", "pk")
    )
    found: dict[int, list[rules.PastAttempt]] = defaultdict(list)
    for row in rows:
        variants = {}
        if row.variant_oral:
            variants[Part.ORAL] = row.variant_oral.number
        if row.variant_written:
            variants[Part.WRITTEN] = row.variant_written.number
        owner = row.person_id if row.person_id in ids else row.person.merged_into_id
        found[owner].append(rules.PastAttempt(row.held_on, row.grade, variants, _end_of(row)))
    return found


_ENDS = {
    AttemptState.ANNULLED: rules.AttemptEnd.ANNULLED,
    AttemptState.INTERRUPTED_TECH: rules.AttemptEnd.INTERRUPTED_TECH,
    AttemptState.INTERRUPTED_PERSONAL: rules.AttemptEnd.INTERRUPTED_PERSONAL,
}


def _end_of(attempt: Attempt) -> rules.AttemptEnd:
    """How it ended. Until the result is known it counts as unsuccessful: the stricter reading."""
    if end := _ENDS.get(AttemptState(attempt.state)):
        return end
    passed = attempt.application.state in (ApplicationState.PASSED, ApplicationState.ENROLLED)
    return rules.AttemptEnd.PASSED if passed else rules.AttemptEnd.FAILED


# --- print plan, the log, counts -------------------------------------------------------------


def print_plans(view: DayView, *, profile: law.Profile) -> tuple[materials.PrintPlan, ...]:
    """What to print, for each grade and form of the day apart (F.13)."""
    return tuple(
        materials.print_plan(
            grade, form, counts, on=view.day.session.held_on, profile=profile
        )
        for (grade, form), counts in sorted(print_counts(view).items())
    )


def print_counts(view: DayView) -> dict[tuple[int, Form], materials.Counts]:
    """The people of each grade; conductors and experts of the whole day work with every grade."""
    roles = defaultdict(set)
    for one in view.assignments:
        roles[one.role].add(one.position_id)
    people: dict[int, list[Form]] = defaultdict(list)
    for one in view.people:
        people[one.booking.referral.grade].append(one.form)
    found = {}
    for grade, forms in people.items():
        written = sum(form != Form.ORAL for form in forms)
        found[grade, Form.ORAL_WRITTEN if written else Form.ORAL] = materials.Counts(
            oral_conductors=len(roles[DayRole.ORAL_CONDUCTOR]) or 1,
            written_conductors=(len(roles[DayRole.WRITTEN_CONDUCTOR]) or 1) if written else 0,
            experts=len(roles[DayRole.EXPERT]) or 1,
            oral_participants=len(forms),
            written_participants=written,
        )
    return found


def incidents_of(day: SessionDay) -> QuerySet[Incident]:
    return day.incidents.select_related("attempt", "by__person").order_by("at", "pk")


def find_at_door(day: SessionDay, typed: str) -> list[Booking]:
    """Bookings of the day by the number of the referral, typed or scanned, or by the surname."""
    typed = typed.strip()
    if "number=" in typed:  # what a scanner reads from the referral: the address with the number
        typed = parse_qs(urlsplit(typed).query).get("number", [""])[0]
    if not typed:
        return []
    here = bookings_of(day.session_id).filter(state__in=ALIVE)
    by_number = list(here.filter(referral__number__iexact=typed))
    key = search_key(typed)
    return by_number or list(
        here.filter(referral__application__child__search_key__startswith=key)[:20]
    )


def booking_at_door(day: SessionDay, booking_id: int) -> Booking | None:
    return (
        bookings_of(day.session_id)
        .select_related(
            "referral__application__child",
            "referral__application__school",
            "referral__application__representative",
        )
        .filter(pk=booking_id)
        .first()
    )


def next_expected(view: DayView, after: int | None = None) -> Expected | None:
    """Who is checked in next: the one after `after` in the list, then the first who waits."""
    order = [one.booking.pk for one in view.people]
    start = order.index(after) + 1 if after in order else 0
    turn = view.people[start:] + view.people[:start]
    return next((one for one in turn if one.attempt is None), None)


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


def turned_away(day: SessionDay) -> set[int]:
    """Bookings of those not admitted at the door, whether or not they were admitted later."""
    return {
        incident.facts["booking"]
        for incident in day.incidents.filter(kind="not-admitted")
        if "booking" in incident.facts
    }


def who_made_ready(day: SessionDay) -> dict[str, dict[str, Any]]:
    """The last mark of each thing that was made ready: by whom and when, from the journal."""
    entries = (
        JournalEntry.objects.filter(about=subject(day), event="day.readiness")
        .select_related("actor__person")
        .order_by("at", "pk")
    )
    return {
        entry.facts.get("what", ""): {
            "at": entry.at,
            "by": (
                entry.actor.person.initials
                if entry.actor and entry.actor.person
                else entry.actor.login if entry.actor else ""
            ),
        }
        for entry in entries
    }


def is_chair(viewer: Viewer, day: SessionDay) -> bool:
    """Whether the person is the chair of that day: by the duties of the day, present or not."""
    return (
        viewer.position_id is not None
        and day.assignments.filter(position_id=viewer.position_id, role=DayRole.CHAIR).exists()
    )


def roles_on(viewer: Viewer, day: SessionDay) -> set[DayRole]:
    """The duties the person has on that day."""
    return {
        DayRole(role)
        for role in day.assignments.filter(position_id=viewer.position_id).values_list(
            "role", flat=True
        )
    }


def upcoming(viewer: Viewer, *, since: date, until: date | None = None) -> QuerySet[TestSession]:
    """Sessions of the approved schedule from that day on, whether their day is opened or not."""
    sessions = sessions_held_by(viewer).filter(held_on__gte=since, state=SessionState.PLANNED)
    if until:
        sessions = sessions.filter(held_on__lte=until)
    return sessions.order_by("held_on", "starts_at", "pk")


def parts_taken(attempt: Attempt) -> set[Part]:
    """The parts finished so far."""
    taken = set()
    if attempt.oral_finished_at:
        taken.add(Part.ORAL)
    if attempt.written_finished_at:
        taken.add(Part.WRITTEN)
    return taken


def no_shows_to_report(viewer: Viewer) -> QuerySet[Booking]:
    """No-shows of the municipality's applicants."""
    return (
        Booking.objects.filter(
            registry.below(viewer, "referral__application__school__"), state=BookingState.NO_SHOW
        )
        .select_related("session__testing_org", "referral__application__school")
        .order_by("-ended_at", "-pk")
    )


def no_shows_of_case(application_id: int) -> QuerySet[Booking]:
    return (
        Booking.objects.filter(
            referral__application_id=application_id, state=BookingState.NO_SHOW
        )
        .select_related("session__testing_org")
        .order_by("ended_at")
    )


def counts_by_grade(view: DayView) -> Mapping[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for one in view.people:
        counts[one.booking.referral.grade] += 1
    return dict(sorted(counts.items()))



