"""What the clock does with cases: count the terms that had no calendar when they began."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo.admissions import access, queries, rules, steps
from merilo.admissions.models import Application
from merilo.casework.rules import term
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit


def refresh_terms(*, application_id: int, actor: Viewer, now: datetime) -> Application:
    """Count again the terms that had no calendar, and give the duties their days."""
    permit(actor, access.ROLES, "admissions.annul")
    profile = registry.active_profile()
    with transaction.atomic(durable=True):
        application = steps.lock_application(application_id)
        submitted_on, full_set_on = application.submitted_on, application.full_set_on
        if application.completeness_due is None:
            due = term(lambda: rules.completeness_due(submitted_on, profile))
            application.completeness_due = due.due_on
        if application.authenticity_due is None and full_set_on is not None:
            due = term(lambda: rules.authenticity_due(submitted_on, full_set_on, profile))
            application.authenticity_due = due.due_on
        application.save(update_fields=["completeness_due", "authenticity_due"])
        referral = queries.live_referral(application.pk)
        if referral and referral.received_on and referral.book_until is None:
            received_on = referral.received_on
            due = term(
                lambda: (
                    rules.booking_window(received_on, profile).dates["last_day"],
                    profile.value("booking.window_wd", on=received_on),
                )
            )
            referral.book_until = due.due_on
            referral.save(update_fields=["book_until"])
        steps.refresh_duties(application, now=now)
    return application
