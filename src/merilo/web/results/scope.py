"""What the pages of results share: the result of the address, its words, its terms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from merilo.foundation import clock
from merilo.law import CalendarNotPublished
from merilo.registry import queries as registry
from merilo.registry.access import Role
from merilo.results import queries, rules
from merilo.results.queries import day_of
from merilo.results.rules import ResultState

READERS = frozenset(
    {Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR}
)
DRAW = frozenset({Role.TESTING_ORG, Role.COMMISSION})
PASSED, FAILED, ANNULLED = "passed", "failed", "annulled"
OUTCOMES = {
    PASSED: (N_("пройдено"), "ok"),
    FAILED: (N_("не пройдено"), "late"),
    ANNULLED: (N_("аннулировано"), "late"),
}
STATE_KINDS = {
    ResultState.CALCULATED: "soon",
    ResultState.CONSOLIDATED: "soon",
    ResultState.RELEASED: "info",
    ResultState.INFORMED: "ok",
    ResultState.FINAL: "ok",
}
HOW = {
    "email": N_("по электронной почте"),
    "post": N_("письмом"),
    "portal": N_("в личном кабинете портала"),
    "hand": N_("вручено лично"),
}


def outcome_of(result: Any) -> tuple[str, str]:
    """The outcome in a word and its colour."""
    key = ANNULLED if result.annulled else PASSED if result.passed else FAILED
    words, kind = OUTCOMES[key]
    return _(words), kind


def result_or_404(request: HttpRequest, result_id: int) -> Any:
    """The result in the viewer's scope; to a stranger there is none."""
    try:
        return queries.result_with_person(request.viewer, result_id)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing


def today_of(request: HttpRequest) -> date:
    return clock.today(request.viewer.timezone)


def late_marks(result: Any, dispatches: dict[str, Any], *, today: date) -> tuple[Any, ...]:
    """A warning for each term of this result that was or is being missed."""
    profile = registry.active_profile()
    to_school, to_mouo = dispatches.get("result_to_school"), dispatches.get("result_to_mouo")
    to_rcoi = dispatches.get("result_to_rcoi")
    try:
        deadlines = rules.result_deadlines(
            test_on=result.held_on,
            school_received_on=day_of(result.received_at),
            mouo_received_on=day_of(to_mouo and to_mouo.sent_at),
            official_on=result.official_on,
            profile=profile,
        )
        return rules.overdue_marks(
            deadlines,
            rules.Told(
                to_school=day_of(to_school and to_school.sent_at),
                to_mouo=day_of(to_mouo and to_mouo.sent_at),
                mouo_to_rcoi=day_of(to_rcoi and to_rcoi.sent_at),
                parent=day_of(result.informed_at),
            ),
            today=today,
            profile=profile,
        )
    except CalendarNotPublished:
        return ()
