"""By when a result is told to whom; letter 03-608, item 20; order 23a-566."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merilo.law import (
    Answer,
    Profile,
    Reason,
    Refusal,
    Value,
)
from merilo.law.refusal import _

WINDOW_BEFORE_NOTICE = Reason(
    "results.window-before-notice",
    _(
        "Апелляцию принимают по %(appeal_until)s, а родителю по срокам могут сообщить результат "
        "только %(parent_latest)s. Назначьте дату официального объявления позже или сообщите "
        "результат сразу."
    ),
    warning=True,
)
LATE = {
    "to_school": Reason(
        "results.late-to-school",
        _("Выписка в школу: срок был %(due)s, опоздание %(days)s раб. дн. Отвечает ТО."),
        warning=True,
    ),
    "to_mouo": Reason(
        "results.late-to-mouo",
        _("Сведения в МОУО: срок был %(due)s, опоздание %(days)s раб. дн. Отвечает ТО."),
        warning=True,
    ),
    "mouo_to_rcoi": Reason(
        "results.late-to-rcoi",
        _("Сведения в РЦОИ: срок был %(due)s, опоздание %(days)s раб. дн. Отвечает МОУО."),
        warning=True,
    ),
    "parent": Reason(
        "results.late-to-parent",
        _("Уведомление родителя: срок был %(due)s, опоздание %(days)s раб. дн. Отвечает школа."),
        warning=True,
    ),
}
OFFICIAL_TOO_SOON = Reason(
    "results.official-too-soon",
    _(
        "Между тестированием %(test_on)s и официальным объявлением %(official_on)s "
        "%(gap)s раб. дн., нужно не менее %(least)s: окно апелляции может истечь до "
        "уведомления. Назначьте объявление не раньше %(earliest)s."
    ),
    warning=True,
)
OFFICIAL_BEFORE_TEST = Reason(
    "results.official-before-test",
    _("Официальное объявление %(official_on)s раньше тестирования %(test_on)s. Исправьте дату."),
)


@dataclass(frozen=True)
class Told:
    """The days on which the result was passed on; None where it has not been yet."""

    to_school: date | None = None
    to_mouo: date | None = None
    mouo_to_rcoi: date | None = None
    parent: date | None = None


def appeal_closes_on(
    *, official_on: date | None, received_on: date | None, profile: Profile
) -> date | None:
    """The last day of the window for points; None where the day it runs from is not known.

    The law of the day the window runs from applies; None also where the acts set no window.
    """
    day = official_on or received_on
    if day is None:
        return None
    start = profile.value_if_any("appeals.points_window_start", on=day)
    window = profile.value_if_any("appeals.points_window_wd", on=day)
    if start is None or window is None:
        return None
    begins = official_on if start.value == "official_date" else received_on
    return begins and profile.days.after(begins, window.value)


def result_deadlines(
    *,
    test_on: date,
    school_received_on: date | None = None,
    mouo_received_on: date | None = None,
    official_on: date | None = None,
    profile: Profile,
) -> Answer:
    """By when the result reaches the school, the МОУО, the РЦОИ and the parent (D-15 to D-18).

    `parent_latest` is the day the parent is told if everybody uses the whole term. A date is
    None where its starting day is not known or the acts set no term.
    """
    names = ("to_school_wd", "to_mouo_wd", "mouo_to_rcoi_wd", "parent_wd")
    terms = {name: profile.value_if_any(f"results.{name}", on=test_on) for name in names}

    def due(start: date | None, term: Value | None) -> date | None:
        return profile.days.after(start, term.value) if start and term else None

    to_school = due(test_on, terms["to_school_wd"])
    parent_latest = due(school_received_on or to_school, terms["parent_wd"])
    appeal_until = appeal_closes_on(official_on=official_on, received_on=None, profile=profile)
    reasons: tuple[Refusal, ...] = ()
    if appeal_until and parent_latest and appeal_until < parent_latest:
        reasons = (
            WINDOW_BEFORE_NOTICE(
                terms["parent_wd"], appeal_until=appeal_until, parent_latest=parent_latest
            ),
        )
    return Answer(
        reasons=reasons,
        dates={
            "to_school": to_school,
            "to_mouo": due(test_on, terms["to_mouo_wd"]),
            "mouo_to_rcoi": due(mouo_received_on, terms["mouo_to_rcoi_wd"]),
            "parent": due(school_received_on, terms["parent_wd"]),
            "parent_latest": parent_latest,
            "appeal_until": appeal_until,
        },
        decided_under=tuple(term for term in terms.values() if term),
    )


def overdue(due_on: date | None, done_on: date | None, *, today: date, profile: Profile) -> int:
    """Working days past the due day: of the act if it was done, of today if not; 0 in time."""
    if due_on is None:
        return 0
    reached = min(done_on or today, today)
    return max(0, profile.days.between(due_on, reached)) or int(reached > due_on)


def overdue_marks(
    deadlines: Answer, told: Told, *, today: date, profile: Profile
) -> tuple[Refusal, ...]:
    """A warning for each term of `result_deadlines` that was or is being missed."""
    marks = []
    for name, reason in LATE.items():
        due_on = deadlines.dates[name]
        if days := overdue(due_on, getattr(told, name), today=today, profile=profile):
            source = next(v for v in deadlines.decided_under if v.name == f"results.{name}_wd")
            marks.append(reason(source, due=due_on, days=days))
    return tuple(marks)


def schedule_warnings(*, test_on: date, official_on: date, profile: Profile) -> Iterator[Refusal]:
    """What is wrong with the day of the official announcement of a day in the schedule."""
    if official_on < test_on:
        yield OFFICIAL_BEFORE_TEST(test_on=test_on, official_on=official_on)
        return
    gap = profile.value_if_any("results.min_official_gap_wd", on=test_on)
    between = profile.days.between(test_on, official_on)
    if gap and between < gap.value:
        yield OFFICIAL_TOO_SOON(
            gap,
            test_on=test_on,
            official_on=official_on,
            gap=between,
            least=gap.value,
            earliest=profile.days.after(test_on, gap.value),
        )
