"""What the status page says at each step of a case, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merilo.admissions.rules import ApplicationState, ReferralState
from merilo.law import CalendarNotPublished
from merilo.registry import queries as registry
from merilo.results.queries import ParentStory
from merilo.testday.rules import TURNED_AWAY_WORDS, AfterInterruption, TurnedAway
from merilo.web import refusals
from merilo.web.parent.turns import after_no_show, book_again, other_place


@dataclass(frozen=True)
class Words:
    """What the parent reads first: where the case stands and what to do."""

    title: str
    text: str
    kind: str = "info"  # info, ok, soon, late


def now_words(story: ParentStory, today: date) -> Words:  # noqa: PLR0911 - one answer for each state
    state = ApplicationState(story.application.state)
    s = ApplicationState
    if state == s.COMPLETENESS_CHECK:
        return Words(
            _("Школа проверяет, все ли документы есть"),
            _(
                "Вам пока ничего делать не нужно. Если чего-то не хватает, школа перечислит всё сразу."
            ),
        )
    if state == s.RETURNED_INCOMPLETE:
        return Words(
            _("Документы вернули: не хватает некоторых"),
            _("Список всех замечаний — в письме школы. Исправьте и подайте документы ещё раз."),
            "late",
        )
    if state == s.AUTHENTICITY_CHECK:
        return Words(
            _("Школа проверяет документы"),
            _(
                "Все документы есть. Проверка занимает несколько недель. Вам ничего делать не нужно."
            ),
        )
    if state == s.REFERRED:
        return _referred(story, today)
    if state == s.AWAITING_RESULT:
        return _awaiting(story, today)
    if state == s.NO_SHOW:
        return Words(*after_no_show(story.application.pk), "late")
    if state == s.NOT_ADMITTED:
        return _not_admitted(story)
    if state in (s.PASSED, s.FAILED, s.ENROLLED, s.REFUSED_TEST_FAILED):
        return _after_test(story)
    return {
        s.NO_TEST_REQUIRED: Words(
            _("Тестирование не нужно"), _("Школа сообщит о решении о приёме."), "ok"
        ),
        s.REFUSED_UNRELIABLE: Words(
            _("Школа отказала: сведения не подтвердились"),
            _("Причина указана в письме школы. Можно подать новое заявление."),
            "late",
        ),
        s.REFUSED_NO_PLACES: Words(
            _("Школа отказала: нет свободных мест"),
            _("Узнайте о местах в других школах в управлении образования."),
            "late",
        ),
        s.CANCELLED_NOT_BOOKED: Words(
            _("Заявление аннулировано: на тестирование не записались в срок"),
            _("Можно подать новое заявление в школу."),
            "late",
        ),
        s.REAPPLIED: Words(
            _("Подано новое заявление"), _("Смотрите состояние по его номеру."), "info"
        ),
        s.WITHDRAWN: Words(_("Заявление отозвано"), _("Можно подать новое заявление в школу.")),
    }[state]


def _why_not_admitted(story: ParentStory) -> str:
    refused = story.not_admitted
    why = TURNED_AWAY_WORDS.get(refused.end_reason) if refused else None
    return _("Ребёнка не допустили к тестированию: %(why)s") % {
        "why": _(why or TURNED_AWAY_WORDS[TurnedAway.OTHER])
    }


def _not_admitted(story: ParentStory) -> Words:
    return Words(
        _why_not_admitted(story),
        _(
            "Это не считается неудачной попыткой, ждать три месяца не нужно. По этому заявлению "
            "записаться ещё раз нельзя: школа закончит дело и пришлёт письмо. Вы можете подать новое "
            "заявление."
        ),
        "late",
    )


def _broken_off(story: ParentStory, attempt: Any) -> Words:
    """What follows a test that was not taken to its end."""
    when = refusals.words(attempt.held_on)
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        return Words(
            _("Тестирование %(day)s прервано, проверяют то, что сделано") % {"day": when},
            _("Вам ничего делать не нужно. Школа сообщит результат."),
        )
    return Words(
        _("Тестирование %(day)s прервано: ждите новую дату") % {"day": when},
        _(
            "Направление действует, записываться заново не нужно: дополнительную дату назначит "
            "министерство, и мы сразу сообщим её. Это не считается неудачной попыткой."
        ),
        "soon",
    )


def _referred(story: ParentStory, today: date) -> Words:
    referral = story.referral
    if referral is not None and referral.replaces_id and referral.received_on is None:
        return Words(*other_place(referral.testing_org), "soon")
    if referral is None or referral.received_on is None:
        return Words(
            _("Школа выдала направление на тестирование"),
            _("Получите направление в школе. После этого надо лично записаться на тестирование."),
            "soon",
        )
    place = referral.testing_org
    if referral.state == ReferralState.UNUSED_NO_SHOW:
        title, text = book_again(place)
        if story.not_admitted is not None:
            text = f"{_why_not_admitted(story)}. {text}"
        return Words(title, text, "soon")
    if referral.book_until is None:
        return Words(
            _("Запишитесь на тестирование"),
            _("Придите лично: %(place)s, %(address)s. С собой: направление и документы.")
            % {"place": place.name, "address": place.address},
            "soon",
        )
    return Words(
        _("Запишитесь на тестирование до %(day)s") % {"day": refusals.words(referral.book_until)},
        _(
            "Придите лично: %(place)s, %(address)s, телефон %(phone)s. С собой: направление, ваш "
            "документ и документ ребёнка. По телефону и почте не записывают."
        )
        % {"place": place.name, "address": place.address, "phone": place.phone or "—"},
        "soon" if referral.book_until >= today else "late",
    )


def _awaiting(story: ParentStory, today: date) -> Words:
    booking = story.booking
    if booking and booking.state == "confirmed" and booking.session.held_on >= today:
        session = booking.session
        return Words(
            _("Тестирование %(day)s в %(time)s")
            % {"day": refusals.words(session.held_on), "time": f"{session.starts_at:%H:%M}"},
            _(
                "Приходите вместе с ребёнком: %(place)s, %(address)s. Возьмите ваш документ и "
                "документ ребёнка."
            )
            % {"place": session.place.name, "address": session.place.address},
            "soon",
        )
    if story.interrupted and (booking is None or booking.pk == story.interrupted.booking_id):
        return _broken_off(story, story.interrupted)
    until = _result_by(booking)
    if until:
        text = _(
            "Школа сообщит результат. Тестирующая организация передаёт его в школу до %(day)s."
        )
        return Words(_("Ждём результат"), text % {"day": refusals.words(until)})
    return Words(_("Ждём результат"), _("Школа сообщит результат."))


def _result_by(booking: Any) -> date | None:
    if booking is None:
        return None
    profile = registry.active_profile()
    try:
        term = profile.value("results.to_school_wd", on=booking.session.held_on)
        return profile.days.after(booking.session.held_on, term.value)
    except (CalendarNotPublished, LookupError):
        return None


def _after_test(story: ParentStory) -> Words:
    result = story.result
    state = ApplicationState(story.application.state)
    if state == ApplicationState.ENROLLED:
        return Words(_("Ребёнок принят в школу"), _("Школа сообщит, когда приходить."), "ok")
    if result is None:
        return Words(
            _("Результат пришёл в школу"),
            _("Школа скоро сообщит его вам по адресу из заявления."),
            "info",
        )
    if result.annulled:
        return Words(
            _("Результат аннулирован"),
            _("Причина указана в уведомлении. Повторно пройти тестирование можно позже."),
            "late",
        )
    if result.passed:
        return Words(
            _("Тестирование пройдено"),
            _("Набрано %(total)s из %(most)s. Школа сообщит решение о приёме.")
            % {"total": result.total, "most": result.spec["thresholds"]["total_max"]["value"]},
            "ok",
        )
    return Words(
        _("Тестирование не пройдено"),
        _(
            "Набрано %(total)s из %(most)s, нужно не меньше %(least)s. Школа предложит занятия "
            "русским языком. Пройти тестирование ещё раз можно по новому заявлению."
        )
        % {
            "total": result.total,
            "most": result.spec["thresholds"]["total_max"]["value"],
            "least": result.spec["thresholds"]["total_min"]["value"],
        },
        "late",
    )


ROAD: tuple[tuple[str, frozenset[ApplicationState]], ...] = (
    (
        gettext_lazy("Документы"),
        frozenset(
            {
                ApplicationState.COMPLETENESS_CHECK,
                ApplicationState.RETURNED_INCOMPLETE,
                ApplicationState.AUTHENTICITY_CHECK,
                ApplicationState.REFUSED_UNRELIABLE,
            }
        ),
    ),
    (
        gettext_lazy("Направление и запись"),
        frozenset({ApplicationState.REFERRED, ApplicationState.CANCELLED_NOT_BOOKED}),
    ),
    (
        gettext_lazy("Тестирование"),
        frozenset(
            {
                ApplicationState.AWAITING_RESULT,
                ApplicationState.NO_SHOW,
                ApplicationState.NOT_ADMITTED,
            }
        ),
    ),
    (
        gettext_lazy("Результат"),
        frozenset({ApplicationState.PASSED, ApplicationState.FAILED}),
    ),
    (
        gettext_lazy("Решение школы"),
        frozenset(
            {
                ApplicationState.NO_TEST_REQUIRED,
                ApplicationState.REFUSED_NO_PLACES,
                ApplicationState.ENROLLED,
                ApplicationState.REFUSED_TEST_FAILED,
                ApplicationState.REAPPLIED,
                ApplicationState.WITHDRAWN,
            }
        ),
    ),
)


STOPPED = frozenset(
    {
        ApplicationState.REFUSED_UNRELIABLE,
        ApplicationState.CANCELLED_NOT_BOOKED,
        ApplicationState.REFUSED_NO_PLACES,
        ApplicationState.REAPPLIED,
        ApplicationState.WITHDRAWN,
    }
)


def steps_of(story: ParentStory) -> list[dict[str, str]]:
    """The road in five words: done, here, next. A step never taken is not said to be done."""
    state = ApplicationState(story.application.state)
    here = next(index for index, (_title, states) in enumerate(ROAD) if state in states)
    tested = story.application.tested_on is not None
    taken = (True, story.referral is not None, tested, tested, True)
    final = state in (ApplicationState.ENROLLED, ApplicationState.REFUSED_TEST_FAILED)
    steps = []
    for index, (title, _states) in enumerate(ROAD):
        if (index < here and not taken[index]) or (index > here and state in STOPPED):
            continue
        word = "done" if index < here or final else "here" if index == here else "next"
        if index == here and state in STOPPED:
            word = "stopped"
        steps.append({"title": str(title), "state": word})
    return steps
