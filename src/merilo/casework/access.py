"""Who may read and move what is owed, handed over and said."""

from merilo.registry.access import Role

ORGANISATIONS = frozenset(
    {Role.SCHOOL, Role.TESTING_ORG, Role.COMMISSION, Role.MOUO, Role.RCOI, Role.MINISTRY}
)

ROLES: dict[str, frozenset[Role]] = {
    "casework.duties": ORGANISATIONS | {Role.ADMIN, Role.AUDITOR, Role.MECHANISMS_EXPERT},
    "casework.dispatches": frozenset(
        {Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR}
    ),
    "casework.receive": frozenset(
        {Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.RCOI, Role.MINISTRY}
    ),
    "casework.notices": frozenset({Role.SCHOOL, Role.TESTING_ORG, Role.MINISTRY, Role.ADMIN}),
    "casework.notice_state": frozenset({Role.SCHOOL, Role.TESTING_ORG, Role.ADMIN}),
}
