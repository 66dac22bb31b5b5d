"""What an expert has to mark, without a name in it; the specifications in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from merilo import law
from merilo.law import Form, Mode, Part, ScoringSpec, specification_from_data
from merilo.registry.access import Role, Viewer
from merilo.registry.queries import active_profile
from merilo.testday.models import Attempt, DayAssignment
from merilo.testday.rules import (
    AfterInterruption,
    AttemptState,
    DayRole,
    SessionDayState,
    parts_of,
)

from .models import MarkProtocol, Specification
from .rules import ProtocolState

CLOSED_DAYS = (SessionDayState.CONSOLIDATED, SessionDayState.REPORTED)
BEFORE_MARKING_ENDS = frozenset(
    {
        AttemptState.ORAL_RUNNING,
        AttemptState.ORAL_DONE,
        AttemptState.WRITTEN_RUNNING,
        AttemptState.WRITTEN_DONE,
    }
)


def loaded_specifications() -> tuple[ScoringSpec, ...]:
    """The region's own specifications that are not withdrawn."""
    return tuple(
        as_specification(row)
        for row in Specification.objects.filter(withdrawn_at=None).order_by("valid_from")
    )


def as_specification(row: Specification) -> ScoringSpec:
    """A loaded row as the rules read it."""
    return specification_from_data(row.data, f"specification {row.spec_id}")


def specifications() -> QuerySet[Specification]:
    return Specification.objects.select_related("loaded_by").order_by("-loaded_at")


def specification_of(
    grade: int, form: str, held_on: date, loaded: tuple[ScoringSpec, ...] | None = None
) -> ScoringSpec:
    """The specification an attempt is marked by: that of its test day and of the region's mode."""
    mode = Mode(active_profile().value("scoring.mode", on=held_on).value)
    if loaded is None:
        loaded = loaded_specifications()
    return law.specification(grade, Form(form), on=held_on, mode=mode, loaded=loaded)


def specification_signed(protocols: Iterable[MarkProtocol]) -> ScoringSpec | None:
    """The specification all these protocols were filled by; a later one does not touch them.

    None where there are none, or they were filled by different ones.
    """
    ids = {protocol.spec_id for protocol in protocols}
    if len(ids) != 1:
        return None
    wanted = ids.pop()
    for spec in law.shipped_specifications():
        if spec.id == wanted:
            return spec
    row = Specification.objects.filter(spec_id=wanted).first()
    return row and specification_from_data(row.data, f"specification {wanted}")


@dataclass(frozen=True)
class Work:
    """One part of one attempt as a marker sees it: code, grade, variant; nobody's name."""

    attempt_id: int
    code: str
    grade: int
    part: Part
    held_on: date
    state: ProtocolState | None
    mine: bool
    taken: bool  # by another expert
    ready: bool  # the part is finished, or is marked live
    protocol_id: int | None = None


def days_as_expert(viewer: Viewer) -> QuerySet[DayAssignment]:
    return DayAssignment.objects.filter(position_id=viewer.position_id, role=DayRole.EXPERT)


def attempts_to_mark(viewer: Viewer) -> QuerySet[Attempt]:
    """Attempts of the days on which the viewer is an expert; annulled ones are not marked (T16).

    Nor is what was broken off, unless the region marks what was done.
    """
    return (
        Attempt.objects.filter(
            day__assignments__position_id=viewer.position_id,
            day__assignments__role=DayRole.EXPERT,
        )
        .exclude(state=AttemptState.ANNULLED)
        .exclude(interrupted_then=AfterInterruption.ADDITIONAL_DATE)
    )


def works_of(
    viewer: Viewer,
    *,
    open_only: bool = False,
    open_days: bool = False,
    attempt_id: int | None = None,
) -> list[Work]:
    """The viewer's works in a stable order that tells nothing: by a hash of the code and part.

    `open_only`: those that may still wait for a mark; `open_days`: of days not consolidated yet.
    """
    attempts = attempts_to_mark(viewer).exclude(state=AttemptState.ADMITTED)
    if open_only:
        attempts = attempts.filter(
            Q(state__in=BEFORE_MARKING_ENDS)
            | Q(state=AttemptState.INTERRUPTED_PERSONAL)
            | Q(pk__in=MarkProtocol.objects.filter(state=ProtocolState.DRAFT).values("attempt"))
        )
    if open_days:
        attempts = attempts.exclude(day__state__in=CLOSED_DAYS)
    if attempt_id is not None:
        attempts = attempts.filter(pk=attempt_id)
    attempts = attempts.distinct()
    rows = list(
        attempts.values(
            "pk",
            "code",
            "grade",
            "form",
            "held_on",
            "oral_finished_at",
            "written_finished_at",
            "state",
            "interrupted_then",
        ).order_by("held_on", "pk")
    )
    live = {
        (protocol.attempt_id, protocol.part): protocol
        for protocol in MarkProtocol.objects.filter(attempt_id__in=[row["pk"] for row in rows])
        .exclude(state=ProtocolState.SUPERSEDED)
        .only("attempt_id", "part", "state", "expert_id")
    }
    works = []
    for row in rows:
        for part in parts_of(Form(row["form"])):
            protocol = live.get((row["pk"], str(part)))
            finished = row[f"{part}_finished_at"] is not None
            if row["interrupted_then"] and not finished:
                continue  # broken off before this part: there is nothing to mark
            works.append(
                Work(
                    attempt_id=row["pk"],
                    code=row["code"],
                    grade=row["grade"],
                    part=part,
                    held_on=row["held_on"],
                    state=ProtocolState(protocol.state) if protocol else None,
                    mine=bool(protocol and protocol.expert_id == viewer.position_id),
                    taken=bool(protocol and protocol.expert_id != viewer.position_id),
                    ready=finished
                    or (part == Part.ORAL and row["state"] == AttemptState.ORAL_RUNNING),
                    protocol_id=protocol and protocol.pk,
                )
            )
    return sorted(works, key=lambda w: (w.part, (w.attempt_id * 2_654_435_761) % 2**32))


def work_of(viewer: Viewer, attempt_id: int, part: Part) -> Work | None:
    """One work of the viewer's days; None for a stranger's, or where there is no such part."""
    works = works_of(viewer, attempt_id=attempt_id)
    return next((work for work in works if work.part == part), None)


def next_work(viewer: Viewer, after: tuple[int, str] | None = None) -> Work | None:
    """The next work that waits for this expert; the one after `after` first."""
    waiting = [
        work
        for work in works_of(viewer, open_only=True)
        if work.ready and not work.taken and work.state in (None, ProtocolState.DRAFT)
    ]
    if not waiting:
        return None
    keys = [(work.attempt_id, str(work.part)) for work in waiting]
    if after in keys and len(keys) > 1:
        return waiting[(keys.index(after) + 1) % len(keys)]
    return waiting[0]


def protocols_visible_to(viewer: Viewer) -> QuerySet[MarkProtocol]:
    """Experts see their own; the testing organisation and the chair those of their days."""
    found = MarkProtocol.objects.select_related("attempt", "expert__account__person")
    if viewer.role == Role.TESTING_ORG:
        return found.filter(attempt__day__session__testing_org_id=viewer.organisation_id)
    chairs = Q(
        attempt__day__assignments__position_id=viewer.position_id,
        attempt__day__assignments__role=DayRole.CHAIR,
    )
    return found.filter(Q(expert_id=viewer.position_id) | chairs).distinct()


def protocol_of(viewer: Viewer, protocol_id: int) -> MarkProtocol:
    """One protocol in scope with what its page shows. Raises `MarkProtocol.DoesNotExist`."""
    return (
        protocols_visible_to(viewer)
        .select_related(
            "attempt__day__session__place",
            "attempt__day__session__testing_org",
            "attempt__variant_oral",
            "attempt__variant_written",
            "attempt__room_oral",
            "attempt__room_written",
        )
        .get(pk=protocol_id)
    )


def protocol_with_person(viewer: Viewer, protocol_id: int) -> MarkProtocol:
    """A protocol with the name, for the testing organisation's file only."""
    if viewer.role != Role.TESTING_ORG:
        raise MarkProtocol.DoesNotExist
    return (
        protocols_visible_to(viewer)
        .select_related(
            "attempt__person",
            "attempt__day__session__place",
            "attempt__day__session__testing_org",
            "attempt__variant_oral",
            "attempt__variant_written",
            "attempt__room_oral",
            "attempt__room_written",
        )
        .get(pk=protocol_id)
    )


def spec_of(protocol: MarkProtocol) -> ScoringSpec:
    """What a protocol is filled by: the first draft by what is in force, the rest by their own.

    So neither a specification loaded later nor another mode re-evaluates finished work.
    """
    attempt = protocol.attempt
    begun_before = protocol.state != ProtocolState.DRAFT or protocol.version > 1
    own = specification_signed([protocol]) if begun_before else None
    return own or specification_of(attempt.grade, attempt.form, attempt.held_on)


def versions_of(attempt_id: int, part: str) -> QuerySet[MarkProtocol]:
    return MarkProtocol.objects.filter(attempt_id=attempt_id, part=part).order_by("version")


def live_protocols(attempt_ids: Iterable[int]) -> dict[int, dict[Part, MarkProtocol]]:
    """The protocol in force of each part, by attempt."""
    found: dict[int, dict[Part, MarkProtocol]] = {}
    rows = (
        MarkProtocol.objects.filter(attempt_id__in=list(attempt_ids))
        .exclude(state=ProtocolState.SUPERSEDED)
        .select_related("expert__account__person")
    )
    for row in rows:
        found.setdefault(row.attempt_id, {})[Part(row.part)] = row
    return found
