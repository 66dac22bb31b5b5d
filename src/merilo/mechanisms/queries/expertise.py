"""What an expert scores, what the marks of a position come to, and who sees which of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from merilo.law import Profile, Value
from merilo.mechanisms.access import ROLES
from merilo.mechanisms.models import (
    Answer,
    Appointment,
    Deduction,
    Dispute,
    LeftOut,
    Link,
    Mark,
    Objection,
    Settlement,
    Submission,
)
from merilo.mechanisms.rules.expertise import (
    AppointmentState,
    MarkFacts,
    PositionFacts,
    sees_marks_of_others,
)
from merilo.mechanisms.rules.harmonisation import Compared, Given, Round, compare
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.registry.access import Role, Viewer, may

from .places import Place, cycles_of, links_of, places_of, silence_of, told_absent

GROUP = "mechanisms_expertise"
SCORED = (SubmissionState.SCORED, SubmissionState.OBJECTED, SubmissionState.FINAL)


@dataclass(frozen=True)
class Policy:
    """What the region has set for its expertise; None where it set nothing."""

    needed: Value
    third_rule: Value
    may_lower: Value
    third_share: Value | None
    amounts: Value | None
    floor: Value | None


def policy_of(profile: Profile, *, on: date) -> Policy:
    """The values in force on a day."""
    return Policy(
        needed=profile.value(f"{GROUP}.experts_per_position", on=on),
        third_rule=profile.value(f"{GROUP}.third_expert_rule", on=on),
        may_lower=profile.value(f"{GROUP}.objection_may_lower", on=on),
        third_share=profile.value_if_any(f"{GROUP}.third_expert_share", on=on),
        amounts=profile.value_if_any(f"{GROUP}.deduction_amounts", on=on),
        floor=profile.value_if_any(f"{GROUP}.points_floor", on=on),
    )


# ── An expert's own work ─────────────────────────────────────────────────────────────────────


def appointments_visible_to(viewer: Viewer) -> QuerySet[Appointment]:
    """An expert sees his own, the operator those of the region's cycles."""
    found = Appointment.objects.select_related(
        "submission__organisation", "submission__cycle__edition", "direction", "expert"
    )
    if viewer.role == Role.MECHANISMS_EXPERT:
        return found.filter(expert__position_id=viewer.position_id)
    if not may(viewer, ROLES, "mechanisms.experts"):
        return found.none()
    return found.filter(submission__cycle__region_id=viewer.organisation_id)


def works_of(viewer: Viewer) -> QuerySet[Appointment]:
    """The viewer's appointments, open ones first, with the number of their marks so far."""
    return (
        appointments_visible_to(viewer)
        .filter(expert__position_id=viewer.position_id)
        .annotate(marked=Count("marks", filter=~Q(marks__round=Round.HARMONISED), distinct=True))
        .order_by("-state", "-submission__cycle__year", "submission__organisation__sort_key", "pk")
    )


def links_appointed_to(viewer: Viewer) -> Q:
    """Rows of the positions of the directions an expert was appointed to."""
    wanted = Q(pk__in=())
    works = list(works_of(viewer))
    places = _places_by_edition(works)
    for one in works:
        criteria = {
            key
            for place in places[one.submission.cycle.edition_id].values()
            if place.direction == one.direction
            for key in place.path  # what confirms an absence stands above its positions
        }
        wanted |= Q(answer__submission=one.submission_id, answer__criterion__in=criteria)
    return wanted


def sizes_of(works: Sequence[Appointment]) -> dict[int, int]:
    """How many positions each of the appointments has to mark, asked once for all of them."""
    told = told_absent({one.submission_id for one in works})
    third = {one.submission_id for one in works if one.third}
    open_to_third = set(
        Dispute.objects.filter(submission__in=third).values_list("submission_id", "criterion_id")
    )
    places = _places_by_edition(works)
    return {
        one.pk: sum(
            place.direction.pk == one.direction_id
            and silence_of(place, told[one.submission_id]) is None
            and (not one.third or (one.submission_id, key) in open_to_third)
            for key, place in places[one.submission.cycle.edition_id].items()
        )
        for one in works
    }


def _places_by_edition(works: Iterable[Appointment]) -> dict[int, dict[int, Place]]:
    editions = {one.submission.cycle.edition_id for one in works}
    return {one: places_of(one) for one in sorted(editions)}


@dataclass(frozen=True)
class SheetRow:
    """A position of an appointment as its expert works on it."""

    place: Place
    facts: PositionFacts
    links: tuple[Link, ...] = ()
    reason: str = ""  # why it does not apply
    mark: Mark | None = None
    proves_absence: bool = False  # R4: its documents confirm that there are no such schools

    @property
    def code(self) -> str:
        return self.place.position.code


@dataclass(frozen=True)
class Sheet:
    """All positions of an appointment, in the order of the form."""

    appointment: Appointment
    rows: tuple[SheetRow, ...]

    def row(self, criterion_id: int) -> SheetRow | None:
        return next((one for one in self.rows if one.place.position.pk == criterion_id), None)

    @property
    def to_mark(self) -> list[SheetRow]:
        return [one for one in self.rows if not one.facts.not_applicable]


def _marks(**which) -> QuerySet[Mark]:
    return Mark.objects.filter(**which).prefetch_related(
        Prefetch("deductions", Deduction.objects.order_by("code")),
        Prefetch("left_out", LeftOut.objects.order_by("pk")),
    )


def answers_of(submission_id: int, positions: Iterable[int]) -> dict[int, Answer]:
    """What a municipality gave for these positions, with its links."""
    rows = Answer.objects.filter(submission_id=submission_id, criterion__in=list(positions))
    return {one.criterion_id: one for one in rows.prefetch_related("links")}


def sheet_of(appointment: Appointment) -> Sheet:
    """What the expert of an appointment scores, with his own marks only."""
    third = appointment.third
    round_ = Round.THIRD if third else Round.BLIND
    own = {one.criterion_id: one for one in _marks(appointment=appointment, round=round_)}
    wanted = disputed(appointment.submission_id) if third else None
    places = _places_in(appointment.submission, appointment.direction_id)
    answers = answers_of(appointment.submission_id, places)
    told = told_absent([appointment.submission_id])[appointment.submission_id]
    rows = []
    for key, place in places.items():
        if wanted is not None and key not in wanted and key not in own:
            continue
        rows.append(_row(place, answers.get(key), told, own.get(key)))
    return Sheet(appointment, tuple(rows))


def _places_in(submission: Submission, direction_id: int | None) -> dict[int, Place]:
    """The positions of a submission's edition, or of one direction of it."""
    return {
        key: place
        for key, place in places_of(submission.cycle.edition_id).items()
        if direction_id in (None, place.direction.pk)
    }


def _row(
    place: Place, answer: Answer | None, told: Mapping[int, Answer], mark: Mark | None
) -> SheetRow:
    links, silence = links_of(place, answer, told), silence_of(place, told)
    return SheetRow(
        place=place,
        facts=position_facts(place, links, silence),
        links=links,
        reason=silence.reason if silence else "",
        mark=mark,
        proves_absence=silence is None and any(key in told for key in place.path),
    )


def position_facts(place: Place, links: Iterable[Link], silence: Answer | None) -> PositionFacts:
    return PositionFacts(
        code=place.position.code,
        most=place.position.points,
        links=tuple(one.pk for one in links if one.url),
        not_applicable=silence is not None,
        abilities_track=place.abilities_track,
    )


def mark_facts(mark: Mark) -> MarkFacts:
    return MarkFacts(
        points=mark.points,
        comment=mark.comment,
        deductions=tuple(mark.grounds),
        excluded={one.link_id: one.code for one in mark.left_out.all()},
    )


def disputed(submission_id: int) -> set[int]:
    """Positions of a submission that the third expert decides."""
    return set(
        Dispute.objects.filter(submission_id=submission_id).values_list("criterion_id", flat=True)
    )


# ── The marks of all experts side by side ────────────────────────────────────────────────────


@dataclass(frozen=True)
class TableRow:
    """A position with the marks of every expert, as far as they may be seen."""

    place: Place
    facts: PositionFacts
    compared: Compared
    blind: tuple[Mark, ...] = ()
    harmonised: tuple[Mark, ...] = ()  # of each expert the proposal in force
    proposals: tuple[Mark, ...] = ()  # every one, in their order
    third: Mark | None = None
    dispute: Dispute | None = None
    settled: Settlement | None = None

    @property
    def code(self) -> str:
        return self.place.position.code

    def newest_of(self, appointment_id: int) -> Mark | None:
        """What an expert holds now: his mark of the harmonisation, or the blind one."""
        own = [
            one for one in (*self.harmonised, *self.blind) if one.appointment_id == appointment_id
        ]
        return own[0] if own else None

    @property
    def settled_comments(self) -> list[str]:
        """Why the mark is what it is, in the words of those whose mark stands; nobody's name."""
        if self.settled is None:
            return []
        marks = (self.third,) if self.third else (self.harmonised or self.blind)
        # What two experts agreed on stands with both of them: it is read once.
        return list(dict.fromkeys(one.comment for one in marks if one.comment))


@dataclass(frozen=True)
class Table:
    """The positions of a submission, or of one direction of it."""

    submission: Submission
    rows: tuple[TableRow, ...]
    appointments: tuple[Appointment, ...] = field(default=())
    silent: tuple[Answer, ...] = ()  # what the municipality said does not apply

    def experts_of(self, direction_id: int) -> list[Appointment]:
        """The experts of a direction in the order in which the pages number them."""
        return [one for one in self.appointments if one.direction_id == direction_id]

    def row(self, criterion_id: int) -> TableRow | None:
        return next((one for one in self.rows if one.place.position.pk == criterion_id), None)


def table_of(submission: Submission, policy: Policy, *, direction_id: int | None = None) -> Table:
    """Every mark of a submission put together. Who may see it is asked before this is called.

    Marks of a direction stay out of the table until all its experts are done.
    """
    appointments = list(
        Appointment.objects.filter(submission=submission)
        .select_related("expert__position__account__person", "direction")
        .order_by("third", "pk")
    )
    by_direction: dict[int, list[Appointment]] = defaultdict(list)
    for one in appointments:
        by_direction[one.direction_id].append(one)
    marks: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    known = {one.pk: one for one in appointments}
    for mark in _marks(appointment__in=appointments).order_by("saved_at", "pk"):
        mark.appointment = known[mark.appointment_id]
        marks[mark.criterion_id, mark.round].append(mark)
    disputes = {one.criterion_id: one for one in submission.disputes.all()}
    standing = {one.criterion_id: one for one in submission.settlements.filter(superseded_at=None)}
    places = _places_in(submission, direction_id)
    answers = answers_of(submission.pk, places)
    told = told_absent([submission.pk])[submission.pk]
    rows, silent = list[TableRow](), dict[int, Answer]()
    for key, place in places.items():
        if silence := silence_of(place, told):
            silent[silence.criterion_id] = silence
            continue
        facts = position_facts(place, links_of(place, answers.get(key), told), None)
        first = [one for one in by_direction[place.direction.pk] if not one.third]
        done = sees_marks_of_others([AppointmentState(one.state) for one in first])
        order = {one.pk: number for number, one in enumerate(first)}
        blind = sorted(
            marks[key, Round.BLIND] if done else [], key=lambda one: order[one.appointment_id]
        )
        proposals = marks[key, Round.HARMONISED] if done else []
        versions = sorted(proposals, key=lambda one: one.version)
        harmonised = list({one.appointment_id: one for one in versions}.values())
        third = next(iter(marks[key, Round.THIRD]), None)
        if third is not None and third.state != AppointmentState.DONE:
            third = None
        rows.append(
            TableRow(
                place=place,
                facts=facts,
                compared=compare(
                    [given(one) for one in blind],
                    all_done=done,
                    most=place.position.points,
                    harmonised=[given(one) for one in harmonised],
                    third=given(third) if third else None,
                    given_up=key in disputes,
                    third_share=policy.third_share,
                    third_rule=policy.third_rule,
                ),
                blind=tuple(blind),
                harmonised=tuple(harmonised),
                proposals=tuple(proposals),
                third=third,
                dispute=disputes.get(key),
                settled=standing.get(key),
            )
        )
    return Table(submission, tuple(rows), tuple(appointments), tuple(silent.values()))


def given(mark: Mark) -> Given:
    """A mark as the rules of harmonisation read it."""
    return Given(mark.appointment.expert_id, mark.points, frozenset(mark.grounds))


def submissions_to_score(viewer: Viewer) -> QuerySet[Submission]:
    """Submissions of the region's cycles that were handed in, for the operator and who reads."""
    found = Submission.objects.select_related("organisation", "cycle__edition")
    if not may(viewer, ROLES, "mechanisms.read_scores") or viewer.role == Role.MOUO:
        return found.none()
    return found.filter(cycle__in=cycles_of(viewer)).exclude(
        state__in=(SubmissionState.DRAFT, SubmissionState.SELF_CHECKED)
    )


def scores_visible_to(viewer: Viewer) -> QuerySet[Submission]:
    """Submissions whose settled marks the viewer may read.

    A municipality reads its own from the time of objections on, never before the others.
    """
    if viewer.role == Role.MOUO:
        return Submission.objects.select_related("organisation", "cycle__edition").filter(
            organisation_id=viewer.organisation_id,
            state__in=SCORED,
            cycle__state__in=(CycleState.OBJECTIONS, CycleState.FINAL),
        )
    return submissions_to_score(viewer)


def objections_visible_to(viewer: Viewer) -> QuerySet[Objection]:
    """The operator sees those of the region, a municipality its own."""
    found = Objection.objects.select_related(
        "submission__organisation", "submission__cycle", "criterion"
    ).order_by("filed_at", "pk")
    if viewer.role == Role.MOUO:
        return found.filter(submission__organisation_id=viewer.organisation_id)
    if not may(viewer, ROLES, "mechanisms.read_scores"):
        return found.none()
    return found.filter(submission__cycle__in=cycles_of(viewer))
