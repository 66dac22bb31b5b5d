"""Logins and passwords of closed pages: sealed under the installation's key."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import BytesIO

from django.conf import settings
from django.db.models import F

from merilo.foundation.fetching import Access, BadAddress, read_address
from merilo.foundation.files.sealing import open_sealed, seal
from merilo.mechanisms.models import AccessSecret, Cycle, Link
from merilo.registry.access import Viewer
from merilo.registry.steps import in_transaction


def keep(
    link: Link, said: dict[str, str], *, expires_on: date, actor: Viewer, now: datetime
) -> AccessSecret:
    """Seal what opens the page. Inside are the link's number, so it fits no other link, and the
    address it was given for, so a link that is changed later leads the password nowhere else."""
    in_transaction()
    plain = json.dumps({"link": link.pk, "url": link.url, **said}, ensure_ascii=False).encode()
    sealed = b"".join(seal(BytesIO(plain), settings.FILES_KEY))
    kept, _made = AccessSecret.objects.update_or_create(
        link=link,
        defaults={
            "sealed": sealed,
            "stored_at": now,
            "stored_by_id": actor.account_id,
            "expires_on": expires_on,
            "forgotten_at": None,
        },
    )
    return kept


def opened(secret: AccessSecret) -> dict[str, str]:
    """What was sealed. Raises `sealing.CannotOpen` where it was changed."""
    said = _unsealed(secret)
    said.pop("url", None)
    return said


def for_the_worker(secret: AccessSecret, *, over_open_line: bool) -> Access | None:
    """The login and password with the server they were given for; None where a machine has no use
    of them: no password, or sealed before the address was kept with it."""
    said = _unsealed(secret)
    if not said.get("password") or not said.get("url"):
        return None
    try:
        home = read_address(said["url"])
    except BadAddress:
        return None
    return Access(home, said.get("login", ""), said["password"], over_open_line)


def _unsealed(secret: AccessSecret) -> dict[str, str]:
    plain = b"".join(open_sealed(BytesIO(bytes(secret.sealed)), settings.FILES_KEY))
    said = json.loads(plain)
    if said.pop("link") != secret.link_id:
        raise AccessSecret.DoesNotExist  # sealed for another link
    return {name: str(value) for name, value in said.items()}


def move_days(cycle: Cycle, by: timedelta) -> None:
    """The last day of materials moved: what is still kept is kept as long after the new one."""
    in_transaction()
    AccessSecret.objects.filter(link__answer__submission__cycle=cycle, forgotten_at=None).update(
        expires_on=F("expires_on") + by
    )


def forget(secret: AccessSecret, *, now: datetime) -> None:
    in_transaction()
    secret.sealed, secret.forgotten_at = b"", now
    secret.save(update_fields=["sealed", "forgotten_at"])
