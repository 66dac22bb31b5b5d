"""Cases at a given step of the road, made by the actions themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from builders import NOW, TODAY, Region
from merilo.admissions import actions, steps
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import (
    ApplicationState,
    Category,
    Channel,
    DocumentState,
    Evidence,
    RegisterCheck,
)


def a_child(**fields: Any) -> actions.NewPerson:
    return actions.NewPerson(
        **{
            "last_name": "Каримов",
            "first_name": "Тимур",
            "birth_date": date(2017, 5, 20),
            "citizenship": "Узбекистан",
            "id_doc_type": "паспорт",
            "id_doc_number": "AA 1234567",
        }
        | fields
    )


def a_parent() -> actions.NewPerson:
    return actions.NewPerson(last_name="Каримова", first_name="Дилноза", citizenship="Узбекистан")


def an_application(
    region: Region, *, who: str = "school", now: datetime = NOW, **fields: Any
) -> Application:
    """Registered, nothing checked. `child`: fields of the child that differ."""
    child = a_child(**fields.pop("child", {}))
    return actions.register_application(
        **{
            "actor": region.viewer(who),
            "now": now,
            "child": child,
            "representative": a_parent(),
            "grade": 2,
            "channel": Channel.EPGU,
            "submitted_on": TODAY,
            "consent_to_test": True,
            "category": Category.GENERAL,
            "notify_email": "parent@example.org",
        }
        | fields
    )


def mark_all(
    region: Region,
    application: Application,
    state: DocumentState = DocumentState.ACCEPTED,
    *,
    who: str = "school",
    now: datetime = NOW,
    **others: DocumentState,
) -> Application:
    """Every document in one state, except those named by kind."""
    marks = [
        actions.DocumentMark(
            row.kind,
            others.get(row.kind, state),
            comment="не читается" if others.get(row.kind) == DocumentState.INVALID else "",
        )
        for row in application.documents.all()
    ]
    return actions.mark_documents(
        application_id=application.pk, marks=marks, actor=region.viewer(who), now=now
    )


def a_checked(
    region: Region, *, who: str = "school", now: datetime = NOW, **fields: Any
) -> Application:
    """The set is full, the register is clear: ready for a referral."""
    application = an_application(region, who=who, now=now, **fields)
    mark_all(region, application, who=who, now=now)
    viewer = region.viewer(who)
    actions.confirm_full_set(application_id=application.pk, actor=viewer, now=now)
    return actions.check_register(
        application_id=application.pk, outcome=RegisterCheck.CLEAR, actor=viewer, now=now
    )


def a_referral(
    region: Region,
    *,
    who: str = "school",
    now: datetime = NOW,
    with_copies: bool = True,
    **fields: Any,
) -> Referral:
    """Issued, its copies handed over; the receipt is not confirmed yet."""
    application = a_checked(region, who=who, now=now, **fields)
    return actions.issue_referral(
        application_id=application.pk,
        actor=region.viewer(who),
        now=now,
        with_copies=with_copies,
    )


def a_delivered_referral(
    region: Region, *, who: str = "school", now: datetime = NOW, **fields: Any
) -> Referral:
    """In the parent's hands since today: the term of booking runs."""
    referral = a_referral(region, who=who, now=now, **fields)
    return actions.record_delivery(
        application_id=referral.application_id,
        received_on=TODAY + (now - NOW) // timedelta(days=1) * timedelta(days=1),
        evidence=Evidence.SIGNATURE,
        actor=region.viewer(who),
        now=now,
    )


def a_tested(region: Region, *, passed: bool, **fields: Any) -> Application:
    """A case whose result came for a test on 27 March, as the results context writes it."""
    application = a_delivered_referral(region, **fields).application
    viewer = region.viewer(fields.get("who", "school"))
    with transaction.atomic():
        application = steps.lock_application(application.pk)
        steps.move(application, ApplicationState.AWAITING_RESULT, actor=viewer, now=NOW)
        to = ApplicationState.PASSED if passed else ApplicationState.FAILED
        steps.move(application, to, actor=viewer, now=NOW, tested_on=date(2026, 3, 27))
        steps.refresh_duties(application, now=NOW)
    return application


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)
