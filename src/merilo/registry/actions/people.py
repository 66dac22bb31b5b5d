"""Accounts of the staff and the positions that give them roles."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.registry import access, queries, rules, steps
from merilo.registry.access import ROLE_NAMES, Role, Viewer, permit
from merilo.registry.models import Account, Organisation, Position

# Without the letters and digits that are taken for each other when read from paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class NewAccount:
    """A person of the staff and how he signs in."""

    login: str
    last_name: str
    first_name: str
    patronymic: str = ""
    email: str = ""


def one_time_password() -> str:
    """Four groups of four: 79 bits, read aloud without mistakes."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def create_account(
    *,
    new: NewAccount,
    organisation_id: int,
    role: Role,
    title: str,
    valid_from: date,
    actor: Viewer,
    now: datetime,
) -> tuple[Account, str]:
    """Open an account with its first position. The password is told once and must be changed."""
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        law.refuse(
            [
                *rules.reasons_against_account(
                    login=new.login,
                    last_name=new.last_name,
                    first_name=new.first_name,
                    taken=Account.objects.filter(login=new.login).exists(),
                ),
                *_against_position(organisation, role, title, valid_from),
            ]
        )
        account = steps.add_account(
            login=new.login,
            last_name=new.last_name,
            first_name=new.first_name,
            patronymic=new.patronymic,
            email=new.email,
            now=now,
        )
        password = _give_password(account)
        steps.give_position(account, organisation, role, title, valid_from)
        record("account.created", actor=actor, about=account, at=now)
        record(
            "position.given",
            actor=actor,
            about=account,
            at=now,
            role=str(role),
            organisation=organisation.pk,
        )
    return account, password


def _give_password(account: Account) -> str:
    password = one_time_password()
    account.set_password(password)
    account.given_password = account.password
    account.save(update_fields=["password", "given_password"])
    return password


def _against_position(
    organisation: Organisation,
    role: Role,
    title: str,
    day: date,
    *,
    held: bool = False,
    active: bool = True,
):
    yield from rules.reasons_against_position(
        role=role,
        role_name=ROLE_NAMES[role],
        title=title,
        organisation=organisation.short_name,
        functions=steps.functions_of(organisation, on=day),
        held=held,
        active=active,
    )


def give_position(
    *,
    account_id: int,
    organisation_id: int,
    role: Role,
    title: str,
    valid_from: date,
    actor: Viewer,
    now: datetime,
) -> Position:
    """One more position of a person. Roles add up only where each is given."""
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        organisation = steps.lock_organisation(organisation_id, actor)
        account = steps.lock_account(account_id, actor)
        held = Position.objects.filter(
            queries.open_on(valid_from), account=account, organisation=organisation, role=role
        ).exists()
        law.refuse(
            _against_position(
                organisation, role, title, valid_from, held=held, active=account.is_active
            )
        )
        position = steps.give_position(account, organisation, role, title, valid_from)
        record(
            "position.given",
            actor=actor,
            about=account,
            at=now,
            role=str(role),
            organisation=organisation.pk,
        )
    return position


def end_position(*, position_id: int, until: date, actor: Viewer, now: datetime) -> Position:
    """The last day of a position; its tokens end with it."""
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        position = (
            Position.objects.filter(queries.below(actor, "organisation__"))
            .select_for_update(of=("self",))
            .get(pk=position_id)
        )
        law.refuse(
            [
                *rules.reasons_against_ending(position.period(), until),
                *_against_losing_admin([position], until),
            ]
        )
        position.valid_to = until
        position.save(update_fields=["valid_to"])
        record(
            "position.ended",
            actor=actor,
            about=f"account:{position.account_id}",
            at=now,
            role=position.role,
            organisation=position.organisation_id,
        )
    return position


def _against_losing_admin(ending: list[Position], until: date):
    """The region's last administrator may not go: nobody could let another one in."""
    if not any(position.role == Role.ADMIN for position in ending):
        return
    # The one lock of all administrators: two of them cannot end each other at the same time.
    left = (
        Position.objects.select_for_update(of=("self",))
        .filter(role=Role.ADMIN, valid_to=None, account__is_active=True, valid_from__lte=until)
        .exclude(pk__in=[position.pk for position in ending])
    )
    if not list(left):
        yield rules.LAST_ADMIN()


def deactivate_account(*, account_id: int, actor: Viewer, now: datetime) -> Account:
    """Shut a person out at once: pages, sessions and tokens. What he did stays his."""
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        account = steps.lock_account(account_id, actor)
        today = steps.day_of(now)
        law.refuse(
            [
                *([rules.OWN_ACCOUNT()] if account.pk == actor.account_id else []),
                *_against_losing_admin(list(account.positions.filter(valid_to=None)), today),
            ]
        )
        if account.is_active:
            account.is_active = False
            account.save(update_fields=["is_active"])
            record("account.changed", actor=actor, about=account, at=now, active=False)
    return account


def reactivate_account(*, account_id: int, actor: Viewer, now: datetime) -> Account:
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        account = steps.lock_account(account_id, actor)
        if not account.is_active:
            account.is_active = True
            account.save(update_fields=["is_active"])
            record("account.changed", actor=actor, about=account, at=now, active=True)
    return account


def reset_password(*, account_id: int, actor: Viewer, now: datetime) -> tuple[Account, str]:
    """A new one-time password, told once. The old one and all open sessions stop working."""
    permit(actor, access.ROLES, "registry.accounts")
    with transaction.atomic(durable=True):
        account = steps.lock_account(account_id, actor)
        if not account.is_active:
            law.refuse([rules.ACCOUNT_OFF()])
        password = _give_password(account)
        record("account.changed", actor=actor, about=account, at=now, password="given")
    return account, password
