"""Who may do what with the criteria, the cycles and the materials of municipalities."""

from merilo.registry.access import Role

READERS = frozenset({Role.MOUO, Role.RCOI, Role.MINISTRY, Role.MECHANISMS_EXPERT, Role.AUDITOR})

ROLES: dict[str, frozenset[Role]] = {
    # criteria and the yearly run: the region's operator
    "mechanisms.criteria": frozenset({Role.MINISTRY}),
    "mechanisms.cycle": frozenset({Role.MINISTRY}),
    "mechanisms.clusters": frozenset({Role.MINISTRY}),
    "mechanisms.read_criteria": READERS,
    # materials: the municipality fills its own; experts see what they are appointed to
    "mechanisms.fill": frozenset({Role.MOUO}),
    "mechanisms.read": frozenset({Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR}),
    # the login and password of a closed page: who typed them, and the appointed expert
    "mechanisms.read_secret": frozenset({Role.MOUO, Role.MECHANISMS_EXPERT}),
    # the kept documents: the same people, and the experts in what they are appointed to
    "mechanisms.read_evidence": READERS,
    # go and look at the links now: who fills them in, and the operator
    "mechanisms.visit": frozenset({Role.MOUO, Role.MINISTRY}),
    # expertise: the operator appoints and decides objections, experts score, the rest read
    "mechanisms.experts": frozenset({Role.MINISTRY}),
    "mechanisms.declare_tie": frozenset({Role.MINISTRY, Role.MECHANISMS_EXPERT}),
    "mechanisms.score": frozenset({Role.MECHANISMS_EXPERT}),
    "mechanisms.object": frozenset({Role.MOUO}),
    "mechanisms.read_scores": frozenset({Role.MOUO, Role.RCOI, Role.MINISTRY, Role.AUDITOR}),
    # the map of the management cycle: the municipality draws, the rest look
    "mechanisms.draw": frozenset({Role.MOUO}),
    "mechanisms.read_map": READERS,
    # municipalities beside each other: who looks at the region
    "mechanisms.standings": frozenset({Role.RCOI, Role.MINISTRY, Role.AUDITOR}),
    "mechanisms.clock": frozenset({Role.SYSTEM}),
}
