"""Who may do what with an application."""

from merilo.registry.access import Role

READ = frozenset(
    {Role.SCHOOL, Role.TESTING_ORG, Role.COMMISSION, Role.MOUO, Role.MINISTRY, Role.AUDITOR}
) | {Role.ADMIN}

ROLES: dict[str, frozenset[Role]] = {
    "admissions.register": frozenset({Role.SCHOOL}),
    "admissions.documents": frozenset({Role.SCHOOL}),
    "admissions.full_set": frozenset({Role.SCHOOL}),
    "admissions.return": frozenset({Role.SCHOOL}),
    "admissions.resubmit": frozenset({Role.SCHOOL}),
    "admissions.refuse": frozenset({Role.SCHOOL}),
    "admissions.exempt": frozenset({Role.SCHOOL}),
    "admissions.refer": frozenset({Role.SCHOOL}),
    "admissions.send_copies": frozenset({Role.SCHOOL}),
    "admissions.deliver": frozenset({Role.SCHOOL}),
    "admissions.revoke": frozenset({Role.SCHOOL}),
    "admissions.annul": frozenset({Role.SYSTEM, Role.SCHOOL}),
    "admissions.withdraw": frozenset({Role.SCHOOL}),
    "admissions.confirm_no_show": frozenset({Role.MOUO}),
    "admissions.after_no_show": frozenset({Role.SCHOOL}),
    "admissions.decide": frozenset({Role.SCHOOL}),
    "admissions.read": READ,
    "admissions.read_person": frozenset({Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.AUDITOR}),
    "admissions.read_documents": frozenset({Role.SCHOOL, Role.MOUO}),
}
