"""Questions about the application, the referral and the booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from merilo.admissions import rules as admissions
from merilo.booking import rules as booking
from merilo.foundation import clock
from merilo.law import Answer, Profile
from merilo.materials import rules as materials

from .facts import DATE, FLAG, TEXT, Fact, Question, many, one_of, record, whole

GRADE = whole(1, 11)
CATEGORY = Fact(
    "category",
    one_of(admissions.Category),
    "категория участника",
    default=admissions.Category.GENERAL,
)


def _booking_window(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return admissions.booking_window(facts["received_on"], profile)


def _may_book(facts: Mapping[str, Any], profile: Profile) -> Answer:
    referral = booking.ReferralFacts(
        state=facts["referral_state"],
        received_on=facts["received_on"],
        grade=facts["grade"],
        category=facts["category"],
        testing_org=1,
        attempt_no=len(facts["failed_on"]) + 1,
        of_age=facts["of_age"],
        special_needs=facts["special_needs"],
        booked_on=facts["already_booked_for"],
        failed_on=facts["failed_on"],
        missed=_missed(facts),
        same_application_failed=facts["same_application_failed"],
        postponed=facts["postponed"],
    )
    session = booking.SessionFacts(
        held_on=facts["test_on"],
        grades=frozenset(facts["session_grades"] or (facts["grade"],)),
        testing_org=1 if facts["assigned_testing_org"] else 2,
        free_places=facts["free_places"],
        approved=facts["in_schedule"],
        accessible=facts["accessible"],
        free_reserve_kits=facts["free_reserve_kits"],
        results_official_on=facts["results_official_on"],
        next_days=facts["next_days"],
    )
    on = facts["booked_on"]
    reasons = booking.reasons_against_booking(
        referral, session, booked_on=on, in_person=facts["in_person"], profile=profile
    )
    earliest, _lead = booking.earliest_by_notice(on, profile)
    window = admissions.booking_window(facts["received_on"], profile)
    retest = admissions.retest_from(
        facts["failed_on"], facts["category"], asked_on=on, profile=profile
    )
    return Answer(
        reasons=tuple(reasons),
        dates={
            "book_until": window.dates["last_day"],
            "earliest_by_lead": earliest,
            "earliest_by_retest": retest.dates["earliest"],
            "earliest_by_materials": materials.earliest_test_by_materials(on, profile=profile),
        },
        decided_under=booking.values_of_booking(referral, on, profile),
    )


def _missed(facts: Mapping[str, Any]) -> admissions.NoShowFacts | None:
    """The last no-show: by its own day where it is named, else by the law of the day of booking."""
    absent = facts["referral_state"] == admissions.ReferralState.UNUSED_NO_SHOW
    if not (facts["no_shows"] or absent):
        return None
    return admissions.NoShowFacts(
        missed_on=facts["missed_on"] or facts["booked_on"],
        times=max(facts["no_shows"], 1),
        reason=facts["no_show_reason"],
    )


def _retest_from(facts: Mapping[str, Any], profile: Profile) -> Answer:
    return admissions.retest_from(
        facts["failed_on"],
        facts["category"],
        asked_on=facts["asked_on"] or clock.today(profile.timezone),
        profile=profile,
    )


DOCUMENT = record(
    Fact("kind", one_of(admissions.DocumentKind), "вид документа", required=True),
    Fact("state", one_of(admissions.DocumentState), "состояние документа", required=True),
    Fact("valid_until", DATE, "последний день действия"),
    Fact("comment", TEXT, "за что не принят", default=""),
)


def _completeness(facts: Mapping[str, Any], profile: Profile) -> Answer:
    on = facts["received_on"]
    application = admissions.ApplicationFacts(
        grade=facts["grade"],
        category=facts["category"],
        birth_date=facts["birth_date"],
        received_on=on,
        documents=tuple(admissions.DocumentFacts(**one) for one in facts["documents"]),
    )
    due, term = admissions.completeness_due(on, profile)
    required = admissions.required_documents(
        facts["grade"], facts["birth_date"], facts["category"], on=on, profile=profile
    )
    return Answer(
        reasons=(
            *admissions.unchecked(application, on=on, profile=profile),
            *admissions.defects(application, on=on, profile=profile),
        ),
        dates={"check_until": due},
        outcome={
            "mandatory": [one.kind for one in required if one.mandatory],
            "if_any": [one.kind for one in required if not one.mandatory],
        },
        decided_under=(term, profile.value("admissions.mandatory_documents", on=on)),
    )


def _form_of_test(facts: Mapping[str, Any], profile: Profile) -> Answer:
    form, value = admissions.form_of_test(
        facts["grade"], facts["category"], test_on=facts["test_on"], profile=profile
    )
    return Answer(
        outcome={"form": form, "test_required": form is not None}, decided_under=(value,)
    )


def _school_deadlines(facts: Mapping[str, Any], profile: Profile) -> Answer:
    received = facts["received_on"]
    complete, first = admissions.completeness_due(received, profile)
    authentic: date | None = None
    start = profile.value("admissions.authenticity_start", on=received)
    under = [first, start]
    if facts["full_set_on"] or start.value == "submission":
        authentic, second = admissions.authenticity_due(
            received, facts["full_set_on"] or received, profile
        )
        under.append(second)
    return Answer(
        dates={"completeness_until": complete, "authenticity_until": authentic},
        decided_under=tuple(under),
    )


QUESTIONS = (
    Question(
        "booking-window",
        "По какой день можно записаться на тестирование",
        (Fact("received_on", DATE, "день получения направления; нет — не подтверждён"),),
        {"received_on": "2025-04-25"},
        _booking_window,
    ),
    Question(
        "may-book",
        "Можно ли записать этого участника на этот день",
        (
            Fact("booked_on", DATE, "день обращения для записи", required=True),
            Fact("test_on", DATE, "выбранный день тестирования", required=True),
            Fact("grade", GRADE, "класс поступления", required=True),
            Fact(
                "free_reserve_kits",
                whole(0, 100_000),
                "свободных резервных комплектов этого класса: нужны, если материалы не успевают",
                required=True,
            ),
            Fact("received_on", DATE, "день получения направления; нет — не подтверждён"),
            CATEGORY,
            Fact(
                "in_person",
                one_of(booking.InPerson),
                "кто пришёл лично",
                default=booking.InPerson.REPRESENTATIVE,
            ),
            Fact("of_age", FLAG, "участнику исполнилось 18 лет", default=False),
            Fact("in_schedule", FLAG, "день есть в утверждённом расписании", default=True),
            Fact("session_grades", many(GRADE), "классы этого дня (нет — класс участника)"),
            Fact("free_places", whole(0, 100_000), "свободных мест", default=1),
            Fact("next_days", many(DATE), "другие дни со свободными местами", default=()),
            Fact("results_official_on", DATE, "дата официального объявления результатов"),
            Fact("postponed", FLAG, "прежний день перенесён министерством", default=False),
            Fact("assigned_testing_org", FLAG, "это назначенная организация", default=True),
            Fact("failed_on", many(DATE), "дни прежних неуспешных тестирований", default=()),
            Fact(
                "same_application_failed", FLAG, "неуспех был по этому же заявлению", default=False
            ),
            Fact(
                "referral_state",
                one_of(admissions.ReferralState),
                "состояние направления",
                default=admissions.ReferralState.DELIVERED,
            ),
            Fact("already_booked_for", DATE, "день, на который уже есть запись"),
            Fact("no_shows", whole(0, 100), "сколько раз не явился", default=0),
            Fact("missed_on", DATE, "день последней неявки: по нему берутся правила"),
            Fact(
                "no_show_reason",
                one_of(admissions.NoShowReason),
                "какой МОУО признало причину неявки; нет — не подтверждена",
            ),
            Fact("special_needs", FLAG, "нужно место для участника с ОВЗ", default=False),
            Fact("accessible", FLAG, "такое место в пункте есть", default=True),
        ),
        {
            "received_on": "2026-03-10",
            "booked_on": "2026-03-16",
            "test_on": "2026-04-08",
            "grade": 2,
            "free_reserve_kits": 0,
        },
        _may_book,
    ),
    Question(
        "retest-from",
        "С какого дня возможно повторное тестирование",
        (
            Fact("failed_on", many(DATE), "дни неуспешных тестирований", required=True),
            CATEGORY,
            Fact("asked_on", DATE, "по правилам какого дня (нет — сегодня)"),
        ),
        {"failed_on": ["2025-11-30"], "asked_on": "2025-12-10"},
        _retest_from,
    ),
    Question(
        "completeness",
        "Полон ли комплект документов: все замечания сразу",
        (
            Fact("received_on", DATE, "день поступления заявления", required=True),
            Fact("grade", GRADE, "класс поступления", required=True),
            Fact("birth_date", DATE, "дата рождения ребёнка", required=True),
            CATEGORY,
            Fact("documents", many(DOCUMENT), "что представлено", default=()),
        ),
        {
            "received_on": "2026-03-02",
            "grade": 2,
            "birth_date": "2017-05-14",
            "documents": [
                {"kind": "kinship", "state": "accepted"},
                {"kind": "medical", "state": "untranslated"},
            ],
        },
        _completeness,
    ),
    Question(
        "form-of-test",
        "В какой форме проходит тестирование",
        (
            Fact("test_on", DATE, "день тестирования: по нему берутся правила", required=True),
            Fact("grade", GRADE, "класс поступления", required=True),
            CATEGORY,
        ),
        {"test_on": "2025-10-20", "grade": 7, "category": "COMPATRIOT"},
        _form_of_test,
    ),
    Question(
        "school-deadlines",
        "По какой день школа проверяет документы",
        (
            Fact("received_on", DATE, "день поступления заявления", required=True),
            Fact("full_set_on", DATE, "день, когда подтверждён полный комплект"),
        ),
        {"received_on": "2025-04-28", "full_set_on": "2025-05-07"},
        _school_deadlines,
    ),
)
