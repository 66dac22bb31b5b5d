"""Results as each organisation may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Concat

from merilo.casework.models import Dispatch
from merilo.grading.models import MarkProtocol
from merilo.law import ScoringSpec, specification_from_data
from merilo.registry.access import Role, Viewer
from merilo.registry.models import Person
from merilo.results import rules
from merilo.results.models import ColumnMap, Result
from merilo.results.rules import ResultState
from merilo.testday.models import Attempt, DayAssignment, SessionDay
from merilo.testday.queries import days_visible_to
from merilo.testday.rules import (
    AfterInterruption,
    AttemptState,
    DayRole,
    SessionDayState,
    normalise_code,
)

# Once it left the testing organisation: what schools and those above may see.
SENT = frozenset(ResultState) - {ResultState.CALCULATED, ResultState.CONSOLIDATED}

# Broken off to be taken on another day: no result of this one. Kept for days before the field.
NO_RESULT = Q(state__in=(AttemptState.INTERRUPTED_TECH, AttemptState.INTERRUPTED_PERSONAL)) & ~Q(
    interrupted_then=AfterInterruption.MARKED_AS_DONE
)


def scope(viewer: Viewer) -> Q:
    """The results a viewer may see. One function for pages, exports, search and the API."""
    match viewer.role:
        case Role.SCHOOL:
            return Q(application__school_id=viewer.organisation_id, state__in=SENT)
        case Role.TESTING_ORG:
            return Q(testing_org_id=viewer.organisation_id)
        case Role.COMMISSION:  # the chair; an expert who may mark again stays blind
            chaired = DayAssignment.objects.filter(
                position_id=viewer.position_id, role=DayRole.CHAIR
            )
            return Q(attempt__day_id__in=chaired.values("day_id"))
        case Role.MOUO:
            return Q(
                application__school__path__startswith=viewer.organisation_path, state__in=SENT
            )
        case Role.RCOI | Role.MINISTRY | Role.AUDITOR:
            return Q(state__in=SENT)
        case Role.SYSTEM:
            return Q()
        case _:
            return Q(pk__in=[])


def results_visible_to(viewer: Viewer) -> QuerySet[Result]:
    """Results in scope with what a list shows, the newest first."""
    return (
        Result.objects.filter(scope(viewer))
        .select_related(
            "attempt__day__session__testing_org",
            "attempt__day__session__place",
            "attempt__variant_oral",
            "attempt__variant_written",
            "application__school",
        )
        .order_by("-held_on", "-pk")
    )


def result_with_person(viewer: Viewer, result_id: int) -> Result:
    """One result with the child it belongs to. Raises `Result.DoesNotExist`."""
    return (
        results_visible_to(viewer)
        .select_related("attempt__person", "application__child", "application__representative")
        .get(pk=result_id)
    )


def _days(viewer: Viewer) -> QuerySet[SessionDay]:
    """Days whose results a viewer may draw: of the organisation, or those he chairs."""
    days = days_visible_to(viewer)
    if viewer.role == Role.COMMISSION:
        days = days.filter(
            assignments__position_id=viewer.position_id, assignments__role=DayRole.CHAIR
        ).distinct()
    return days


def day_of_results(viewer: Viewer, day_id: int) -> SessionDay:
    """A day whose results the viewer may draw. Raises `SessionDay.DoesNotExist`."""
    return _days(viewer).get(pk=day_id)


def day_of_attempt(viewer: Viewer, attempt_id: int) -> SessionDay:
    return _days(viewer).get(attempts__pk=attempt_id)


def to_release(viewer: Viewer, day_id: int) -> QuerySet[Result]:
    """Consolidated results of a day with the children they belong to, for the second pair of eyes."""
    return (
        results_visible_to(viewer)
        .filter(attempt__day_id=day_id, state=ResultState.CONSOLIDATED)
        .select_related("attempt__person", "consolidated_by__person")
        .order_by("attempt__person__search_key", "pk")
    )


def namesakes(results: Iterable[Result]) -> dict[int, list[Attempt]]:
    """By result: the other children of that surname at that organisation on that day."""
    rows = list(results)
    days = {result.attempt.day_id for result in rows}
    by_name: dict[tuple[int, str], list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(day_id__in=days).select_related("person"):
        by_name[attempt.day_id, surname(attempt.person)].append(attempt)
    return {
        result.pk: [
            one
            for one in by_name[result.attempt.day_id, surname(result.attempt.person)]
            if one.pk != result.attempt_id
        ]
        for result in rows
    }


def surname(person: Person) -> str:
    return person.search_key.split(" ")[0]


def dispatches_of(results: Iterable[Result]) -> dict[int, dict[str, Dispatch]]:
    """What was handed over about each result, by kind."""
    found: dict[int, dict[str, Dispatch]] = defaultdict(dict)
    names = {f"result:{result.pk}": result.pk for result in results}
    for row in Dispatch.objects.filter(about__in=list(names)).select_related(
        "sender", "recipient"
    ):
        found[names[row.about]][row.kind] = row
    return found


def not_forwarded(viewer: Viewer) -> QuerySet[Result]:
    """Results the МОУО has received and not passed on to РЦОИ yet."""
    about = Concat(Constant("result:"), Cast(OuterRef("pk"), CharField()))
    received = Dispatch.objects.filter(
        kind="result_to_mouo",
        about=about,
        recipient_id=viewer.organisation_id,
        sent_at__isnull=False,
    )
    passed_on = Dispatch.objects.filter(kind="result_to_rcoi", about=about)
    return results_visible_to(viewer).filter(Exists(received), ~Exists(passed_on))


def visible_results_of_case(viewer: Viewer, application_id: int) -> QuerySet[Result]:
    """The results of one case in the viewer's scope, oldest first."""
    return Result.objects.filter(scope(viewer), application_id=application_id).order_by(
        "held_on", "pk"
    )


LISTED = (
    "held_on", "grade", "total", "annulled", "passed", "state", "school_due", "released_at",
    "parent_due", "informed_at", "informed_how",
)  # fmt: skip


def as_listed(found: QuerySet[Result]) -> QuerySet[Result]:
    """The same results with only what a row of the list shows; `most` are the points of its
    specification, taken out of it by the database.
    """
    return (
        found.select_related(None)
        .select_related("attempt", "application__school")
        .annotate(most=F("spec__thresholds__total_max__value"))
        .only(
            *LISTED,
            "attempt__code",
            "application__number",
            "application__school__short_name",
        )
    )


def numbered(found: QuerySet[Result], number: str) -> QuerySet[Result]:
    """By the number of the application from its beginning, or by the whole unique code."""
    return found.filter(
        Q(application__number__startswith=number) | Q(attempt__code=normalise_code(number))
    )


def with_everything(found: QuerySet[Result]) -> QuerySet[Result]:
    """With all that the collecting form may print, children included."""
    return found.select_related(
        "attempt__person",
        "attempt__day__session__testing_org__territory__parent",
        "application__school__territory__parent",
    )


def spec_of(result: Result) -> ScoringSpec:
    """The specification as it was applied, whatever was loaded since."""
    return specification_from_data(result.spec, f"result {result.pk}")


def score_of(result: Result) -> rules.Score:
    """The score once more from the kept points, with the reasons why it is not passed."""
    spec = spec_of(result)
    return rules.score(
        spec,
        result.points,
        written_total=result.written_sum if spec.written_by_total else None,
        annulled=result.annulled,
    )


def protocols_of(result: Result) -> list[MarkProtocol]:
    """Every version of the protocols of its attempt."""
    return list(
        MarkProtocol.objects.filter(attempt_id=result.attempt_id)
        .select_related("expert__account__person")
        .order_by("part", "version")
    )


def attempts_to_consolidate(viewer: Viewer, day_id: int) -> QuerySet[Attempt]:
    """All attempts of a day in the viewer's scope, with results where there are any."""
    day = day_of_results(viewer, day_id)
    return (
        Attempt.objects.filter(day=day)
        .select_related("result", "day__session", "application")
        .order_by("grade", "code")
    )


def waiting_to_consolidate(viewer: Viewer, day_id: int) -> list[tuple[int, str]]:
    """Attempts of a day that have no result yet, or one taken back: (id, code)."""
    return list(
        attempts_to_consolidate(viewer, day_id)
        .filter(Q(result=None) | Q(result__state=ResultState.CALCULATED))
        .exclude(NO_RESULT)
        .values_list("pk", "code")
    )


def days_to_consolidate(viewer: Viewer) -> QuerySet[SessionDay]:
    """Finished days whose results are not all sent yet."""
    return (
        _days(viewer)
        .filter(
            state__in=[
                SessionDayState.FINISHED,
                SessionDayState.MARKING,
                SessionDayState.CONSOLIDATED,
            ]
        )
        .select_related("session__place", "session__testing_org")
        .annotate(
            people=Count("attempts", distinct=True),
            drawn=Count(
                "attempts__result",
                filter=~Q(attempts__result__state=ResultState.CALCULATED),
                distinct=True,
            ),
            unsent=Count(
                "attempts__result",
                filter=Q(attempts__result__state=ResultState.CONSOLIDATED),
                distinct=True,
            ),
        )
        .order_by("session__held_on", "pk")
    )


def is_whole(day: SessionDay) -> bool:
    """Whether every attempt of the day has its result."""
    open_ones = Q(result=None) | Q(result__state=ResultState.CALCULATED)
    return not Attempt.objects.filter(open_ones, day=day).exclude(NO_RESULT).exists()


def same_surname(result: Result) -> int:
    """How many other children of that surname were tested on that day at that organisation."""
    person = result.attempt.person
    return (
        Attempt.objects.filter(
            day__session__testing_org_id=result.attempt.day.session.testing_org_id,
            held_on=result.held_on,
            person__search_key__startswith=person.search_key.split(" ")[0] + " ",
        )
        .exclude(pk=result.attempt_id)
        .count()
    )


def results_of_case(application_id: int) -> QuerySet[Result]:
    return Result.objects.filter(application_id=application_id).order_by("held_on")


def column_map() -> ColumnMap | None:
    return ColumnMap.objects.order_by("-changed_at").first()
