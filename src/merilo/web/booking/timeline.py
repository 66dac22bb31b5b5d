"""What booking adds to the page of a case: its steps, and what is to be done now."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from merilo.admissions import queries as admissions
from merilo.admissions.rules import (
    STATE_NAMES,
    UNTESTED_STATES,
    ApplicationState,
    ReferralState,
)
from merilo.booking.access import ROLES
from merilo.booking.rules import BookingState, reasons_after_no_show
from merilo.registry import queries as registry
from merilo.registry.access import Role, may
from merilo.web.case.course import Course
from merilo.web.case.now import Now
from merilo.web.case.timeline import TimelineStep, capital
from merilo.web.templatetags.merilo import clock as hour
from merilo.web.templatetags.merilo import day, moment

ENDED = {
    BookingState.RESCHEDULED: lazy("Тестирование не состоялось: нужна дополнительная дата"),
    BookingState.CHANGED_BY_PARENT: lazy("Запись перенесена по просьбе родителя"),
    BookingState.CANCELLED: lazy("Запись отменена"),
}


def steps(course: Course) -> list[TimelineStep]:
    """Each booking of the case, and how it ended."""
    shown: list[TimelineStep] = []
    opens = may(course.viewer, ROLES, "booking.read")
    for one in course.bookings:
        session = one.session
        url = reverse("booking-made", args=[one.pk]) if opens else ""
        shown.append(
            TimelineStep(
                _("Запись на тестирование: %(when)s") % {"when": day(session.held_on)},
                _("%(at)s · %(place)s")
                % {"at": moment(one.booked_at), "place": session.place.name},
                at=one.booked_at,
                url=url,
                items=tuple(_(warning["sentence"]) for warning in one.warnings),
            )
        )
        state = BookingState(one.state)
        if state in ENDED and one.ended_at:
            note = moment(one.ended_at)
            if one.end_reason:
                note = f"{note} · {one.end_reason}"
            shown.append(TimelineStep(str(ENDED[state]), note, "stopped", one.ended_at))
        elif state == BookingState.CONFIRMED:
            shown.append(
                TimelineStep(
                    _("Тестирование %(when)s, %(hour)s")
                    % {"when": day(session.held_on), "hour": hour(session.starts_at)},
                    f"{session.place.name}, {session.place.address}",
                    "here",
                )
            )
    return shown


def now(course: Course) -> Now | None:
    """For the testing organisation: book, or open the booking; for others nothing is added."""
    application, referral = course.application, course.referral
    if referral is None or course.viewer.role != Role.TESTING_ORG:
        return None
    live = course.live_booking
    if live is not None:
        return Now(
            _("Ждём на тестирование %(when)s") % {"when": day(live.session.held_on)},
            f"{live.session.place.name}, {live.session.place.address}",
            _("Открыть запись"),
            reverse("booking-made", args=[live.pk]),
            kind="",
        )
    if application.state in UNTESTED_STATES:
        missed = admissions.no_show_facts(application.pk)
        return Now(
            capital(_(STATE_NAMES[ApplicationState(application.state)])),
            _("Пока записать его снова нельзя."),
            why=_("Почему нельзя записать снова"),
            reasons=tuple(reasons_after_no_show(missed, registry.active_profile())),
            kind="",
        )
    if referral.state in (
        ReferralState.DELIVERED,
        ReferralState.BOOKED,
        ReferralState.UNUSED_NO_SHOW,
    ):
        return Now(
            _("Записать на тестирование"),
            _("Родитель приходит лично с направлением и документом.")
            if referral.state != ReferralState.BOOKED
            else _(
                "Тестирование в назначенный день не состоялось. Министерство назначит дополнительную "
                "дату; можно записать и на обычный день."
            ),
            _("Выбрать день"),
            reverse("booking-referral", args=[referral.pk]),
        )
    return None
