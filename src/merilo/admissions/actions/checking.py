"""Completeness and authenticity: return with all defects at once, confirm, refuse, exempt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Application
from merilo.admissions.rules import (
    ApplicationState,
    DecisionKind,
    DocumentKind,
    DocumentState,
    RegisterCheck,
    UnreliableReason,
)
from merilo.casework.rules import term
from merilo.foundation.journal.recording import record
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit


def confirm_full_set(*, application_id: int, actor: Viewer, now: datetime) -> Application:
    """Everything is there: the check of authenticity begins and its term runs."""
    permit(actor, access.ROLES, "admissions.full_set")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        today = steps.day_of(application, now)
        law.refuse(rules.reasons_against_full_set(application.facts(), on=today, profile=profile))
        received_on = application.submitted_on
        due = term(lambda: rules.authenticity_due(received_on, today, profile))
        application.full_set_on = today
        application.authenticity_due = due.due_on
        application.save(update_fields=["full_set_on", "authenticity_due"])
        steps.move(application, ApplicationState.AUTHENTICITY_CHECK, actor=actor, now=now)
        steps.decide(
            application,
            DecisionKind.COMPLETE,
            actor=actor,
            now=now,
            under=(
                due.value,
                profile.value("admissions.authenticity_start", on=received_on),
                profile.value("admissions.mandatory_documents", on=today),
            ),
        )
        record(
            "application.full-set",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            due=due.due_on.isoformat() if due.due_on else None,
        )
        steps.write_to_parent(
            application,
            "application-full-set",
            key=f"application-full-set:{application.pk}:{application.returns}",
            facts={"due": due.due_on or rules.DAY_UNKNOWN},
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def return_incomplete(
    *, application_id: int, actor: Viewer, now: datetime, note: str = ""
) -> Application:
    """Return the application unconsidered, with every defect of the set in one letter."""
    permit(actor, access.ROLES, "admissions.return")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        today = steps.day_of(application, now)
        facts = application.facts()
        law.refuse(rules.reasons_against_return(facts, on=today, profile=profile))
        defects = rules.defects(facts, on=today, profile=profile)
        application.returns += 1
        application.save(update_fields=["returns"])
        steps.move(application, ApplicationState.RETURNED_INCOMPLETE, actor=actor, now=now)
        due = term(lambda: rules.completeness_due(application.submitted_on, profile))
        steps.decide(
            application,
            DecisionKind.RETURNED_INCOMPLETE,
            actor=actor,
            now=now,
            reasons=defects,
            under=(profile.value("admissions.mandatory_documents", on=today), due.value),
            note=note,
        )
        record(
            "application.returned",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            defects=[defect.code for defect in defects],
            time_no=application.returns,
        )
        steps.write_to_parent(
            application,
            "application-returned",
            key=f"application-returned:{application.pk}:{application.returns}",
            items=defects,
            note=note,
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def resubmit(
    *,
    application_id: int,
    submitted_on: date,
    actor: Viewer,
    now: datetime,
    provided: Iterable[DocumentKind] = (),
) -> Application:
    """The parent has sent the documents again: the check of completeness begins anew."""
    permit(actor, access.ROLES, "admissions.resubmit")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        today = steps.day_of(application, now)
        state = ApplicationState(application.state)
        law.refuse(
            rules.reasons_against_resubmitting(
                state, submitted_on=submitted_on, before=application.submitted_on, today=today
            )
        )
        due = term(lambda: rules.completeness_due(submitted_on, profile))
        application.submitted_on = submitted_on
        application.completeness_due = due.due_on
        application.full_set_on = None
        application.save(update_fields=["submitted_on", "completeness_due", "full_set_on"])
        application.documents.filter(kind__in=list(provided)).update(
            state=DocumentState.PROVIDED, comment="", valid_until=None
        )
        steps.move(application, ApplicationState.COMPLETENESS_CHECK, actor=actor, now=now)
        record(
            "application.resubmitted",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            submitted=submitted_on.isoformat(),
        )
        steps.refresh_duties(application, now=now)
    return application


def check_register(
    *, application_id: int, outcome: RegisterCheck, actor: Viewer, now: datetime
) -> Application:
    """Note what the register of controlled persons says of the applicant."""
    permit(actor, access.ROLES, "admissions.documents")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        state = ApplicationState(application.state)
        law.refuse(rules.reasons_against_register_check(state))
        if application.register_check != outcome:
            application.register_check = outcome
            application.save(update_fields=["register_check"])
            record(
                "application.register-checked",
                actor=actor,
                about=application,
                at=now,
                case_id=application.pk,
                outcome=str(outcome),
            )
        steps.refresh_duties(application, now=now)
    return application


def refuse_unreliable(
    *,
    application_id: int,
    reasons: Iterable[UnreliableReason],
    actor: Viewer,
    now: datetime,
    note: str = "",
) -> Application:
    """Refuse admission for unreliable data; a referral already given is taken back."""
    permit(actor, access.ROLES, "admissions.refuse")
    profile = registry.active_profile()
    reasons = tuple(dict.fromkeys(reasons))
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        to = ApplicationState.REFUSED_UNRELIABLE
        law.refuse(
            rules.reasons_against_refusing(ApplicationState(application.state), to, reasons)
        )
        if (referral := queries.live_referral(application.pk)) is not None:
            steps.take_back(referral, application, actor=actor, now=now)
        steps.move(application, to, actor=actor, now=now)
        value = profile.value("admissions.authenticity_wd", on=application.submitted_on)
        steps.decide(
            application,
            DecisionKind.REFUSED_UNRELIABLE,
            actor=actor,
            now=now,
            reasons=[rules.UNRELIABLE(value, what=rules.UNRELIABLE_NAMES[r]) for r in reasons],
            under=(value,),
            note=note,
        )
        record(
            "application.refused",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            why="unreliable",
            reasons=[str(r) for r in reasons],
        )
        names = [rules.UNRELIABLE_NAMES[r] for r in reasons]
        steps.tell_of_refusal(
            application,
            "refused-unreliable",
            items=names,
            note=note,
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application


def refuse_no_places(
    *, application_id: int, actor: Viewer, now: datetime, note: str = ""
) -> Application:
    """Refuse admission because the school has no free place: a reason of its own, not a defect."""
    permit(actor, access.ROLES, "admissions.refuse")
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        to = ApplicationState.REFUSED_NO_PLACES
        law.refuse(rules.reasons_against_refusing(ApplicationState(application.state), to))
        steps.move(application, to, actor=actor, now=now)
        steps.decide(
            application,
            DecisionKind.REFUSED_NO_PLACES,
            actor=actor,
            now=now,
            reasons=[rules.NO_PLACES()],
            note=note,
        )
        record(
            "application.refused",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            why="no-places",
        )
        steps.tell_of_refusal(application, "refused-no-places", note=note, actor=actor, now=now)
        steps.refresh_duties(application, now=now)
    return application


def exempt(*, application_id: int, actor: Viewer, now: datetime, note: str = "") -> Application:
    """The category needs no test: straight to the decision on admission."""
    permit(actor, access.ROLES, "admissions.exempt")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id, actor)
        today = steps.day_of(application, now)
        law.refuse(rules.reasons_against_exempting(application.facts(), on=today, profile=profile))
        steps.move(application, ApplicationState.NO_TEST_REQUIRED, actor=actor, now=now)
        steps.decide(
            application,
            DecisionKind.NO_TEST_REQUIRED,
            actor=actor,
            now=now,
            under=(profile.value("admissions.exempt_categories", on=today),),
            note=note,
        )
        record(
            "application.exempted",
            actor=actor,
            about=application,
            at=now,
            case_id=application.pk,
            category=application.category,
        )
        steps.write_to_parent(
            application,
            "application-exempted",
            key=f"application-exempted:{application.pk}",
            actor=actor,
            now=now,
        )
        steps.refresh_duties(application, now=now)
    return application
