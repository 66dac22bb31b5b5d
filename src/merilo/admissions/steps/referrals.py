"""Write a referral, and hand its copies over: the same for the school and for the ministry."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from merilo import law
from merilo.admissions import queries, rules
from merilo.admissions.models import Application, Referral
from merilo.admissions.rules import Category, ReferralState
from merilo.casework.rules import term
from merilo.casework.steps import hand_over
from merilo.foundation.journal.recording import record
from merilo.law import Value, decided_under
from merilo.registry import queries as registry
from merilo.registry.access import Viewer
from merilo.registry.steps import in_transaction, next_number

from .cases import day_of


def write_referral(
    application: Application,
    *,
    testing_org_id: int | None,
    attempt_no: int,
    earliest_test_on: date | None,
    actor: Viewer,
    now: datetime,
    under: tuple[Value, ...] = (),
    replaces: Referral | None = None,
) -> tuple[Referral, tuple[Value | None, ...]]:
    """A numbered referral with a QR code of its own, and the values of law it rests on."""
    in_transaction()
    profile = registry.active_profile()
    today = day_of(application, now)
    form, form_value = rules.form_of_test(
        application.grade, Category(application.category), test_on=today, profile=profile
    )
    values = (
        form_value,
        profile.value("admissions.referral_copies", on=today),
        profile.value("booking.window_wd", on=today),
        profile.value("booking.place", on=today),
        *under,
    )
    serial = next_number(f"referral:{application.school.exam_code}")
    referral = Referral.objects.create(
        number=f"Н-{application.school.exam_code}-{serial:04d}",
        application=application,
        testing_org_id=testing_org_id,
        grade=application.grade,
        form=form,
        attempt_no=attempt_no,
        issued_at=now,
        issued_by_id=actor.account_id,
        earliest_test_on=earliest_test_on,
        state=ReferralState.ISSUED,
        state_since=now,
        qr_token=secrets.token_urlsafe(24),
        replaces=replaces,
        decided_under=decided_under(*values),
    )
    record(
        "referral.issued",
        actor=actor,
        about=referral,
        at=now,
        case_id=application.pk,
        number=referral.number,
        testing_org=testing_org_id,
        form=str(form),
    )
    return referral, values


def hand_copies_over(
    referral: Referral,
    application: Application,
    *,
    actor: Viewer,
    now: datetime,
    sender: int | None = None,
) -> None:
    """Give the copies that are missing to whom the law names; from the school, or from `sender`."""
    in_transaction()
    profile = registry.active_profile()
    today = day_of(application, now)
    issued_on = day_of(application, referral.issued_at)
    facts = referral.facts(queries.copies_sent_to(referral), issued_on=issued_on)
    due = term(lambda: rules.copies_due(issued_on, profile))
    mouo = queries.mouo_of(application.school, on=today)
    recipients = {"testing_org": referral.testing_org_id, "mouo": mouo.pk if mouo else None}
    for to in rules.copies_missing(facts, profile):
        recipient = recipients[to]
        if recipient is None:
            law.refuse([rules.NO_MOUO()])
            continue
        hand_over(
            rules.COPY_KIND,
            about=referral,
            sender=sender or application.school_id,
            recipient=recipient,
            label=f"Направление № {referral.number}, {referral.grade} класс",
            actor=actor,
            now=now,
            today=today,
            case_id=application.pk,
            due_on=due.due_on,
            under=(due.value,) if due.value else (),
        )
        record(
            "referral.copy-sent",
            actor=actor,
            about=referral,
            at=now,
            case_id=application.pk,
            to=to,
            recipient=recipient,
        )
