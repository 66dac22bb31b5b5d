"""The course of a case from top to bottom: what was done, where it stands, what is still ahead.

Later contexts add their steps: write a function (course) -> list[TimelineStep] and name it in
PROVIDERS. Steps with a moment are sorted in among the done ones; a step with the state
"here" takes the place of the plain one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from merilo.admissions import queries, rules
from merilo.admissions.rules import ApplicationState as S
from merilo.admissions.rules import DecisionKind
from merilo.casework import queries as casework
from merilo.law import CalendarNotPublished
from merilo.registry import queries as registry
from merilo.registry.access import Role, Viewer
from merilo.web.case.course import Course
from merilo.web.templatetags.merilo import day_month, moment, workdays

PROVIDERS: list[str] = [
    "merilo.web.booking.timeline.steps",
    "merilo.web.testday.timeline.steps",
    "merilo.web.results.timeline.steps",
]


LAST = datetime.max.replace(tzinfo=UTC)  # a done step without a moment stands after the others


@dataclass(frozen=True)
class TimelineStep:
    """One step: «done», «here», «next» or «stopped»; `at` puts done steps in order."""

    title: str
    note: str = ""
    state: str = "done"
    at: datetime | None = None
    url: str = ""
    items: tuple[str, ...] = ()


STOPPED = frozenset(
    {
        DecisionKind.RETURNED_INCOMPLETE,
        DecisionKind.REFUSED_UNRELIABLE,
        DecisionKind.REFUSED_NO_PLACES,
        DecisionKind.ANNULLED_NOT_BOOKED,
        DecisionKind.REFUSED_TEST_FAILED,
        DecisionKind.WITHDRAWN,
    }
)


def steps_of(course: Course, *, due: date | None, today: date) -> list[TimelineStep]:
    """All steps of the case, in the order in which people read them."""
    viewer, application, referral = course.viewer, course.application, course.referral
    steps = [*_done(viewer, application, referral), *_provided(course)]
    done = [s for s in steps if s.state in ("done", "stopped")]
    done.sort(key=lambda step: step.at or LAST)
    here = [s for s in steps if s.state == "here"] or _here(application, referral, due, today)
    ahead = [s for s in steps if s.state == "next"] or _ahead(application, today)
    return [*done, *here, *ahead]


def _done(viewer: Viewer, application: Any, referral: Any) -> list[TimelineStep]:
    channel = _(rules.CHANNEL_NAMES[rules.Channel(application.channel)])
    steps = [
        TimelineStep(
            _("Заявление получено"),
            f"{moment(application.received_at)} · {channel}",
            at=application.received_at,
        )
    ]
    for decision in queries.decisions_of(application):
        kind = DecisionKind(decision.kind)
        note = moment(decision.made_at)
        if decision.note:
            note = f"{note} · {decision.note}"
        steps.append(
            TimelineStep(
                _(rules.DECISION_NAMES[kind]),
                note,
                "stopped" if kind in STOPPED else "done",
                decision.made_at,
                url=letter_of(viewer, decision),
                items=tuple(_(reason["sentence"]) for reason in decision.reasons),
            )
        )
    steps += [
        TimelineStep(
            _("%(what)s → %(who)s")
            % {
                "what": _(rules.DISPATCH_TITLES[dispatch.kind]),
                "who": dispatch.recipient.short_name,
            },
            moment(dispatch.sent_at),
            at=dispatch.sent_at,
        )
        for dispatch in casework.dispatches_of_case(application.pk)
        if dispatch.kind in rules.DISPATCH_TITLES and dispatch.sent_at
    ]
    if referral and referral.received_on:
        steps.append(
            TimelineStep(
                _("Направление вручено"),
                _("%(day)s · записаться до %(until)s")
                % {
                    "day": day_month(referral.received_on),
                    "until": day_month(referral.book_until),
                },
                at=referral.state_since
                if referral.state == rules.ReferralState.DELIVERED
                else referral.issued_at,
            )
        )
    return steps


def letter_of(viewer: Viewer, decision: Any) -> str:
    """The printed letter of a return or refusal, for the school that sends it."""
    if viewer.role != Role.SCHOOL or decision.kind not in rules.LETTER_DECISIONS:
        return ""
    return reverse("application-letter", args=[decision.application_id, decision.pk])


def _provided(course: Course) -> list[TimelineStep]:
    return [step for name in PROVIDERS for step in provided_by(name)(course)]


@cache
def provided_by(name: str) -> Callable[..., Any]:
    """The function of that name. By name, since those modules take `TimelineStep` from here."""
    found: Callable[..., Any] = import_string(name)
    return found


def _here(application: Any, referral: Any, due: date | None, today: date) -> list[TimelineStep]:
    state = S(application.state)
    if state in rules.END_STATES:
        return []
    note = _("до %(day)s") % {"day": day_month(due, today)} if due else ""
    words = rules.STATE_NAMES[state]
    if state == S.REFERRED and referral is not None:
        words = rules.REFERRAL_NAMES[rules.ReferralState(referral.state)]
        if referral.state == rules.ReferralState.UNUSED_NO_SHOW:
            words = AGAIN
    return [TimelineStep(capital(_(words)), note, "here")]


AGAIN = gettext_noop("ждём повторной записи")

# What lies ahead of each state on the straight road.
ROAD = ("authenticity", "referral", "test", "decision")
BEHIND: dict[S, int] = {
    S.COMPLETENESS_CHECK: 0,
    S.RETURNED_INCOMPLETE: 0,
    S.AUTHENTICITY_CHECK: 1,
    S.REFERRED: 2,
    S.AWAITING_RESULT: 3,
    S.NO_SHOW: 2,
    S.NOT_ADMITTED: 2,
}


def _ahead(application: Any, today: date) -> list[TimelineStep]:
    state = S(application.state)
    if state not in BEHIND:
        return []
    profile = registry.active_profile()
    value = profile.value
    free = rules.exemption(rules.Category(application.category), on=today, profile=profile)
    steps = {
        "authenticity": TimelineStep(
            _("Проверка достоверности"),
            _("%(days)s с полного комплекта")
            % {"days": workdays(value("admissions.authenticity_wd", on=today).value)},
            "next",
        ),
        "referral": TimelineStep(
            _("Направление и запись на тестирование"),
            _("запись — %(days)s с получения направления")
            % {"days": workdays(value("booking.window_wd", on=today).value)},
            "next",
        ),
        "test": TimelineStep(
            _("Тестирование и результат"),
            _("результат — %(days)s после теста")
            % {"days": workdays(value("results.to_school_wd", on=today).value)},
            "next",
        ),
        "decision": TimelineStep(_("Решение о приёме"), "", "next"),
    }
    road = [step for step in ROAD[BEHIND[state] :] if not (free and step in ("referral", "test"))]
    return [steps[step] for step in road]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def best_case(application: Any, referral: Any, *, today: date) -> Any:
    """The earliest dates from here, or nothing where the calendar of that year is not out yet."""
    try:
        return rules.best_case(
            application.facts(documents=()),
            today=today,
            earliest_test_on=referral.earliest_test_on if referral else None,
            profile=registry.active_profile(),
        )
    except CalendarNotPublished as missing:
        return {"unknown": str(missing)}
