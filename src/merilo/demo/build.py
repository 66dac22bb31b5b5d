"""Build the demonstration: some 600 cases lived through, hour by hour, by the real actions.

Every case and every test day is a small story (a generator) that sleeps until its next hour. They
are woken in the order of time, up to now; so each stands where a real one would, its journal and
deadlines are true, and no state is painted.
"""

from __future__ import annotations

import heapq
import itertools
import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from merilo import law
from merilo.casework.models import Dispatch, Notice
from merilo.casework.rules import Failure, NoticeState
from merilo.foundation import jobs
from merilo.grading import actions as grading
from merilo.law import LawError, Part, Refused
from merilo.materials import actions as materials
from merilo.registry import queries as registry
from merilo.registry.access import Viewer

from .mechanisms import build_mechanisms
from .region import Builder, Centre, World
from .stories import Case, Clock, end_of_terms
from .test_days import TestDay
from .waiting import a_day_put_off, days_added, days_before

ZONE = ZoneInfo("Asia/Vladivostok")
CASES = 600
LOOK_BACK = timedelta(days=205)
LOOK_AHEAD = timedelta(days=33)
LEAST_AHEAD = 38  # days of published calendar a demonstration needs after its «today»

Progress = Callable[[str, int, int], None]


def anchor_of(now: datetime) -> datetime:
    """The moment the demonstration shows: now, or an earlier day where the calendar ends too soon.

    Working days of an unpublished year cannot be counted; near the end of the last published year
    the demonstration steps back by whole weeks, and every page says what day it shows.
    """
    last = law.profile("primorye-2025").days.last_day
    here = now.astimezone(ZONE)
    while (last - here.date()).days < LEAST_AHEAD:
        here -= timedelta(weeks=1)
    return here


@contextmanager
def jobs_done_here(hour: list[datetime]) -> Iterator[Callable[[], None]]:
    """Do deferred work on the spot, at the hour of the story; letters of the past are not sent.

    Yields the function that does what was put off since the last call.
    """
    plain = jobs.defer
    put_off: list[dict[str, int]] = []

    def keep(task: str, *, queueing_lock: str | None = None, **ids: int) -> None:
        if task == "owe_marking" and ids not in put_off:
            put_off.append(ids)

    def do() -> None:
        while put_off:
            grading.owe_marking(now=hour[0], **put_off.pop(0))

    jobs.defer = keep
    try:
        yield do
    finally:
        jobs.defer = plain


def build(
    *,
    seed: int,
    now: datetime,
    progress: Progress | None = None,
    cases: int = CASES,
    hands: int | None = None,
) -> None:
    """Fill an empty database. The same seed and day give the same region."""
    tell = progress or (lambda *_told: None)
    anchor = anchor_of(now)
    chance = random.Random(seed)
    began = anchor - LOOK_BACK
    tell("Организации и люди", 0, 1)
    with jobs_done_here([began]):
        world = Builder(chance, began).build()
        _materials(world, began)
        days = _schedule(world, began, anchor)
    seeds = [chance.random() for _ in range(cases)]
    _live(Plan(world, days, seeds, began, anchor), tell, hands or min(2, os.cpu_count() or 1))
    tell("Механизмы", 0, 1)
    build_mechanisms(world, anchor, random.Random(seed))
    _settle_letters(anchor, chance)
    _settle_dispatches(anchor)
    tell("Готово", 1, 1)


def _materials(world: World, began: datetime) -> None:
    for grade in range(1, 12):
        for number in range(1, 7):
            materials.register_variant(
                grade=grade, part=Part.ORAL, number=f"{grade:02d}-У{number}", actor=world.rcoi,
                received_on=began.date(), now=began,
            )  # fmt: skip
            if grade > 1:
                materials.register_variant(
                    grade=grade, part=Part.WRITTEN, number=f"{grade:02d}-П{number}",
                    listening_text=f"T{grade:02d}-{(number + 1) // 2}", actor=world.rcoi,
                    received_on=began.date(), now=began,
                )  # fmt: skip
    for centre in world.centres:
        for grade in range(1, 12):
            # Most of the children go to the first grade: whoever looks must still find a kit.
            materials.set_reserve(
                testing_org_id=centre.organisation.pk, grade=grade, free=400 if grade == 1 else 60,
                actor=world.rcoi, now=began, today=began.date(),
            )  # fmt: skip


def _schedule(world: World, began: datetime, anchor: datetime) -> list[tuple[int, date, Centre]]:
    """An approved schedule for each year touched; days every other week at each centre."""
    from merilo.booking import actions as booking

    profile = registry.active_profile()
    last = min(anchor.date() + LOOK_AHEAD, profile.days.last_day - timedelta(days=9))
    found: list[tuple[int, date, Centre]] = []
    schedules: dict[int, int] = {}
    yesterday = profile.days.on_or_before(anchor.date() - timedelta(days=1))
    for index, centre in enumerate(world.centres):
        gap = 7 if index == 0 else 14
        day = began.date() + timedelta(days=18 + 2 * index)
        if index == 0:  # the last of its weekly days has just been held: its works are at hand
            day += timedelta(days=(yesterday - day).days % 7)
        held: list[date] = []
        while day <= last:
            held.append(profile.days.on_or_after(day))
            day += timedelta(days=gap)
        if index == 0:  # a day at hand for whoever looks at the test day itself
            held.append(profile.days.on_or_after(anchor.date()))
        for held_on in sorted(set(held)):
            if held_on.year not in schedules:
                schedules[held_on.year] = booking.create_schedule(
                    year=held_on.year,
                    title=f"Расписание тестирования на {held_on.year} год",
                    actor=world.ministry,
                    now=began,
                ).pk
            try:
                session = booking.add_session(
                    schedule_id=schedules[held_on.year],
                    testing_org_id=centre.organisation.pk,
                    place_id=centre.place.pk,
                    held_on=held_on,
                    starts_at=time(10, 0),
                    grades=range(1, 12),
                    capacity=24 if index == 0 else 15,
                    actor=world.ministry,
                    now=began,
                    results_official_on=profile.days.after(held_on, 6),
                )
            except (Refused, LawError):
                continue
            found.append((session.session.pk, held_on, centre))
    for year, schedule in schedules.items():
        booking.approve_schedule(
            schedule_id=schedule, order_ref=f"от {began:%d.%m.%Y} № 23а-{year}",
            approved_on=began.date(), actor=world.ministry, now=began,
        )  # fmt: skip
        booking.note_published(
            schedule_id=schedule, on=began.date() + timedelta(days=1), actor=world.ministry,
            now=began + timedelta(days=1),
        )  # fmt: skip
        booking.note_minpros_informed(
            schedule_id=schedule, on=began.date() + timedelta(days=2), actor=world.ministry,
            now=began + timedelta(days=2),
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Plan:
    """What is to be lived through, the same whoever carries it out."""

    world: World
    days: list[tuple[int, date, Centre]]
    seeds: list[float]
    began: datetime
    anchor: datetime


def _live(plan: Plan, tell: Progress, hands: int) -> None:
    """Live the plan; the centres are shared out between `hands` processes, which never meet.

    Cases and days belong to a centre, so two processes touch different sessions; numbers are
    given under locks. The region is the same however many hands build it, row ids apart.
    """
    if hands < 2:
        _live_share(plan, tell, 0, 1)
        return
    connection.close()
    others = [
        multiprocessing.get_context("fork").Process(
            target=_live_share, args=(plan, lambda *_told: None, hand, hands)
        )
        for hand in range(1, hands)
    ]
    for other in others:
        other.start()
    _live_share(plan, tell, 0, hands)
    for other in others:
        other.join()
        if other.exitcode:
            raise RuntimeError("a part of the demonstration was not built: see the lines above")


def _live_share(plan: Plan, tell: Progress, hand: int, hands: int) -> None:
    """Wake every story of one share in the order of time until now."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # a lost demonstration is built again
    world, began, anchor = plan.world, plan.began, plan.anchor
    clock = Clock(ZONE, registry.active_profile().days)
    mine = {centre.organisation.pk for centre in world.centres[hand::hands]}
    if hands == 2:  # the first centre, the capital's, has nearly half of all cases
        first = world.centres[0].organisation.pk
        mine = {first} if hand == 0 else {c.organisation.pk for c in world.centres} - {first}
    order = itertools.count()
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []

    def wake(story: Iterator[datetime]) -> None:
        # A story whose act is refused ends there, as a clerk would stop and ask.
        with suppress(StopIteration, Refused):
            heapq.heappush(waiting, (next(story), next(order), story))

    for number, seed in enumerate(plan.seeds):
        chance = random.Random(seed)
        case = Case(world, clock, chance, wake)
        if case.centre.organisation.pk in mine:
            wake(case.story(_submitted(number / len(plan.seeds), began, anchor, clock, chance)))
    yesterday = days_before(clock, anchor.date(), 1)
    for session_id, held_on, centre in plan.days:
        if centre.organisation.pk in mine:
            last = centre is world.centres[0] and held_on == yesterday
            day = TestDay(
                world, clock, random.Random(session_id), centre, wake,
                unmarked=last, recent=held_on > anchor.date() - timedelta(days=21),
            )  # fmt: skip
            wake(day.story(session_id, held_on))
    if world.centres[1].organisation.pk in mine:
        wake(a_day_put_off(world, clock, world.centres[1], anchor))
    if hand == 0:
        wake(days_added(world, clock, world.centres[0], anchor))
        wake(end_of_terms(clock, began, Viewer.system()))
    total, shown = (anchor - began).days, -1
    hour = [began]
    with jobs_done_here(hour) as catch_up:
        while waiting and waiting[0][0] <= anchor:
            when, _number, story = heapq.heappop(waiting)
            if (when - began).days != shown:
                shown = (when - began).days
                tell("Дни края", shown, total)
            hour[0] = when
            wake(story)
            catch_up()
    connection.close()


def _submitted(
    share: float, began: datetime, anchor: datetime, clock: Clock, chance: random.Random
) -> datetime:
    """More applications in the last two months than before; the last ones today."""
    span = (anchor - began).days
    back = int(span * (1 - share**0.62))
    day = clock.days.on_or_before(anchor.date() - timedelta(days=min(back, span - 14)))
    return clock.at(day, 9 + chance.randint(0, 7), chance.randint(0, 59))


def _settle_letters(anchor: datetime, chance: random.Random) -> None:
    """Letters of the past were sent by e-mail; a few came back, as they do."""
    letters = Notice.objects.filter(channel="email")
    letters.filter(state=NoticeState.QUEUED).update(
        state=NoticeState.CLAIMED, claimed_at=F("created_at") + timedelta(minutes=1), tries=1
    )
    letters.filter(state=NoticeState.CLAIMED).update(
        state=NoticeState.SENT, sent_at=F("created_at") + timedelta(minutes=2)
    )
    recent = list(
        Notice.objects.filter(
            channel="email", created_at__gt=anchor - timedelta(days=20)
        ).values_list("pk", flat=True)[:400]
    )
    Notice.objects.filter(pk__in=chance.sample(recent, min(6, len(recent)))).update(
        state=NoticeState.FAILED,
        sent_at=None,
        failure=Failure.ADDRESS,
        error="SMTPRecipientsRefused: 550 mailbox not found",
    )
    paper = Notice.objects.filter(
        channel="post", state=NoticeState.QUEUED, created_at__lt=anchor - timedelta(days=6)
    )
    paper.update(state=NoticeState.DELIVERED, delivered_at=F("created_at") + timedelta(days=4))


def _settle_dispatches(anchor: datetime) -> None:
    """What was handed over earlier has been received; the last days wait for a word."""
    Dispatch.objects.filter(
        sent_at__lt=anchor - timedelta(days=5), received_at__isnull=True
    ).update(received_at=F("sent_at") + timedelta(hours=3))
