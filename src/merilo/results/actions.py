"""Consolidate, correct before release, send, tell the parent, pass on to РЦОИ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from merilo import law
from merilo.admissions import queries as admissions_queries
from merilo.admissions import steps as admissions
from merilo.admissions.rules import ApplicationState
from merilo.casework.rules import Channel
from merilo.casework.steps import hand_over, queue_notice
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record
from merilo.grading import queries as grading_queries
from merilo.grading import steps as grading
from merilo.grading.models import MarkProtocol
from merilo.grading.rules import (
    NewVersion,
    ProtocolState,
    VersionReason,
    reasons_against_new_version,
)
from merilo.law import Form, Part, Reason, Refusal, decided_under, specification_as_data
from merilo.law.refusal import _
from merilo.registry.access import Role, Viewer, permit
from merilo.registry.queries import active_profile, region_organisation
from merilo.registry.rules import Function
from merilo.registry.steps import next_number
from merilo.testday import queries as testday_queries
from merilo.testday import steps as testday
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.rules import DAY_TRANSITIONS, AttemptState, SessionDayState

from . import access, queries, rules, steps
from .models import ColumnMap, Result
from .rules import Consolidation, Release, ResultState

NO_COLUMNS = Reason("results.no-columns", _("В форме не осталось ни одного столбца."))
NO_MOUO = Reason(
    "results.no-mouo",
    _("У школы не указан МОУО, передать сведения некому. Исправьте реестр организаций."),
)
NO_RCOI = Reason(
    "results.no-rcoi", _("В реестре нет РЦОИ. Добавьте его, чтобы передать сведения.")
)
NO_ADDRESS = Reason(
    "results.no-address",
    _("В заявлении нет адреса для уведомления. Вручите уведомление лично и отметьте это."),
)

ADDRESS_OF = {
    Channel.EMAIL: lambda application: application.notify_email,
    Channel.POST: lambda application: application.notify_address,
    Channel.PORTAL: lambda application: (
        "личный кабинет портала" if application.has_portal_account else ""
    ),
    Channel.HAND: lambda application: "вручено в школе",
}


def consolidate(*, attempt_id: int, actor: Viewer, now: datetime) -> Result:
    """Draw the result of one attempt from its signed protocols, by the law of its day."""
    permit(actor, access.ROLES, "results.consolidate")
    with transaction.atomic(durable=True):
        attempt = testday.lock_attempt(attempt_id, actor)
        result = _consolidate(attempt, actor, now)
        _close_day_when_whole(attempt.day)
    return result


def consolidate_day(
    *, day_id: int, actor: Viewer, now: datetime
) -> tuple[list[Result], dict[str, tuple[Refusal, ...]]]:
    """Consolidate all that is ready; the rest comes back by code with its reasons."""
    permit(actor, access.ROLES, "results.consolidate")
    done: list[Result] = []
    waiting: dict[str, tuple[Refusal, ...]] = {}
    for attempt_id, code in queries.waiting_to_consolidate(actor, day_id):
        try:
            done.append(consolidate(attempt_id=attempt_id, actor=actor, now=now))
        except law.Refused as refused:
            waiting[code] = refused.refusals
    return done, waiting


def _consolidate(attempt: Attempt, actor: Viewer, now: datetime) -> Result:
    earlier = Result.objects.filter(attempt=attempt).first()
    protocols = grading_queries.live_protocols([attempt.pk]).get(attempt.pk, {})
    spec = grading_queries.specification_signed(
        protocols.values()
    ) or grading_queries.specification_of(attempt.grade, attempt.form, attempt.held_on)
    profile = active_profile()
    annulled = attempt.state == AttemptState.ANNULLED
    points: dict[str, Any] = {}
    for protocol in protocols.values():
        points |= {code: value for code, value in protocol.points.items() if value is not None}
    written = protocols.get(Part.WRITTEN)
    by_total = written.part_total if written and spec.written_by_total else None
    score = rules.score(spec, points, written_total=by_total, annulled=annulled)
    law.refuse(
        [
            *rules.reasons_against_consolidation(
                Consolidation(
                    state=ResultState(earlier.state) if earlier else ResultState.CALCULATED,
                    form=Form(attempt.form),
                    score_status=score.status,
                    signed=frozenset(
                        part
                        for part, protocol in protocols.items()
                        if protocol.state in grading.SIGNED
                    ),
                    marked=attempt.state in (AttemptState.MARKED, AttemptState.CONSOLIDATED),
                    code=attempt.code,
                    by_commission=actor.role == Role.TESTING_ORG
                    or testday_queries.is_chair(actor, attempt.day),
                )
            ),
            *score.problems,
        ]
    )
    decimals = profile.value("scoring.percent_decimals", on=attempt.held_on)
    mode = profile.value("scoring.mode", on=attempt.held_on)
    fields: dict[str, Any] = {
        "application_id": attempt.application_id,
        "held_on": attempt.held_on,
        "grade": attempt.grade,
        "form": attempt.form,
        "spec_id": spec.id,
        "mode": spec.mode,
        "spec": specification_as_data(spec),
        "points": points,
        "oral_sum": score.oral,
        "written_sum": score.written,
        "total": score.total,
        "percent": score.percent(decimals=decimals.value),
        "reached_total": score.reached_total,
        "reached_oral": score.reached_oral,
        "annulled": annulled,
        "passed": bool(score.passed),
        "state": ResultState.CONSOLIDATED,
        "consolidated_at": now,
        "consolidated_by_id": actor.account_id,
        "official_on": attempt.day.session.results_official_on,
        "decided_under": decided_under(mode, decimals, *spec.values(attempt.grade, profile.id)),
    }
    if earlier:
        for name, value in fields.items():
            setattr(earlier, name, value)
        earlier.save()
        result = earlier
    else:
        number = next_number(f"commission:{attempt.day.session.testing_org_id}:{now.year}")
        result = Result.objects.create(
            attempt=attempt, commission_protocol=f"{number}/{attempt.held_on.year}", **fields
        )
    grading.lock_protocols(attempt, actor=actor, now=now)
    if attempt.state == AttemptState.MARKED:
        testday.move_attempt(attempt, AttemptState.CONSOLIDATED, now=now)
    grading.refresh_duties(attempt, now=now, drawn=True)
    steps.refresh_duties(result, now=now)
    record(
        "result.consolidated",
        actor=actor,
        about=result,
        at=now,
        case_id=attempt.application_id,
        specification=spec.id,
        passed=result.passed,
    )
    return result


def _close_day_when_whole(day: SessionDay) -> None:
    """The day is consolidated when every attempt has its result."""
    if not queries.is_whole(day):
        return
    for to in (SessionDayState.MARKING, SessionDayState.CONSOLIDATED):
        if to in DAY_TRANSITIONS[SessionDayState(day.state)]:
            testday.move_day(day, to)


def correct(
    *, result_id: int, part: Part, explanation: str, actor: Viewer, now: datetime
) -> MarkProtocol:
    """Before release: take a result back because a protocol is wrong. The old version is kept."""
    permit(actor, access.ROLES, "results.correct")
    with transaction.atomic(durable=True):
        result = _locked_after_day(result_id, actor)
        steps.move(result, ResultState.CALCULATED)
        protocol = (
            MarkProtocol.objects.select_related("attempt")
            .exclude(state=ProtocolState.SUPERSEDED)
            .get(attempt_id=result.attempt_id, part=part)
        )
        law.refuse(
            reasons_against_new_version(
                NewVersion(
                    why=VersionReason.TECHNICAL_ERROR,
                    part=part,
                    state=ProtocolState(protocol.state),
                    explanation=explanation,
                )
            )
        )
        new = grading.begin_version(
            protocol,
            VersionReason.TECHNICAL_ERROR,
            explanation=explanation,
            actor=actor,
            now=now,
        )
        record(
            "result.reopened",
            actor=actor,
            about=result,
            at=now,
            case_id=result.application_id,
            part=str(part),
        )
        grading.refresh_duties(result.attempt, now=now)
        steps.refresh_duties(result, now=now)
    return new


def _locked_after_day(result_id: int, actor: Viewer) -> Result:
    """The result, locked after its day as drawing does, so that the two never wait for each other."""
    mine = queries.results_visible_to(actor).order_by().filter(pk=result_id)
    SessionDay.objects.select_for_update().get(pk=mine.values_list("attempt__day_id").get()[0])
    return _locked(result_id, actor)


def _locked(result_id: int, actor: Viewer) -> Result:
    mine = queries.results_visible_to(actor).filter(pk=result_id).order_by().values("pk")
    return (
        Result.objects.select_for_update(of=("self",))
        .select_related("attempt__day__session__testing_org", "attempt__person", "application")
        .get(pk__in=mine)
    )


def release(
    *, result_id: int, identity_confirmed: bool, actor: Viewer, now: datetime
) -> tuple[Result, tuple[Refusal, ...]]:
    """Send the result to school and МОУО, after a second person checked whose it is."""
    permit(actor, access.ROLES, "results.release")
    with transaction.atomic(durable=True):
        result = _locked_after_day(result_id, actor)
        application = admissions.lock_application(result.application_id)
        warnings = law.refuse(
            rules.reasons_against_release(
                Release(
                    state=ResultState(result.state),
                    test_on=result.held_on,
                    consolidated_by=str(result.consolidated_by_id),
                    checked_by=str(actor.account_id),
                    identity_confirmed=identity_confirmed,
                    code=result.attempt.code,
                    same_surname_that_day=queries.same_surname(result),
                ),
                profile=active_profile(),
            )
        )
        today = admissions.day_of(application, now)
        mouo = admissions_queries.mouo_of(application.school, on=today)
        if mouo is None:
            law.refuse([NO_MOUO()])
        result.application = application
        result.received_at = now
        steps.move(
            result,
            ResultState.RELEASED,
            released_at=now,
            received_at=now,
            identity_checked_by_id=actor.account_id,
            school_due=steps.deadline(result, "to_school").due_on,
            parent_due=steps.deadline(result, "parent", school_received_on=today).due_on,
        )
        for kind, recipient, term in (
            ("result_to_school", application.school_id, "to_school"),
            ("result_to_mouo", mouo, "to_mouo"),
        ):
            due = steps.deadline(result, term)
            hand_over(
                kind,
                about=result,
                sender=result.attempt.day.session.testing_org,
                recipient=recipient,
                label=admissions.case_label(application),
                actor=actor,
                now=now,
                today=today,
                case_id=application.pk,
                due_on=due.due_on,
                under=(due.value,) if due.value else (),
            )
        outcome = ApplicationState.PASSED if result.passed else ApplicationState.FAILED
        admissions.move(application, outcome, actor=actor, now=now, tested_on=result.held_on)
        admissions.refresh_duties(application, now=now)
        steps.refresh_duties(result, now=now)
        _report_day_when_sent(result)
        record(
            "result.released",
            actor=actor,
            about=result,
            at=now,
            case_id=application.pk,
            passed=result.passed,
        )
    return result, warnings


def _report_day_when_sent(result: Result) -> None:
    day = SessionDay.objects.select_for_update().get(pk=result.attempt.day_id)
    unsent = Result.objects.filter(
        attempt__day=day, state__in=[ResultState.CALCULATED, ResultState.CONSOLIDATED]
    )
    if day.state == SessionDayState.CONSOLIDATED and not unsent.exists():
        testday.move_day(day, SessionDayState.REPORTED)


def inform_parent(
    *,
    result_id: int,
    how: str,
    subject_line: str,
    body: str,
    actor: Viewer,
    now: datetime,
    paper: bytes | None = None,
    on_portal: bool = False,
) -> Result:
    """Tell the parent the result by the chosen way, or note that it was handed over.

    `paper` is the printed notice as PDF, sent with a letter; `on_portal`: also shown there.
    """
    permit(actor, access.ROLES, "results.inform")
    with transaction.atomic(durable=True):
        result = _locked(result_id, actor)
        application = admissions.lock_application(result.application_id, actor)
        channel, address = Channel(how), ADDRESS_OF[Channel(how)](application)
        if not address:
            law.refuse([NO_ADDRESS()])
        result.application = application
        steps.move(
            result,
            ResultState.INFORMED,
            informed_at=now,
            informed_how=how,
            on_portal=on_portal or channel == Channel.PORTAL,
        )
        if channel != Channel.HAND:
            kept = paper and store.keep(
                paper,
                name=f"uvedomlenie-{application.number}.pdf",
                content_type="application/pdf",
                purpose="result-notice",
                now=now,
                account_id=actor.account_id,
            )
            queue_notice(
                "result",
                key=f"result:{result.pk}:{result.released_at:%Y%m%d%H%M%S}",
                channel=channel,
                address=address,
                subject_line=subject_line,
                body=body,
                actor=actor,
                now=now,
                language=application.language,
                case_id=application.pk,
                organisation_id=application.school_id,
                attachment_id=kept.pk if kept else None,
            )
        steps.refresh_duties(result, now=now)
        admissions.refresh_duties(application, now=now)
        record(
            "result.informed", actor=actor, about=result, at=now, case_id=application.pk, how=how
        )
    return result


def forward_to_rcoi(*, result_ids: Sequence[int], actor: Viewer, now: datetime) -> list[Result]:
    """The МОУО passes the collecting form of these children on to the РЦОИ."""
    permit(actor, access.ROLES, "results.forward")
    with transaction.atomic(durable=True):
        results = [_locked(result_id, actor) for result_id in sorted(result_ids)]
        today = admissions.day_of(results[0].application, now) if results else None
        rcoi = region_organisation(Function.RCOI, on=today) if today else None
        if results and rcoi is None:
            law.refuse([NO_RCOI()])
        for result in results:
            sent = result.released_at
            due = steps.deadline(
                result,
                "mouo_to_rcoi",
                mouo_received_on=admissions.day_of(result.application, sent),
            )
            hand_over(
                "result_to_rcoi",
                about=result,
                sender=actor.organisation_id,
                recipient=rcoi,
                label=admissions.case_label(result.application),
                actor=actor,
                now=now,
                today=today,
                case_id=result.application_id,
                due_on=due.due_on,
                under=(due.value,) if due.value else (),
            )
            steps.refresh_duties(result, now=now)
    return results


def set_column_map(
    *, name: str, columns: Sequence[dict[str, str]], actor: Viewer, now: datetime
) -> ColumnMap:
    """How the collecting form is laid out in this region."""
    permit(actor, access.ROLES, "results.column_map")
    if not columns:
        law.refuse([NO_COLUMNS()])
    with transaction.atomic(durable=True):
        row, _made = ColumnMap.objects.update_or_create(
            name=name,
            defaults={
                "columns": list(columns),
                "changed_at": now,
                "changed_by_id": actor.account_id,
            },
        )
        record("column-map.changed", actor=actor, about=row, at=now, columns=len(columns))
    return row
