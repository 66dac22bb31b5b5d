"""Questions about the materials: the monthly cycle, the archive, the key, the print plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from merilo.admissions.rules import Category, form_of_test
from merilo.law import Answer, Form, Profile
from merilo.materials import rules as materials

from .before_test import GRADE
from .facts import DATE, MOMENT, Fact, Question, one_of, whole

PEOPLE = whole(0, 100_000)


def _material_cycle(facts: Mapping[str, Any], profile: Profile) -> Answer:
    answer = materials.material_cycle(
        booking_on=facts["booking_on"],
        test_on=facts["test_on"],
        grade=facts["grade"],
        free_reserve_kits=facts["free_reserve_kits"],
        profile=profile,
    )
    first = answer.dates["request_month"]
    assert first is not None  # the rule always names the month
    cycle = materials.cycle_of((first.year, first.month), profile)
    steps = {
        "mouo_until": cycle.mouo_until,
        "rcoi_until": cycle.rcoi_until,
        "ministry_until": cycle.ministry_until,
    }
    return Answer(answer.reasons, {**answer.dates, **steps}, answer.outcome, answer.decided_under)


def _here(moment: datetime | None, profile: Profile) -> datetime | None:
    """The moment on the region's clock; one without a zone is taken as local."""
    zone = ZoneInfo(profile.timezone)
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=zone)
    return moment.astimezone(zone)


def _archive_lead(facts: Mapping[str, Any], profile: Profile) -> Answer:
    start = _here(facts["test_start"], profile)
    assert start is not None  # the fact is required
    return materials.archive_lead(
        start, received_at=_here(facts["received_at"], profile), profile=profile
    )


def _key_release(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return materials.key_release(
        facts["test_on"], facts["published_at"], now=facts["now"], profile=profile
    )


def _print_plan(facts: Mapping[str, Any], profile: Profile) -> Answer:
    on, grade = facts["test_on"], facts["grade"]
    usual, _value = form_of_test(grade, Category.GENERAL, test_on=on, profile=profile)
    form = facts["form"] or usual or Form.ORAL_WRITTEN
    counts = {
        name: facts[name]
        for name in (
            "oral_conductors",
            "written_conductors",
            "experts",
            "oral_participants",
            "written_participants",
        )
    }
    plan = materials.print_plan(
        grade,
        form,
        materials.Counts(**counts),
        oral_variants=facts["oral_variants"],
        on=on,
        profile=profile,
    )
    return Answer(
        outcome={"form": form, "rows": plan.rows, "total": plan.total},
        decided_under=(profile.value("materials.print_plan", on=on),),
    )


QUESTIONS = (
    Question(
        "material-cycle",
        "К какому дню успеют материалы по заявке этого месяца",
        (
            Fact("booking_on", DATE, "день записи", required=True),
            Fact("grade", GRADE, "класс", required=True),
            Fact("test_on", DATE, "день тестирования, если выбран"),
            Fact("free_reserve_kits", PEOPLE, "свободных резервных комплектов", default=0),
        ),
        {"booking_on": "2025-06-17", "test_on": "2025-07-08", "grade": 3},
        _material_cycle,
    ),
    Question(
        "archive-lead",
        "К какому времени архив должен быть у тестирующей организации",
        (
            Fact("test_start", MOMENT, "начало тестирования, местное время", required=True),
            Fact("received_at", MOMENT, "когда архив получен, местное время"),
        ),
        {"test_start": "2026-03-16T10:00", "received_at": "2026-03-15T18:30"},
        _archive_lead,
    ),
    Question(
        "key-release",
        "Вовремя ли размещён ключ расшифровки",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("published_at", MOMENT, "когда ключ размещён, местное время"),
            Fact("now", MOMENT, "который час сейчас, если ключа ещё нет"),
        ),
        {"test_on": "2026-03-16", "published_at": "2026-03-16T08:01"},
        _key_release,
    ),
    Question(
        "print-plan",
        "Сколько чего печатать в день тестирования для одного класса",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("grade", GRADE, "класс", required=True),
            Fact("form", one_of(Form), "форма (нет — обычная для класса)"),
            Fact("oral_conductors", PEOPLE, "проводящих устную часть", default=0),
            Fact("written_conductors", PEOPLE, "проводящих письменную часть", default=0),
            Fact("experts", PEOPLE, "экспертов", default=0),
            Fact("oral_participants", PEOPLE, "участников устной части", default=0),
            Fact("written_participants", PEOPLE, "участников письменной части", default=0),
            Fact("oral_variants", whole(1, 100), "вариантов устной части в этот день", default=1),
        ),
        {
            "test_on": "2026-03-16",
            "grade": 2,
            "oral_conductors": 2,
            "written_conductors": 1,
            "experts": 3,
            "oral_participants": 5,
            "written_participants": 5,
        },
        _print_plan,
    ),
)
