"""Who may consolidate, send, receive and read results."""

from merilo.registry.access import Role

ROLES: dict[str, frozenset[Role]] = {
    "results.consolidate": frozenset({Role.TESTING_ORG, Role.COMMISSION}),
    "results.correct": frozenset({Role.TESTING_ORG}),
    "results.release": frozenset({Role.TESTING_ORG}),
    "results.inform": frozenset({Role.SCHOOL}),
    "results.forward": frozenset({Role.MOUO}),
    "results.export": frozenset({Role.TESTING_ORG, Role.MOUO, Role.RCOI, Role.MINISTRY}),
    "results.column_map": frozenset({Role.RCOI}),
    "results.read": frozenset(
        {
            Role.SCHOOL,
            Role.TESTING_ORG,
            Role.COMMISSION,
            Role.MOUO,
            Role.RCOI,
            Role.MINISTRY,
            Role.AUDITOR,
        }
    ),
    "results.read_person": frozenset({Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.RCOI}),
}
