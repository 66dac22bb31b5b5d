"""What a test day adds to a case: its course (came, was tested, did not come) and what is next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from merilo.admissions.rules import NO_SHOW_REASON_NAMES, ApplicationState, NoShowReason
from merilo.booking.rules import BookingState
from merilo.law import Form
from merilo.registry.access import Role
from merilo.testday import queries, rules
from merilo.testday.rules import AfterInterruption, AttemptState
from merilo.web.case.course import Course
from merilo.web.case.now import Now
from merilo.web.case.timeline import TimelineStep
from merilo.web.templatetags.merilo import day

from .scope import CONDUCT, refused_words

INTERRUPTED = (AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)

READS_COMMENT = frozenset({Role.MOUO, Role.SCHOOL})  # it may tell of an illness


def steps(course: Course) -> list[TimelineStep]:
    """Steps of every attempt of the case that the viewer may see, and of the days not taken."""
    found, viewer, case = [], course.viewer, course.application.pk
    for attempt in queries.attempts_of_case(viewer, case) if course.came else ():
        url = reverse("attempt", args=[attempt.pk]) if viewer.role in CONDUCT else ""
        found.append(
            TimelineStep(
                _("Явился на тестирование"),
                note=_("%(place)s, код %(code)s") % {"place": attempt.place, "code": attempt.code},
                at=attempt.checked_in_at,
                url=url,
            )
        )
        found.append(_outcome(attempt, url))
    for booked in course.untaken:
        what = _("Не явился на тестирование")
        if booked.state == BookingState.NOT_ADMITTED:
            what = _("Не допущен к тестированию: %(why)s") % {"why": refused_words(booked)}
        found.append(
            TimelineStep(
                what,
                note=booked.session.testing_org.short_name,
                state="stopped",
                at=booked.ended_at,
            )
        )
    if not course.untaken:  # the reason of a no-show is told of a no-show
        return found
    for absence in queries.confirmed_absences(case):
        found.append(
            TimelineStep(
                _("Причина неявки: %(reason)s")
                % {"reason": _(NO_SHOW_REASON_NAMES[NoShowReason(absence.reason)])},
                note=absence.mouo.short_name if absence.mouo else "",
                at=absence.confirmed_at,
                items=(absence.comment,) if viewer.role in READS_COMMENT else (),
            )
        )
    return found


def now(course: Course) -> Now | None:
    """What follows a test broken off, and whose move it is; nothing is added to other cases."""
    application = course.application
    if application.state != ApplicationState.AWAITING_RESULT or not course.came:
        return None
    attempt = queries.last_attempt_of_case(application.pk)
    if attempt is None or attempt.state not in INTERRUPTED or not attempt.interrupted_then:
        return None
    broken_off = _("Тестирование %(when)s %(state)s") % {
        "when": day(attempt.held_on),
        "state": _(rules.ATTEMPT_WORDS[AttemptState(attempt.state)]),
    }
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        return Now(
            broken_off,
            _("Эксперты проверяют то, что сделано. Результат передаст тестирующая организация."),
            kind="",
        )
    if course.live_booking:
        return None
    button = url = ""
    if course.viewer.role == Role.MINISTRY:
        button = _("Назначить дополнительную дату")
        url = reverse("schedules-day", args=[attempt.day.session_id])
    return Now(
        broken_off,
        _(
            "Ждём дополнительной даты: её назначит министерство. Направление действует, от школы "
            "и родителя сейчас ничего не требуется."
        ),
        button,
        url,
        kind="now" if button else "",
    )


def _outcome(attempt: Any, url: str) -> TimelineStep:
    """How the attempt ended, or what is going on now."""
    state = AttemptState(attempt.state)
    words = _(rules.ATTEMPT_WORDS[state])
    if state == AttemptState.ANNULLED:
        return TimelineStep(
            _("Результат аннулирован председателем комиссии"),
            note=_(rules.PROHIBITIONS[attempt.annulled_reason].words)
            if attempt.annulled_reason in rules.PROHIBITIONS
            else "",
            state="stopped",
            at=attempt.annulled_at,
            url=url,
        )
    if attempt.interrupted_then == AfterInterruption.MARKED_AS_DONE:
        ended = filter(None, (attempt.oral_finished_at, attempt.written_finished_at))
        return TimelineStep(
            _("Тестирование: %(state)s")
            % {"state": _(rules.ATTEMPT_WORDS[AttemptState.INTERRUPTED_PERSONAL])},
            note=_("проверяется то, что сделано"),
            state="stopped",
            at=max(ended),
            url=url,
        )
    if state in rules.STOPPED:
        return TimelineStep(
            _("Тестирование: %(state)s") % {"state": words},
            state="stopped",
            at=attempt.state_since,
            url=url,
        )
    if set(rules.parts_of(Form(attempt.form))) <= queries.parts_taken(attempt):
        finished = max(filter(None, (attempt.oral_finished_at, attempt.written_finished_at)))
        return TimelineStep(_("Все части тестирования завершены"), at=finished, url=url)
    return TimelineStep(
        _("Тестирование: %(state)s") % {"state": words},
        state="here",
        at=attempt.state_since,
        url=url,
    )
