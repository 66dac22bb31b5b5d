"""A cycle whose materials are in: two municipalities, two directions, three experts on the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from builders import NOW, Region, a_person
from merilo.mechanisms.actions import assigning, experts, harmonising, scoring
from merilo.mechanisms.models import (
    Answer,
    Appointment,
    CriteriaEdition,
    Criterion,
    Cycle,
    Expert,
    Link,
    Submission,
)
from merilo.mechanisms.queries.expertise import sheet_of
from merilo.mechanisms.rules.expertise import MarkFacts
from merilo.mechanisms.rules.states import CycleState, EditionState, SubmissionState
from merilo.mechanisms.rules.tree import Component, Kind, Renormalisation, Shape
from merilo.registry.access import Viewer

LATER = NOW + timedelta(hours=2)
EXPERTS = ("mumexpert", "mumexpert2", "mumexpert3")


@dataclass
class Run:
    """A cycle with its submissions by municipality and its experts by login."""

    region: Region
    cycle: Cycle
    criteria: dict[str, Criterion]
    submissions: dict[str, Submission] = field(default_factory=dict)
    experts: dict[str, Expert] = field(default_factory=dict)

    def viewer(self, who: str) -> Viewer:
        return self.region.viewer(who)

    def appointment(self, who: str, direction: str, of: str = "mouo") -> Appointment:
        return Appointment.objects.select_related(
            "submission__cycle", "submission__organisation", "direction", "expert"
        ).get(
            expert=self.experts[who],
            direction=self.criteria[direction],
            submission=self.submissions[of],
        )


def criteria_of(edition: CriteriaEdition) -> dict[str, Criterion]:
    """1.1 with a track of two positions; 1.3 with the track of abilities and its whole cycle."""
    found: dict[str, Criterion] = {}

    def add(code, kind, title, above=None, **more):
        found[code] = Criterion.objects.create(
            edition=edition, code=code, kind=kind, title=title, seq=len(found) + 1,
            parent=found.get(above), **more,
        )  # fmt: skip

    add("1", Kind.BLOCK, "Образовательные результаты")
    add("1.1", Kind.DIRECTION, "Оценка качества подготовки", "1")
    add("1.1.1", Kind.TRACK, "Объективность", "1.1", shape=Shape.REGIONAL)
    add("1.1.1.1", Kind.POSITION, "Содействие региону", "1.1.1", points=Decimal(4))
    add("1.1.1.2", Kind.POSITION, "Меры по объективности", "1.1.1", points=Decimal(4))
    add("1.3", Kind.DIRECTION, "Способности и таланты", "1")
    add("1.3.1", Kind.TRACK, "Развитие способностей", "1.3", shape=Shape.MUNICIPAL, special=["D6"])
    add("1.3.1.1", Kind.COMPONENT, "Показатели", "1.3.1", component=Component.INDICATORS)
    add("1.3.1.1.1", Kind.POSITION, "Наличие показателей", "1.3.1.1", points=Decimal(3))
    return found


def a_run(region: Region, *, state: CycleState = CycleState.CLOSED) -> Run:
    """Materials of both municipalities are in, three experts on the list, nobody appointed."""
    edition = CriteriaEdition.objects.create(
        code="demo-2026", title="Пример, не федеральный", year=2026,
        renormalisation=Renormalisation.NONE, state=EditionState.DRAFT, created_at=NOW,
    )  # fmt: skip
    criteria = criteria_of(edition)
    edition.state, edition.frozen_at = EditionState.FROZEN, NOW
    edition.save()
    cycle = Cycle.objects.create(
        region=region.ministry, edition=edition, year=2026, title="Самооценка 2026",
        state=state, submit_by=date(2026, 3, 10), created_at=NOW,
    )  # fmt: skip
    run = Run(region, cycle, criteria)
    handed_in = SubmissionState.SUBMITTED if state != CycleState.OPEN else SubmissionState.DRAFT
    for who, mouo in (("mouo", region.mouo), ("other_mouo", region.other_mouo)):
        one = Submission.objects.create(
            cycle=cycle, organisation=mouo, territory=mouo.territory, state=handed_in,
            started_at=NOW, changed_at=NOW,
        )  # fmt: skip
        run.submissions[who] = one
        for criterion in criteria.values():
            if criterion.kind == Kind.POSITION:
                answer = Answer.objects.create(submission=one, criterion=criterion, changed_at=NOW)
                Link.objects.create(
                    answer=answer, seq=1, url=f"https://example.org/{criterion.code}.pdf",
                    document_name=f"Приказ {criterion.code}", pages="2–3",
                )  # fmt: skip
    ministry = region.viewer("ministry")
    for number, login in enumerate(EXPERTS):
        account = region.accounts[login]
        account.person = a_person(f"Экспертов{number}", "Пётр", birth_date=None)
        account.save()
        run.experts[login] = experts.include_expert(
            position_id=region.viewer(login).position_id, actor=ministry, now=NOW
        )
    return run


def appointed(run: Run) -> Run:
    """Two experts on everything; the third is left over."""
    ministry = run.viewer("ministry")
    for submission in run.submissions.values():
        for code in ("1.1", "1.3"):
            for who in EXPERTS[:2]:
                assigning.appoint(
                    expert_id=run.experts[who].pk, submission_id=submission.pk,
                    direction_id=run.criteria[code].pk, actor=ministry, now=NOW,
                )  # fmt: skip
    return run


def in_expertise(region: Region) -> Run:
    run = appointed(a_run(region))
    assigning.begin_expertise(cycle_id=run.cycle.pk, actor=run.viewer("ministry"), now=NOW)
    return run


def typed(points: int | None, *grounds: str, comment: str = "Стр. 2: пункт 1.") -> MarkFacts:
    return MarkFacts(None if points is None else Decimal(points), comment, grounds)


def scored(
    run: Run, who: str, direction: str, points: int, *grounds: str, of: str = "mouo"
) -> Appointment:
    """The expert gives every position of the direction the same mark and is done."""
    appointment = run.appointment(who, direction, of)
    actor = run.viewer(who)
    for row in sheet_of(appointment).to_mark:
        scoring.save_mark(
            appointment_id=appointment.pk, criterion_id=row.place.position.pk,
            mark=typed(points, *grounds), actor=actor, now=LATER,
        )  # fmt: skip
    return scoring.finish(appointment_id=appointment.pk, actor=actor, now=LATER)[0]


def everything_scored(run: Run, *, points: int = 2) -> Run:
    """Both experts agree on everything of both municipalities."""
    for of in run.submissions:
        for code in ("1.1", "1.3"):
            for who in EXPERTS[:2]:
                scored(run, who, code, points, of=of)
    return run


def proposed(run: Run, who: str, code: str, points: int, *grounds: str) -> None:
    """An expert offers a mark for a position of 1.1 in the harmonisation."""
    harmonising.propose_mark(
        appointment_id=run.appointment(who, "1.1").pk, criterion_id=run.criteria[code].pk,
        mark=typed(points, *grounds), actor=run.viewer(who), now=LATER,
    )  # fmt: skip
