"""Who may do what on a test day."""

from merilo.registry.access import Role

CONDUCT = frozenset({Role.TESTING_ORG, Role.COMMISSION})

ROLES: dict[str, frozenset[Role]] = {
    "testday.commission": frozenset({Role.TESTING_ORG}),
    "testday.open": CONDUCT | {Role.SYSTEM},
    "testday.staff": frozenset({Role.TESTING_ORG}),
    "testday.prepare": CONDUCT,
    "testday.check_in": CONDUCT,
    "testday.conduct": CONDUCT,
    # Who may decide is the rule's answer: the chair of the day; the others read why they may not.
    "testday.annul": CONDUCT,
    "testday.finish": CONDUCT,
    "testday.report_no_show": frozenset({Role.MOUO}),
    "testday.read": CONDUCT | {Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR},
    "testday.read_person": CONDUCT,
    "testday.read_files": CONDUCT,
}
