"""Tokens of the programming interface: each speaks for one position in one organisation."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.registry import access, queries, rules, steps
from merilo.registry.access import Viewer, permit
from merilo.registry.models import ApiToken, Position

MARK = "mrl_"  # a leaked token is found by scanners and by eye
USED_AGAIN_AFTER = timedelta(minutes=10)


def make_token(
    *, position_id: int, name: str, expires_on: date, actor: Viewer, now: datetime
) -> tuple[ApiToken, str]:
    """A new token and its text, which is told once; only its hash is kept."""
    permit(actor, access.ROLES, "registry.tokens")
    with transaction.atomic(durable=True):
        position = (
            Position.objects.filter(queries.below(actor, "organisation__"))
            .select_for_update(of=("self",))
            .select_related("account")
            .get(pk=position_id)
        )
        today = steps.day_of(now)
        law.refuse(
            rules.reasons_against_token(
                name=name,
                expires_on=expires_on,
                today=today,
                latest=today + timedelta(days=rules.LONGEST_TOKEN_DAYS),
                position_holds=position.period().holds(today) and position.account.is_active,
            )
        )
        text = MARK + secrets.token_urlsafe(32)
        token = ApiToken.objects.create(
            name=name.strip(),
            position=position,
            token_hash=queries.token_hash(text),
            prefix=text[:8],
            created_at=now,
            expires_on=expires_on,
        )
        record(
            "token.made",
            actor=actor,
            about=token,
            at=now,
            position=position.pk,
            organisation=position.organisation_id,
            expires_on=str(expires_on),
        )
    return token, text


def revoke_token(*, token_id: int, actor: Viewer, now: datetime) -> ApiToken:
    """Stop a token at once."""
    permit(actor, access.ROLES, "registry.tokens")
    with transaction.atomic(durable=True):
        token = (
            ApiToken.objects.filter(queries.below(actor, "position__organisation__"))
            .select_for_update(of=("self",))
            .get(pk=token_id)
        )
        if token.revoked_at is not None:
            law.refuse([rules.TOKEN_REVOKED()])
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record("token.revoked", actor=actor, about=token, at=now)
    return token


def note_token_used(*, token_id: int, now: datetime) -> None:
    """When a token was last used, to ten minutes: a request should not cost a write."""
    ApiToken.objects.filter(pk=token_id).exclude(last_used_at__gt=now - USED_AGAIN_AFTER).update(
        last_used_at=now
    )
