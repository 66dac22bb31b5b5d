"""Rows of people and their roles, ours and OneRoster's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext

from merilo.foundation.tables import TableRow
from merilo.law.refusal import _
from merilo.registry import rules
from merilo.registry.access import ROLE_NAMES, Role
from merilo.registry.models import Account, Organisation, Position
from merilo.registry.rules import Function

from . import kinds
from .rows import RowPlan, World, plain, plans_of

CHILDREN = ("student", "guardian", "parent", "relative")
# A worker of a roster in an organisation that does this gets the role of it.
ROSTER_ROLES = {
    Function.SCHOOL: Role.SCHOOL,
    Function.TESTING_ORG: Role.TESTING_ORG,
    Function.MOUO: Role.MOUO,
    Function.RCOI: Role.RCOI,
    Function.MINISTRY: Role.MINISTRY,
}


@dataclass
class StaffRow:
    """A person, his login and the positions the row gives: (organisation, role, title)."""

    login: str
    last_name: str
    first_name: str
    patronymic: str
    email: str
    since: date
    wanted: list[tuple[Organisation, Role, str]] = field(default_factory=list)
    account: Account | None = None
    give: list[tuple[Organisation, Role, str]] = field(default_factory=list)


def plan_staff(kind: str, rows: Iterable[TableRow], world: World) -> list[RowPlan]:
    """What each row would do. A person may stand in several rows, each with another position."""
    plans = plans_of(rows)
    read = _read_oneroster if kind == "oneroster-users" else _read
    for plan in plans:
        plan.data = read(plan, world)
        plan.label = plan.data.login
    logins = {plan.data.login for plan in plans if plan.data.login}
    accounts = {
        one.login: one for one in Account.objects.filter(login__in=logins).select_related("person")
    }
    held = {
        (one.account_id, one.organisation_id, one.role)
        for one in Position.objects.filter(account__login__in=logins, valid_to=None)
    }
    mine = {one.pk for one in world.organisations}
    strangers = {
        account_id for account_id, organisation_id, _role in held if organisation_id not in mine
    }
    named: dict[str, tuple[int, str]] = {}
    seen: dict[tuple[str, int, str], int] = {}
    for plan in plans:
        row: StaffRow = plan.data
        name = plain(f"{row.last_name} {row.first_name}")
        first = named.setdefault(row.login, (plan.number, name))
        if row.login and first[1] != name:
            plan.wrong(
                _login(plan),
                _("этот логин в строке %(earlier)s у другого человека."),
                earlier=first[0],
            )
        row.account = accounts.get(row.login)
        if row.account is not None:
            _same_person(plan, row, row.account, strangers)
        for organisation, role, title in row.wanted:
            _position(plan, row, world, held, seen, (organisation, role, title))
        plan.settle(new=row.account is None and first[0] == plan.number)
    return plans


def _login(plan: RowPlan) -> str:
    return "username" if "username" in plan.cells else kinds.LOGIN


def _read(plan: RowPlan, world: World) -> StaffRow:
    row = StaffRow(
        login=plan.text(kinds.LOGIN, required=True).lower(),
        last_name=plan.text(kinds.LAST_NAME, required=True),
        first_name=plan.text(kinds.FIRST_NAME, required=True),
        patronymic=plan.text(kinds.PATRONYMIC),
        email=plan.email(kinds.EMAIL),
        since=plan.day(kinds.SINCE, world.on),
    )
    organisation = world.find(plan, kinds.ORG)
    plan.text(kinds.ROLE, required=True)
    role = plan.one_of(kinds.ROLE, kinds.ROLE_WORDS)
    title = plan.text(kinds.TITLE, required=True)
    _good_login(plan, row.login)
    if organisation and role and title:
        row.wanted.append((organisation, role, title))
    return row


def _good_login(plan: RowPlan, login: str) -> None:
    if login and not rules.is_login(login):
        plan.wrong(_login(plan), rules.LOGIN_WRONG(login=login[:60]).sentence(gettext))


def _read_oneroster(plan: RowPlan, world: World) -> StaffRow:
    row = StaffRow(
        login=plan.text("username", required=True).lower(),
        last_name=plan.text("familyName", required=True),
        first_name=plan.text("givenName", required=True),
        patronymic=plan.text("middleName"),
        email=plan.email("email"),
        since=world.on,
    )
    _good_login(plan, row.login)
    said = plan.text("role", required=True).strip().lower()
    if said in CHILDREN:
        plan.wrong(
            "role",
            _("«%(said)s»: дети и родители приходят с заявлением. Уберите строку."),
            said=said,
        )
        return row
    for called in plan.text("orgSourcedIds", required=True).split(","):
        if not called.strip():
            continue
        organisation = world.find(plan, "orgSourcedIds", called.strip())
        if organisation is None:
            continue
        role = _roster_role(said, world.functions[organisation.pk])
        if role is None:
            plan.wrong(
                "role",
                _("роль «%(said)s» в «%(name)s» не определена."),
                said=said[:40],
                name=organisation.short_name,
            )
        else:
            row.wanted.append((organisation, role, ROLE_NAMES[role]))
    return row


def _roster_role(said: str, functions: set[Function]) -> Role | None:
    if said in {role.value for role in Role if role != Role.SYSTEM}:
        return Role(said)
    if said in ("teacher", "proctor") and Function.TESTING_ORG in functions:
        return Role.COMMISSION
    if said in ("administrator", "aide"):
        return next((role for f, role in ROSTER_ROLES.items() if f in functions), None)
    return None


def _same_person(plan: RowPlan, row: StaffRow, account: Account, strangers: set[int]) -> None:
    """A login in use is that of this very person; a file never renames anybody."""
    if account.pk in strangers:
        plan.wrong(_login(plan), _("логин занят сотрудником другой организации. Возьмите другой."))
        return
    person = account.person
    if person and plain(f"{person.last_name} {person.first_name}") != plain(
        f"{row.last_name} {row.first_name}"
    ):
        plan.wrong(_login(plan), _("логин занят другим человеком. Возьмите другой."))
    if not account.is_active:
        plan.wrong(_login(plan), rules.ACCOUNT_OFF().sentence(gettext))
    plan.compare(kinds.EMAIL, account.email, row.email)


def _position(
    plan: RowPlan,
    row: StaffRow,
    world: World,
    held: set[tuple[int, int, str]],
    seen: dict[tuple[str, int, str], int],
    wanted: tuple[Organisation, Role, str],
) -> None:
    organisation, role, title = wanted
    earlier = seen.setdefault((row.login, organisation.pk, role), plan.number)
    if earlier != plan.number:
        plan.wrong_row(
            _("та же роль того же человека, что в строке %(earlier)s."), earlier=earlier
        )
    for reason in rules.reasons_against_position(
        role=role,
        role_name=ROLE_NAMES[role],
        title=title,
        organisation=organisation.short_name,
        functions=frozenset(world.functions[organisation.pk]),
    ):
        plan.wrong_row(reason.sentence(gettext))
    if row.account is None or (row.account.pk, organisation.pk, role) not in held:
        row.give.append(wanted)
        plan.changes.append((kinds.ROLE, "", f"{ROLE_NAMES[role]}: {organisation.short_name}"))
