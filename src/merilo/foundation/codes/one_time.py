"""One-time codes: made, sent by another way, used once, forgotten."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from merilo import law
from merilo.law import Reason
from merilo.law.refusal import _

from .models import OneTimeCode

LIVES = timedelta(minutes=20)
MADE_AT_MOST = 5  # in an hour, for one subject: a mailbox is not to be flooded
DIGITS = 6

WRONG_CODE = Reason(
    "codes.wrong",
    _("Код не подошёл или устарел. Проверьте последнее письмо или запросите новый код."),
)
TOO_MANY = Reason(
    "codes.too-many", _("Кодов запрошено слишком много. Подождите час и попробуйте ещё раз.")
)


def _hash(subject: str, code: str) -> str:
    key = f"one-time:{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{subject}:{code}".encode(), hashlib.sha256).hexdigest()


def make(subject: str, *, now: datetime, lives: timedelta = LIVES) -> str:
    """A new code for a subject; earlier unused codes of it stop working."""
    with transaction.atomic():
        made = OneTimeCode.objects.filter(subject=subject, made_at__gt=now - timedelta(hours=1))
        if made.count() >= MADE_AT_MOST:
            law.refuse([TOO_MANY()])
        OneTimeCode.objects.filter(subject=subject, used_at=None).update(tries_left=0)
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        OneTimeCode.objects.create(
            subject=subject, code_hash=_hash(subject, code), made_at=now, expires_at=now + lives
        )
    return code


def use(subject: str, code: str, *, now: datetime) -> None:
    """Spend the code, or refuse. Five wrong tries end it; a spent code never works again."""
    refused = False
    with transaction.atomic():
        row = (
            OneTimeCode.objects.select_for_update()
            .filter(subject=subject, used_at=None, tries_left__gt=0, expires_at__gt=now)
            .order_by("-made_at", "-pk")
            .first()
        )
        if row is None:
            refused = True
        elif hmac.compare_digest(row.code_hash, _hash(subject, code.strip())):
            row.used_at = now
            row.save(update_fields=["used_at"])
        else:
            row.tries_left -= 1  # kept even though the try is refused
            row.save(update_fields=["tries_left"])
            refused = True
    if refused:
        law.refuse([WRONG_CODE()])


def forget_old(*, now: datetime) -> int:
    """Delete codes of yesterday and before."""
    return OneTimeCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]
