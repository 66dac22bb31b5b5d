"""Lock a case, move it and its referral, write down decisions, keep what is owed in step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from merilo import law
from merilo.admissions import queries, rules
from merilo.admissions.models import Application, Decision, Referral
from merilo.admissions.rules import ApplicationState, DecisionKind, ReferralState
from merilo.casework.steps import hand_over, replace_duties
from merilo.foundation.journal.recording import record
from merilo.law import Refusal, Value, decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.registry.steps import day_at, in_transaction


def lock_application(application_id: int, actor: Viewer | None = None) -> Application:
    """The application, locked; only in the scope of `actor` where one is given.

    Raises `Application.DoesNotExist` for a foreign case: to a stranger there is none.
    """
    in_transaction()
    mine = queries.applications_visible_to(actor) if actor else Application.objects.all()
    Application.objects.select_for_update(of=("self",)).filter(
        pk__in=mine.filter(pk=application_id).values("pk")
    ).only("pk").get()
    return Application.objects.select_related("school", "child", "representative").get(
        pk=application_id
    )


def case_label(application: Application) -> str:
    """How queues and letters name the case: its number, never a name of a person."""
    return f"Заявление №\u00a0{application.number}"


def day_of(application: Application, now: datetime) -> date:
    """The day it is where the school is."""
    return day_at(application.school, now)


def move(
    application: Application,
    to: ApplicationState,
    *,
    actor: Viewer,
    now: datetime,
    tested_on: date | None = None,
) -> None:
    """Put the case on its next step, or refuse. A result says with `tested_on` its test day."""
    in_transaction()
    law.refuse(rules.reasons_against_move(ApplicationState(application.state), to))
    came_from = application.state
    application.state = to
    application.state_since = now
    fields = ["state", "state_since"]
    if to in (ApplicationState.PASSED, ApplicationState.FAILED):
        application.tested_on = tested_on or application.tested_on
        application.test_passed = to == ApplicationState.PASSED
        fields += ["tested_on", "test_passed"]
    application.save(update_fields=fields)
    record(
        "application.moved",
        actor=actor,
        about=application,
        at=now,
        case_id=application.pk,
        came_from=str(came_from),
        to=str(to),
    )


def move_referral(referral: Referral, to: ReferralState, *, now: datetime) -> None:
    """Put the referral on its next step, or refuse."""
    in_transaction()
    state = ReferralState(referral.state)
    if to not in rules.REFERRAL_TRANSITIONS[state]:
        law.refuse([rules.WRONG_STEP(state=rules.REFERRAL_NAMES[state])])
    referral.state = to
    referral.state_since = now
    referral.save(update_fields=["state", "state_since"])


def refresh_duties(application: Application, *, now: datetime) -> None:
    """Make the duties on the case what its facts say. The end of every action."""
    in_transaction()
    # Only a referral on its way to the parent is owed anything; documents are not owed at all.
    on_its_way = application.state == ApplicationState.REFERRED
    referral = queries.live_referral(application.pk) if on_its_way else None
    untested = application.state in rules.UNTESTED_STATES
    absence = queries.last_absence(application.pk) if untested else None
    case = rules.CaseFacts(
        application=application.facts(documents=()),
        label=case_label(application),
        school=application.school_id,
        since=application.state_since,
        referral=referral
        and referral.facts(
            queries.copies_sent_to(referral), issued_on=day_of(application, referral.issued_at)
        ),
        training=application.training,
        missed=queries.no_show_facts_of(absence) if absence else None,
        mouo=absence.mouo_id if absence else None,
    )
    duties = rules.duties_of(case, registry.active_profile())
    replace_duties(application, duties, case_id=application.pk)


def decide(
    application: Application,
    kind: DecisionKind,
    *,
    actor: Viewer,
    now: datetime,
    reasons: Iterable[Refusal | dict[str, Any]] = (),
    under: Iterable[Value | None] = (),
    note: str = "",
) -> Decision:
    """Write down a decision with every reason and the values of law it rests on."""
    in_transaction()
    return Decision.objects.create(
        application=application,
        kind=kind,
        reasons=as_reasons(reasons),
        note=note,
        made_at=now,
        made_by_id=actor.account_id,
        decided_under=decided_under(*under),
    )


def as_reasons(reasons: Iterable[Refusal | dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons as a decision keeps them: code, sentence, act and paragraph."""
    return [
        reason
        if isinstance(reason, dict)
        else {
            "code": reason.code,
            "sentence": reason.sentence(),
            "act": reason.source.act.id if reason.source else "",
            "paragraph": reason.source.paragraph if reason.source else "",
            "warning": reason.is_warning,
        }
        for reason in reasons
    ]


def take_back(
    referral: Referral, application: Application, *, actor: Viewer, now: datetime, note: str = ""
) -> None:
    """Revoke a referral and tell those who have its copy."""
    move_referral(referral, ReferralState.REVOKED, now=now)
    record(
        "referral.revoked", actor=actor, about=referral, at=now, case_id=application.pk, note=note
    )
    inform("referral_revoked", referral, application, actor=actor, now=now)


def inform(
    kind: str,
    referral: Referral,
    application: Application,
    *,
    actor: Viewer,
    now: datetime,
    sender: int | None = None,
) -> None:
    """Tell the testing organisation and the МОУО, so far as they have a copy of the referral.

    The school tells, unless another `sender` is named.
    """
    today = day_of(application, now)
    sent_to = queries.copies_sent_to(referral)
    mouo = queries.mouo_of(application.school, on=today) if "mouo" in sent_to else None
    recipients = [referral.testing_org_id] if "testing_org" in sent_to else []
    for recipient in (*recipients, *([mouo.pk] if mouo else [])):
        hand_over(
            kind,
            about=referral,
            sender=sender or application.school_id,
            recipient=recipient,
            label=f"Направление № {referral.number}",
            actor=actor,
            now=now,
            today=today,
            case_id=application.pk,
        )
