"""Who a person is while he works: a role in an organisation. The one place roles are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from merilo.law import Reason, Refused
from merilo.law.refusal import _


class Role(StrEnum):
    SCHOOL = "school"  # приём документов в общеобразовательной организации
    TESTING_ORG = "testing_org"  # ответственный в тестирующей организации
    COMMISSION = "commission"  # член комиссии по тестированию: эксперт, проводящий, председатель
    MOUO = "mouo"
    RCOI = "rcoi"
    MINISTRY = "ministry"
    MECHANISMS_EXPERT = "mechanisms_expert"  # оценивает муниципальные управленческие механизмы
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"  # часы: действия по истечении срока


ROLE_NAMES: dict[Role, str] = {
    Role.SCHOOL: _("школа"),
    Role.TESTING_ORG: _("тестирующая организация"),
    Role.COMMISSION: _("комиссия по тестированию"),
    Role.MOUO: _("МОУО"),
    Role.RCOI: _("РЦОИ"),
    Role.MINISTRY: _("министерство"),
    Role.MECHANISMS_EXPERT: _("эксперт МУМ"),
    Role.AUDITOR: _("аудитор"),
    Role.ADMIN: _("администратор"),
    Role.SYSTEM: _("система"),
}

NOT_YOUR_ROLE = Reason(
    "access.not-your-role",
    _("Это действие выполняет другой участник: %(who)s. Вы вошли как %(role)s."),
)


class Forbidden(Refused):
    """The person's role does not include the act. Pages answer 403 and the journal notes it."""


@dataclass(frozen=True)
class Viewer:
    """A signed-in person in one of his positions. Scope is the organisation path."""

    account_id: int | None
    position_id: int | None
    role: Role
    organisation_id: int | None
    organisation_path: str  # "/1/5/33/"; everything whose path starts with it is below
    organisation_name: str
    timezone: str
    person_id: int | None = None
    title: str = ""

    @classmethod
    def system(cls, timezone: str = "") -> Viewer:
        """The clock itself, acting when a term runs out; it lives by the region's time."""
        return cls(None, None, Role.SYSTEM, None, "/", "Мерило", timezone)


def permit(actor: Viewer, roles: Mapping[str, frozenset[Role]], action: str) -> None:
    """Raise `Forbidden` unless the table of the context gives the role that action."""
    allowed = roles[action]
    if actor.role not in allowed:
        who = ", ".join(ROLE_NAMES[role] for role in Role if role in allowed and role != "system")
        raise Forbidden([NOT_YOUR_ROLE(who=who, role=ROLE_NAMES[actor.role])])


def may(viewer: Viewer | None, roles: Mapping[str, frozenset[Role]], action: str) -> bool:
    """Whether to offer the button at all."""
    return viewer is not None and viewer.role in roles[action]


ROLES: dict[str, frozenset[Role]] = {
    "registry.found": frozenset({Role.SYSTEM}),  # from the command line of the machine
    "registry.edit": frozenset({Role.ADMIN}),
    "registry.import": frozenset({Role.ADMIN}),
    "registry.read": frozenset({Role.ADMIN, Role.MINISTRY, Role.RCOI, Role.AUDITOR, Role.MOUO}),
    "registry.accounts": frozenset({Role.ADMIN}),
    "registry.tokens": frozenset({Role.ADMIN}),
}
