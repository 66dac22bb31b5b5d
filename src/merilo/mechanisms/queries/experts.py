"""The region's experts, their conflicts of interest, and what there is to assign."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db.models import QuerySet, prefetch_related_objects

from merilo.mechanisms.access import ROLES
from merilo.mechanisms.models import Appointment, Cycle, Expert, Submission
from merilo.mechanisms.rules.assignment import ExpertFacts, Held, Plan, Portion, plan
from merilo.mechanisms.rules.states import SubmissionState
from merilo.registry.access import Role, Viewer, may
from merilo.registry.models import Position
from merilo.registry.queries import active_profile, below, open_on, organisations_with
from merilo.registry.rules import Function

from .expertise import policy_of
from .places import Place, places_of, silence_of, told_absent

TO_SCORE = (
    SubmissionState.SUBMITTED,
    SubmissionState.IN_EXPERTISE,
    SubmissionState.SCORED,
    SubmissionState.OBJECTED,
    SubmissionState.FINAL,
)


def experts_visible_to(viewer: Viewer) -> QuerySet[Expert]:
    """The region's list: the operator sees all, an expert himself."""
    found = Expert.objects.select_related("position__account__person").order_by(
        "position__account__person__search_key", "pk"
    )
    if viewer.role == Role.MECHANISMS_EXPERT:
        return found.filter(position_id=viewer.position_id)
    if not may(viewer, ROLES, "mechanisms.experts"):
        return found.none()
    return found.filter(region_id=viewer.organisation_id)


def listed(viewer: Viewer) -> QuerySet[Expert]:
    """Those of them who are on the list now."""
    return experts_visible_to(viewer).filter(excluded_at=None)


def people_to_include(viewer: Viewer, *, today: date) -> QuerySet[Position]:
    """Positions with the role of an expert that are not on the list."""
    if not may(viewer, ROLES, "mechanisms.experts"):
        return Position.objects.none()
    on_the_list = Expert.objects.filter(excluded_at=None).values("position_id")
    return (
        Position.objects.filter(
            open_on(today), below(viewer, "organisation__"), role=Role.MECHANISMS_EXPERT
        )
        .exclude(pk__in=on_the_list)
        .select_related("account__person")
        .order_by("account__login")
    )


def expert_of(viewer: Viewer) -> Expert | None:
    """The viewer's own place on the list."""
    return Expert.objects.filter(position_id=viewer.position_id, excluded_at=None).first()


def facts_of(experts: Iterable[Expert], *, on: date) -> list[ExpertFacts]:
    """Experts as the rules see them; own municipalities come from all positions of the person."""
    experts = list(experts)
    prefetch_related_objects(experts, "ties")
    accounts = {one.position.account_id: one.position.account.person_id for one in experts}
    positions = list(
        Position.objects.filter(open_on(on))
        .filter(account__in=accounts)
        .select_related("organisation", "account")
    )
    people = {person for person in accounts.values() if person}
    positions += list(
        Position.objects.filter(open_on(on), account__person__in=people)
        .exclude(account__in=accounts)
        .select_related("organisation", "account")
    )
    municipal = set(organisations_with(Function.MOUO, on=on).values_list("pk", flat=True))
    own: dict[object, set[int]] = defaultdict(set)
    runs: set[object] = set()
    for one in positions:
        who = one.account.person_id or f"account {one.account_id}"
        own[who] |= {int(part) for part in one.organisation.path.split("/") if part} & municipal
        if one.role in (Role.MINISTRY, Role.RCOI):
            runs.add(who)
    facts = []
    for one in experts:
        who = one.position.account.person_id or f"account {one.position.account_id}"
        facts.append(
            ExpertFacts(
                id=one.pk,
                own=frozenset(own[who]),
                ties=frozenset(tie.municipality_id for tie in one.ties.all()),
                directions=frozenset(one.directions),
                most=one.most_positions,
                runs_the_cycle=who in runs,
            )
        )
    return facts


def portions_of(submissions: Iterable[Submission], places: dict[int, Place]) -> list[Portion]:
    """What there is to score, direction by direction; what does not apply is left out."""
    submissions = list(submissions)
    told = told_absent(one.pk for one in submissions)
    portions = []
    for one in submissions:
        sizes = Counter(
            place.direction.code
            for place in places.values()
            if silence_of(place, told[one.pk]) is None
        )
        portions += [
            Portion(one.pk, code, one.organisation_id, one.organisation.short_name, size)
            for code, size in sizes.items()
        ]
    return portions


def portions_to_score(cycle: Cycle) -> list[Portion]:
    """The portions of every submission of a cycle that was handed in."""
    handed_in = (
        cycle.submissions.filter(state__in=TO_SCORE)
        .select_related("organisation")
        .order_by("organisation__sort_key")
    )
    return portions_of(handed_in, places_of(cycle.edition_id))


def held_of(cycle: Cycle, *, third: bool | None = None) -> Held:
    """Who is appointed to what already."""
    rows = Appointment.objects.filter(submission__cycle=cycle)
    if third is not None:
        rows = rows.filter(third=third)
    held: dict[tuple[int, str], set[int]] = defaultdict(set)
    for submission, code, expert in rows.values_list(
        "submission_id", "direction__code", "expert_id"
    ):
        held[submission, code].add(expert)
    return {key: frozenset(experts) for key, experts in held.items()}


@dataclass(frozen=True)
class Proposed:
    """A plan to look at, with the digest the confirmation must repeat."""

    plan: Plan
    digest: str


def proposed(cycle: Cycle, viewer: Viewer, *, seed: str, on: date) -> Proposed:
    """The assignment of a cycle as it would be made now; nothing is written."""
    made = plan(
        portions_to_score(cycle),
        facts_of(listed(viewer), on=on),
        needed=policy_of(active_profile(), on=on).needed.value,
        held=held_of(cycle, third=False),
        seed=seed,
    )
    return Proposed(made, sha256(repr(made.appointments).encode()).hexdigest())
