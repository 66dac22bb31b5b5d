"""Questions about the test day, the score, the result and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merilo.admissions.rules import form_of_test
from merilo.foundation import clock
from merilo.law import Answer, Form, Mode, Part, Profile
from merilo.records import rules as records
from merilo.results import rules as results
from merilo.testday import rules as testday

from .before_test import CATEGORY, GRADE
from .facts import DATE, FLAG, POINTS, TEXT, Fact, Question, many, one_of, record, whole

SERIAL = whole(-1_000_000, 1_000_000)  # what cannot be is refused by the rule, in its own words


def _may_annul(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return testday.may_annul(
        by_chair_of_the_day=facts["by_chair"],
        code=facts["reason"],
        state=facts["state"],
        on=facts["test_on"],
        profile=profile,
    )


SEAT = record(
    Fact("participant", TEXT, "кто", required=True),
    Fact("grade", GRADE, "класс", required=True),
    Fact("variant", TEXT, "номер варианта"),
    Fact("listening_text", TEXT, "текст для прослушивания этого варианта", default=""),
    Fact("forbidden", many(TEXT), "варианты, которые ему уже давали", default=()),
)


def _room_variants(facts: Mapping[str, Any], profile: Profile) -> Answer:
    seats = [
        testday.Seat(
            one["participant"],
            one["grade"],
            testday.Variant(one["variant"], one["listening_text"]) if one["variant"] else None,
            frozenset(one["forbidden"]),
        )
        for one in facts["seats"]
    ]
    return testday.room_variants(
        facts["room"], seats, part=facts["part"], on=facts["test_on"], profile=profile
    )


def _no_show(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return testday.no_show_answer(test_on=facts["test_on"], profile=profile)


def _schedule_day(facts: Mapping[str, Any], profile: Profile) -> Answer:
    gap = profile.value("results.min_official_gap_wd", on=facts["test_on"])
    return Answer(
        reasons=tuple(
            results.schedule_warnings(
                test_on=facts["test_on"], official_on=facts["official_on"], profile=profile
            )
        ),
        dates={"official_from": profile.days.after(facts["test_on"], gap.value)},
        decided_under=(gap,),
    )


def _score(facts: Mapping[str, Any], profile: Profile) -> Answer:
    grade, test_on = facts["grade"], facts["test_on"]
    form = facts["form"]
    if form is None:
        form, free = form_of_test(grade, facts["category"], test_on=test_on, profile=profile)
        if form is None:
            return Answer(outcome={"test_required": False}, decided_under=(free,))
    marks = results.Marks(
        grade,
        form,
        test_on,
        facts["points"],
        written_total=facts["written_total"],
        annulled=facts["annulled"],
        kept_mode=facts["mode"],
    )
    return results.score_answer(marks, profile=profile)


def _result_deadlines(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return results.result_deadlines(
        test_on=facts["test_on"],
        school_received_on=facts["school_received_on"],
        mouo_received_on=facts["mouo_received_on"],
        official_on=facts["official_on"],
        profile=profile,
    )


def _unique_code(facts: Mapping[str, Any], profile: Profile) -> Answer:
    on = facts["day"] or clock.today(profile.timezone)
    if facts["serial"] is None:
        return testday.next_code(
            facts["used"],
            facts["school_code"],
            facts["grade"],
            previous=facts["previous"],
            on=on,
            profile=profile,
        )
    code = testday.unique_code(
        facts["serial"], facts["school_code"], facts["grade"], on=on, profile=profile
    )
    taken = testday.reasons_against_code(
        code, others_that_day_and_grade=facts["used"], on=on, profile=profile
    )
    return Answer(
        reasons=tuple(taken),
        outcome={"code": code, "reused": False},
        decided_under=(profile.value("results.code_mask", on=on),),
    )


def _retention(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return records.retention(
        test_on=facts["test_on"],
        result_on=facts["result_on"],
        hold=facts["hold"],
        today=facts["today"] or clock.today(profile.timezone),
        profile=profile,
    )


QUESTIONS = (
    Question(
        "may-annul",
        "Можно ли аннулировать результат",
        (
            Fact("test_on", DATE, "день тестирования: по нему берутся запреты", required=True),
            Fact("reason", TEXT, "код нарушения, например F17_DEVICE", required=True),
            Fact("by_chair", FLAG, "решает председатель комиссии этого дня", required=True),
            Fact(
                "state",
                one_of(testday.AttemptState),
                "где сейчас участие",
                default=testday.AttemptState.WRITTEN_RUNNING,
            ),
        ),
        {"test_on": "2026-03-16", "reason": "F17_DEVICE", "by_chair": True},
        _may_annul,
    ),
    Question(
        "room-variants",
        "Можно ли посадить этих участников в одну аудиторию с этими вариантами",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("part", one_of(Part), "часть тестирования", required=True),
            Fact("seats", many(SEAT), "кто сидит и с каким вариантом", required=True),
            Fact("room", TEXT, "номер аудитории", default="1"),
        ),
        {
            "test_on": "2026-03-16",
            "part": "written",
            "room": "12",
            "seats": [
                {"participant": "А", "grade": 3, "variant": "101", "listening_text": "Т1"},
                {
                    "participant": "Б",
                    "grade": 3,
                    "variant": "102",
                    "listening_text": "Т1",
                    "forbidden": ["101"],
                },
            ],
        },
        _room_variants,
    ),
    Question(
        "no-show",
        "Что следует из неявки",
        (Fact("test_on", DATE, "день тестирования", required=True),),
        {"test_on": "2026-03-16"},
        _no_show,
    ),
    Question(
        "schedule-day",
        "Не рано ли объявлять результаты этого дня официально",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("official_on", DATE, "дата официального объявления", required=True),
        ),
        {"test_on": "2025-06-18", "official_on": "2025-06-23"},
        _schedule_day,
    ),
    Question(
        "score",
        "Пройдено ли тестирование с такими баллами",
        (
            Fact(
                "test_on", DATE, "день тестирования: по нему берётся спецификация", required=True
            ),
            Fact("grade", GRADE, "класс", required=True),
            Fact("points", POINTS, "баллы по критериям", required=True),
            Fact("written_total", SERIAL, "сумма письменной части, если её критерии не загружены"),
            Fact("form", one_of(Form), "форма (нет — по классу и категории)"),
            CATEGORY,
            Fact("annulled", FLAG, "результат аннулирован", default=False),
            Fact("mode", one_of(Mode), "режим оценивания (нет — по профилю)"),
        ),
        {
            "test_on": "2026-03-16",
            "grade": 2,
            "points": {
                "Д1": 1,
                "Д2": 1,
                "М1": 1,
                "М2": 1,
                "М3": 1,
                "Ч1": 1,
                "Ч2": 1,
                "Ч3": 1,
                "П1": 1,
                "П2": 0,
            },
            "written_total": 9,
        },
        _score,
    ),
    Question(
        "result-deadlines",
        "Кому и по какой день сообщить результат",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("school_received_on", DATE, "день, когда результат получила школа"),
            Fact("mouo_received_on", DATE, "день, когда результат получил МОУО"),
            Fact("official_on", DATE, "дата официального объявления"),
        ),
        {"test_on": "2025-06-18", "school_received_on": "2025-06-23", "official_on": "2025-06-23"},
        _result_deadlines,
    ),
    Question(
        "unique-code",
        "Какой уникальный код дать участнику",
        (
            Fact("school_code", TEXT, "код школы для ГИА и ВПР, три цифры", required=True),
            Fact("grade", SERIAL, "класс", required=True),
            Fact("serial", SERIAL, "порядковый номер (нет — первый свободный)"),
            Fact("used", many(TEXT), "уже выданные коды", default=()),
            Fact("previous", TEXT, "прежний код участника при повторном тестировании"),
            Fact("day", DATE, "по правилам какого дня (нет — сегодня)"),
        ),
        {"school_code": "099", "grade": 1, "serial": 15, "day": "2026-03-16"},
        _unique_code,
    ),
    Question(
        "retention",
        "По какой день хранить материалы; можно ли уничтожить",
        (
            Fact("test_on", DATE, "день тестирования", required=True),
            Fact("result_on", DATE, "день, когда результат стал окончательным"),
            Fact("hold", one_of(records.Hold), "из-за чего хранить дольше"),
            Fact("today", DATE, "на какой день спрашивают (нет — сегодня)"),
        ),
        {"test_on": "2025-06-18", "today": "2026-03-16"},
        _retention,
    ),
)
