"""Send a result to school and МОУО, tell the parent, pass on to РЦОИ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from merilo import law
from merilo.admissions import queries as admissions_queries
from merilo.admissions import steps as admissions
from merilo.admissions.rules import ApplicationState
from merilo.casework.rules import Channel
from merilo.casework.steps import hand_over, queue_notice
from merilo.foundation import documents
from merilo.foundation.files import store
from merilo.foundation.journal.recording import record, record_view
from merilo.law import Reason, Refusal
from merilo.law.refusal import _
from merilo.registry.access import Viewer, permit
from merilo.registry.queries import active_profile, region_organisation
from merilo.registry.rules import Function
from merilo.results import access, queries, rules, steps
from merilo.results.models import Result
from merilo.results.rules import Release, ResultState
from merilo.testday import steps as testday
from merilo.testday.models import SessionDay
from merilo.testday.rules import SessionDayState

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


def release(
    *, result_id: int, identity_confirmed: bool, actor: Viewer, now: datetime
) -> tuple[Result, tuple[Refusal, ...]]:
    """Send the result to school and МОУО, after a second person checked whose it is."""
    permit(actor, access.ROLES, "results.release")
    with transaction.atomic(durable=True):
        result = steps.lock_result_after_day(result_id, actor)
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
    actor: Viewer,
    now: datetime,
    on_portal: bool = False,
) -> Result:
    """Tell the parent the result by the chosen way, or note that it was handed over.

    A letter, electronic or of paper, carries the printed notice; `on_portal`: also shown there.
    """
    permit(actor, access.ROLES, "results.inform")
    with transaction.atomic(durable=True):
        result = steps.lock_result(result_id, actor)
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
            _write(result, channel, address, actor=actor, now=now)
        steps.refresh_duties(result, now=now)
        admissions.refresh_duties(application, now=now)
        record(
            "result.informed", actor=actor, about=result, at=now, case_id=application.pk, how=how
        )
    return result


def _write(
    result: Result, channel: Channel, address: str, *, actor: Viewer, now: datetime
) -> None:
    """The letter to the outbox, with the notice unless that lies on the portal already."""
    application, kept = result.application, None
    if channel != Channel.PORTAL:
        record_view(actor=actor, about=result, at=now, case_id=application.pk, where="notice-sent")
        issued_on = admissions.day_of(application, now)
        kept = store.keep(
            documents.result_notice_pdf(queries.notice_of(result, issued_on=issued_on)),
            name=f"uvedomlenie-{application.number}.pdf",
            content_type="application/pdf",
            purpose="result-notice",
            now=now,
            account_id=actor.account_id,
        )
    subject_line, body = queries.letter_of(result, enclosed=kept is not None)
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


def forward_to_rcoi(*, result_ids: Sequence[int], actor: Viewer, now: datetime) -> list[Result]:
    """The МОУО passes the collecting form of these children on to the РЦОИ."""
    permit(actor, access.ROLES, "results.forward")
    with transaction.atomic(durable=True):
        results = [steps.lock_result(result_id, actor) for result_id in sorted(result_ids)]
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
