"""Who may do what with the schedule and with bookings."""

from merilo.registry.access import Role

ROLES: dict[str, frozenset[Role]] = {
    "booking.schedule": frozenset({Role.MINISTRY}),
    "booking.approve_schedule": frozenset({Role.MINISTRY}),
    "booking.additional_date": frozenset({Role.MINISTRY}),
    "booking.postpone": frozenset({Role.MINISTRY}),
    "booking.refer_elsewhere": frozenset({Role.MINISTRY}),
    "booking.book": frozenset({Role.TESTING_ORG}),
    "booking.change": frozenset({Role.TESTING_ORG}),
    "booking.cancel": frozenset({Role.TESTING_ORG}),
    "booking.clock": frozenset({Role.SYSTEM}),
    "booking.read_schedule": frozenset(
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
    "booking.read": frozenset(
        {Role.SCHOOL, Role.TESTING_ORG, Role.MOUO, Role.MINISTRY, Role.AUDITOR}
    ),
}
