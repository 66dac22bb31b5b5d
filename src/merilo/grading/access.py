"""Who may mark, and who may load specifications."""

from merilo.registry.access import Role

ROLES: dict[str, frozenset[Role]] = {
    "grading.mark": frozenset({Role.COMMISSION}),
    "grading.read": frozenset({Role.COMMISSION, Role.TESTING_ORG}),
    "grading.new_version": frozenset({Role.COMMISSION}),
    "grading.load_specification": frozenset({Role.RCOI, Role.MINISTRY}),
    "grading.read_specifications": frozenset(
        {Role.COMMISSION, Role.TESTING_ORG, Role.RCOI, Role.MINISTRY, Role.AUDITOR, Role.SCHOOL}
    ),
}
