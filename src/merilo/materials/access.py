"""Who may do what with variants and reserve kits."""

from merilo.registry.access import Role

ROLES: dict[str, frozenset[Role]] = {
    "materials.register": frozenset({Role.RCOI}),
    "materials.reserve": frozenset({Role.RCOI}),
    "materials.read_variants": frozenset({Role.RCOI, Role.MINISTRY, Role.AUDITOR}),
    "materials.read_reserve": frozenset(
        {Role.RCOI, Role.MINISTRY, Role.MOUO, Role.TESTING_ORG, Role.AUDITOR}
    ),
}
