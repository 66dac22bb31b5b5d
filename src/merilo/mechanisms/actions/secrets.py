"""The login and password of a closed page: kept sealed, shown one by one, every view noted."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import Reason
from merilo.law.refusal import _
from merilo.mechanisms import access, queries
from merilo.mechanisms.models import AccessSecret, Link
from merilo.mechanisms.rules import submission as rules
from merilo.mechanisms.rules.states import SubmissionState
from merilo.mechanisms.steps import materials, secrets
from merilo.registry import queries as registry
from merilo.registry.access import Viewer, permit
from merilo.registry.steps import day_at

SECRET_EMPTY = Reason(
    "mechanisms.secret-empty",
    _(
        "Заполните хотя бы одно поле: логин, пароль или другие сведения, которые открывают страницу."
    ),
)
SECRET_GONE = Reason(
    "mechanisms.secret-gone",
    _("Срок хранения доступа истёк %(on)s, логин и пароль забыты. Попросите муниципалитет дать их "
      "заново."),
)  # fmt: skip
FIELDS = ("login", "password", "other")


def keep_secret(
    *, submission_id: int, link_id: int, said: dict[str, str], actor: Viewer, now: datetime
) -> AccessSecret:
    """Seal what opens the page until some days after the last day of materials."""
    permit(actor, access.ROLES, "mechanisms.fill")
    with transaction.atomic(durable=True):
        submission = materials.lock_submission(submission_id, actor)
        link = Link.objects.select_for_update(of=("self",)).get(
            pk=link_id, answer__submission=submission
        )
        plain = {name: said.get(name, "").strip() for name in FIELDS}
        against = list(
            rules.reasons_against_filling(
                queries.forms.cycle_facts(submission.cycle),
                SubmissionState(submission.state),
                today=day_at(actor, now),
            )
        )
        law.refuse(against if any(plain.values()) else [*against, SECRET_EMPTY()])
        days = registry.active_profile().value("mechanisms.secret_days", on=day_at(actor, now))
        kept = secrets.keep(
            link, plain, actor=actor, now=now,
            expires_on=submission.cycle.submit_by + timedelta(days=days.value),
        )  # fmt: skip
        link.closed_access = True
        link.save(update_fields=["closed_access"])
        materials.touch(submission, now=now)
        record("mechanisms.secret-kept", actor=actor, about=link, at=now, submission=submission.pk)
    return kept


def show_secret(*, link_id: int, actor: Viewer, now: datetime) -> dict[str, str]:
    """Open it for who may see it; the journal keeps who looked, never what was shown."""
    permit(actor, access.ROLES, "mechanisms.read_secret")
    with transaction.atomic(durable=True):
        link = queries.forms.links_visible_to(actor).get(pk=link_id)
        secret = AccessSecret.objects.get(link=link)
        today = day_at(actor, now)
        if secret.forgotten_at is not None or secret.expires_on < today:
            law.refuse([SECRET_GONE(on=secret.expires_on)])
        shown = secrets.opened(secret)
        record(
            "mechanisms.secret-shown", actor=actor, about=link, at=now, kind="view",
            submission=link.answer.submission_id,
        )  # fmt: skip
    return shown
