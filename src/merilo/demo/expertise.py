"""Experts of the demonstration: appointed, scoring blind, agreeing or not; objections; the end.

Every mark is an expert's own action. What they think is invented, and repeats with the seed.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from merilo.mechanisms import actions
from merilo.mechanisms.models import Appointment, Cycle, Expert, Objection, Settlement, Submission
from merilo.mechanisms.queries.cycle_map import track_map
from merilo.mechanisms.queries.expertise import (
    Policy,
    SheetRow,
    mark_facts,
    policy_of,
    sheet_of,
    table_of,
)
from merilo.mechanisms.queries.experts import proposed
from merilo.mechanisms.rules.expertise import DeductionCode, MarkFacts, is_extreme
from merilo.mechanisms.rules.harmonisation import Standing
from merilo.mechanisms.rules.states import CycleState, SubmissionState
from merilo.mechanisms.rules.tree import Component
from merilo.registry.access import Role, Viewer
from merilo.registry.models import Organisation, Position
from merilo.registry.queries import active_profile, as_viewer
from merilo.registry.steps import day_at

from .region import Builder, World

SEED = "1"  # of the proposal looked at
TITLE = "эксперт МУМ"
NOTHING_THERE = "Ни одной ссылки по позиции не дано."
FULL = "Документ полный: сроки, ответственные и показатели названы на указанных страницах."
EMPTY = "На указанных страницах о позиции ничего нет: только общие слова."
TAKEN_OFF = {
    DeductionCode.D4: "Ежемесячный запрос школам не служит ни одному показателю (стр. 2).",
    DeductionCode.D5: "Показатель назван, мониторинга по нему нет (стр. 3).",
}


@dataclass
class Panel:
    """The region's experts by their place on the list, and what they have thought so far."""

    world: World
    chance: random.Random
    viewers: dict[int, Viewer] = field(default_factory=dict)
    shown: int = 0  # the expert whom the visitor signs in as
    thought: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    grounds: dict[tuple[int, int], str] = field(default_factory=dict)  # submission, position

    def appointments(self, cycle: Cycle, **which: object) -> list[Appointment]:
        found = Appointment.objects.filter(submission__cycle=cycle, **which)
        return list(
            found.select_related(
                "submission__cycle__edition", "submission__organisation", "direction", "expert"
            ).order_by("submission_id", "direction__seq", "third", "pk")
        )

    def policy(self, now: datetime) -> Policy:
        return policy_of(active_profile(), on=day_at(self.world.ministry, now))


def build_panel(world: World, chance: random.Random, now: datetime) -> Panel:
    """Five experts: two of them work in municipalities, one says whom he must not score."""
    shown = Position.objects.select_related("account", "organisation").get(
        account__login="mumexpert"
    )
    builder = Builder(chance, now)
    builder.password = shown.account.password
    ministry = Organisation.objects.get(pk=world.ministry.organisation_id)
    offices = list(Organisation.objects.filter(pk__in=world.mouos).order_by("pk"))
    homes = (ministry, ministry, offices[1], offices[3])
    viewers = [as_viewer(shown, shown.account)] + [
        builder.account(f"mumexpert{number}", home, Role.MECHANISMS_EXPERT, TITLE)
        for number, home in enumerate(homes, start=2)
    ]
    panel = Panel(world, chance)
    for viewer in viewers:
        expert = actions.include_expert(
            position_id=viewer.position_id, actor=world.ministry, now=now
        )
        panel.viewers[expert.pk] = viewer
        panel.shown = panel.shown or expert.pk
    actions.declare_tie(
        municipality_id=offices[2].pk, note="Работала там до 2024 года", actor=viewers[0], now=now
    )
    return panel


def begin(panel: Panel, cycle: Cycle, now: datetime) -> None:
    """Two experts each by the balanced plan, and the expertise begins."""
    ministry = panel.world.ministry
    made = proposed(cycle, ministry, seed=SEED, on=day_at(ministry, now))
    actions.appoint_by_plan(
        cycle_id=cycle.pk, seed=SEED, digest=made.digest, actor=ministry, now=now
    )
    actions.begin_expertise(cycle_id=cycle.pk, actor=ministry, now=now + timedelta(hours=2))


def find_on_the_map(panel: Panel, form: Submission, track_code: str, code: DeductionCode) -> None:
    """From here on both experts of the track find this ground at its indicators or monitoring."""
    wanted = Component.MONITORING if code is DeductionCode.D4 else Component.INDICATORS
    position = form.cycle.edition.criteria.get(
        code__startswith=f"{track_code}.", parent__component=wanted
    )
    panel.grounds[form.pk, position.pk] = code


def score(
    panel: Panel,
    appointment: Appointment,
    now: datetime,
    *,
    apart: bool = False,
    share: float = 1.0,
) -> None:
    """An expert decides on the gaps, marks the positions; all of them only when he is done.

    `apart`: he thinks otherwise of the first position than whoever comes before or after him.
    """
    actor = panel.viewers[appointment.expert_id]
    rows = sheet_of(appointment).to_mark
    finishes = share == 1.0
    if finishes and not appointment.third:
        _rule(panel, appointment, rows, actor, now)
    for number, row in enumerate(rows[: max(1, round(len(rows) * share))]):
        mark = _opinion(panel, appointment, row, apart=apart and number == 0)
        actions.save_mark(
            appointment_id=appointment.pk, criterion_id=row.place.position.pk, mark=mark,
            actor=actor, now=now + timedelta(minutes=3 * number),
        )  # fmt: skip
    if finishes:
        actions.finish(appointment_id=appointment.pk, actor=actor, now=now + timedelta(hours=3))


def _rule(
    panel: Panel, appointment: Appointment, rows: list[SheetRow], actor: Viewer, now: datetime
) -> None:
    """Each candidate of the maps is decided: taken off where it was found, else explained away."""
    submission = appointment.submission
    for track in {row.place.track.pk: row.place.track for row in rows}.values():
        drawn = track_map(submission, track.pk)
        found = {
            code
            for (form, position), code in panel.grounds.items()
            if form == submission.pk
            and any(row.place.position.pk == position and row.place.track == track for row in rows)
        }
        for gap in drawn.gaps if drawn else ():
            if gap.candidate is None:
                continue
            taken = gap.candidate in found
            actions.rule_on(
                appointment_id=appointment.pk, track_id=track.pk, kind=gap.kind,
                node_id=gap.node.id if gap.node else None, confirmed=taken,
                explanation=TAKEN_OFF[gap.candidate]
                if taken else "Связь есть в документе, на карте её не провели.",
                actor=actor, now=now,
            )  # fmt: skip


def _opinion(panel: Panel, appointment: Appointment, row: SheetRow, *, apart: bool) -> MarkFacts:
    most, key = row.facts.most, (appointment.submission_id, row.place.position.pk)
    if not row.facts.links:
        return MarkFacts(Decimal(0), NOTHING_THERE)
    chance = panel.chance
    base = panel.thought.setdefault(key, Decimal(chance.randint(1, int(most))))
    points = base
    if apart:
        points = Decimal(0) if base * 2 > most else most
    elif not appointment.third and chance.random() < 0.08:
        points = max(Decimal(0), base - 1) if appointment.expert_id % 2 else min(most, base + 1)
    if ground := panel.grounds.get(key):
        return MarkFacts(max(base, Decimal(2)), TAKEN_OFF[DeductionCode(ground)], (ground,))
    comment = ""
    if is_extreme(points, most):
        comment = FULL if points else EMPTY
    return MarkFacts(points, comment)


def harmonise(
    panel: Panel, forms: Iterable[Submission], now: datetime, *, but: Collection[int] = ()
) -> None:
    """The second expert comes over to the first wherever their marks differ.

    `but`: appointments that have not come to it yet.
    """
    for form in forms:
        for row in table_of(form, panel.policy(now)).rows:
            if row.compared.standing is not Standing.DIFFERS:
                continue
            first, second = row.blind[:2]
            if {first.appointment_id, second.appointment_id} & set(but):
                continue
            actions.propose_mark(
                appointment_id=second.appointment_id, criterion_id=row.place.position.pk,
                mark=mark_facts(first), actor=panel.viewers[second.appointment.expert_id],
                now=now,
            )  # fmt: skip


def quarrel(panel: Panel, appointment: Appointment, now: datetime) -> None:
    """The expert does not come over: the third decides the first position that differs."""
    table = table_of(
        appointment.submission, panel.policy(now), direction_id=appointment.direction_id
    )
    row = next(one for one in table.rows if one.compared.standing is Standing.DIFFERS)
    actions.give_up(
        appointment_id=appointment.pk, criterion_id=row.place.position.pk,
        why="В приказе нет ни срока, ни ответственного; напарник считает, что их заменяет план.",
        actor=panel.viewers[appointment.expert_id], now=now,
    )  # fmt: skip


def settle_by_third(panel: Panel, appointment: Appointment, now: datetime) -> None:
    """The ministry appoints somebody who has not seen these works; his mark stands."""
    form, direction = appointment.submission, appointment.direction
    busy = set(form.appointments.filter(direction=direction).values_list("expert_id", flat=True))
    free = [
        one.pk
        for one in Expert.objects.filter(pk__in=panel.viewers).order_by("pk")
        if one.pk not in busy
        and str(form.organisation_id) not in panel.viewers[one.pk].organisation_path.split("/")
        and not one.ties.filter(municipality_id=form.organisation_id).exists()
    ]
    made, _warnings = actions.appoint(
        expert_id=free[0], submission_id=form.pk, direction_id=direction.pk, third=True,
        actor=panel.world.ministry, now=now,
    )  # fmt: skip
    score(panel, panel.appointments(form.cycle, pk=made.pk)[0], now + timedelta(days=2))


def object_to(
    form: Submission, mouo: Viewer, now: datetime, *, text: str, skip: int = 0
) -> Objection:
    """The municipality objects to a mark that leaves something to gain."""
    standing = Settlement.objects.filter(submission=form, superseded_at=None, deductions=[])
    found = [
        one
        for one in standing.select_related("criterion").order_by("criterion__seq")
        if 0 < one.points < one.criterion.points
    ]
    return actions.file_objection(
        submission_id=form.pk, criterion_id=found[skip].criterion_id, text=text, actor=mouo,
        now=now,
    )[0]  # fmt: skip


def decide(panel: Panel, objection: Objection, now: datetime, *, grant: bool) -> None:
    standing = Settlement.objects.get(
        submission=objection.submission, criterion=objection.criterion, superseded_at=None
    )
    actions.decide_objection(
        objection_id=objection.pk,
        grant=grant,
        points=standing.points + 1 if grant else None,
        deductions=(),
        explanation="Страница 4 приказа называет ответственного: эксперты её не учли."
        if grant
        else "Документ принят после последнего дня материалов: он войдёт в следующий цикл.",
        actor=panel.world.ministry,
        now=now,
    )


def hold(
    panel: Panel, cycle: Cycle, now: datetime, *, days: int, disputed: Submission | None = None
) -> None:
    """The whole expertise of a cycle, until the municipalities may read their marks."""
    begin(panel, cycle, now)
    parted = None
    for number, one in enumerate(panel.appointments(cycle)):
        apart = disputed is not None and one.submission_id == disputed.pk and parted is None
        if apart:
            parted = one
        score(panel, one, now + timedelta(days=2, minutes=20 * number), apart=apart)
    agreed = now + timedelta(days=days - 6)
    if parted is not None:
        quarrel(panel, parted, agreed)
    harmonise(panel, _in_expertise(cycle), agreed + timedelta(days=1))
    if parted is not None:
        settle_by_third(panel, parted, agreed + timedelta(days=2))
    actions.move_cycle(
        cycle_id=cycle.pk, to=CycleState.OBJECTIONS, actor=panel.world.ministry,
        now=now + timedelta(days=days),
    )  # fmt: skip


def hold_till_now(panel: Panel, cycle: Cycle, now: datetime, anchor: datetime) -> None:
    """An expertise in the middle: one dispute waits for a third expert, the visitor for his works.

    Of the visitor's own works the first is done and waits for agreement, the second is begun.
    """
    begin(panel, cycle, now)
    everything = panel.appointments(cycle)
    shown = [one for one in everything if one.expert_id == panel.shown]
    met = {(one.submission_id, one.direction_id) for one in shown}
    others = [one for one in everything if (one.submission_id, one.direction_id) not in met]
    parted = others[0]
    for number, one in enumerate(everything):
        when = now + timedelta(days=2, minutes=20 * number)
        if one in shown[2:]:
            continue
        score(
            panel, one, when, apart=one in (parted, shown[0]),
            share=0.5 if one in shown[1:2] else 1.0,
        )  # fmt: skip
    quarrel(panel, parted, anchor - timedelta(days=2))
    forms = [one for one in _in_expertise(cycle) if one.pk != parted.submission_id]
    harmonise(panel, forms, anchor - timedelta(days=1), but={shown[0].pk})


def _in_expertise(cycle: Cycle) -> list[Submission]:
    found = cycle.submissions.filter(state=SubmissionState.IN_EXPERTISE)
    return list(found.select_related("organisation", "cycle__edition").order_by("pk"))
