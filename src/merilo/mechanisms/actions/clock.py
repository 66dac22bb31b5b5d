"""What time itself brings about: passwords whose day is over are forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from merilo.foundation.journal.recording import record
from merilo.mechanisms import access, queries
from merilo.mechanisms.steps import secrets
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at


def forget_secrets(*, actor: Viewer, now: datetime) -> int:
    """Forget the logins and passwords whose last day has passed; how many."""
    permit(actor, access.ROLES, "mechanisms.clock")
    with transaction.atomic(durable=True):
        due = queries.forms.secrets_to_forget(today=day_at(actor, now))
        over = list(due.select_for_update().order_by("pk"))
        for secret in over:
            secrets.forget(secret, now=now)
            record("mechanisms.secret-forgotten", actor=actor, about=secret, at=now)
    return len(over)
