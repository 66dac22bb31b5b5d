"""Open, fill, sign and version a protocol; load a specification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from merilo import law
from merilo.foundation.journal.recording import record
from merilo.law import (
    Form,
    InvalidLaw,
    NotInForce,
    Part,
    Reason,
    Refusal,
    ScoringSpec,
    specification_as_data,
    specification_from_data,
)
from merilo.law.refusal import _
from merilo.registry.access import Viewer, permit
from merilo.registry.queries import active_profile
from merilo.registry.steps import day_at
from merilo.testday import steps as testday
from merilo.testday.models import Attempt, SessionDay
from merilo.testday.queries import parts_to_mark
from merilo.testday.rules import (
    AttemptState,
    DayRole,
    OralScheme,
    parts_of,
    reasons_against_duration,
)

from . import access, queries, rules, steps
from .models import MarkProtocol, Specification
from .rules import Expert, NewVersion, ProtocolState, Sheet, Taking, VersionReason

TAKEN_BY_ANOTHER = Reason(
    "grading.taken-by-another",
    _("Эту часть уже проверяет другой эксперт. Возьмите следующую работу."),
)
ANNULLED = Reason(
    "grading.annulled",
    _("Участие аннулировано: проверять эту работу не нужно. Возьмите следующую."),
)
BROKEN_OFF = Reason(
    "grading.broken-off",
    _("Участник прервал тестирование, этой части он не сдавал: проверять нечего."),
)
ALREADY_FILLED = Reason(
    "grading.already-filled",
    _("В протоколе уже есть баллы: вернуть работу в общий список нельзя. Завершите проверку."),
)
SPECIFICATION_WRONG = Reason(
    "grading.specification-wrong", _("Спецификация не принята: %(what)s. Исправьте файл.")
)
SPECIFICATION_KNOWN = Reason(
    "grading.specification-known",
    _("Спецификация с номером %(id)s уже загружена. Дайте новой версии другой номер."),
)


def _attempt(attempt_id: int, actor: Viewer) -> Attempt:
    """The attempt, locked after its day as everywhere, if the actor is an expert of its day."""
    queries.attempts_to_mark(actor).values_list("pk").distinct().get(pk=attempt_id)
    attempt = testday.lock_attempt(attempt_id, actor)
    if attempt.state == AttemptState.ANNULLED:
        law.refuse([ANNULLED()])
    return attempt


def _own(protocol_id: int, actor: Viewer) -> MarkProtocol:
    """The actor's protocol, locked after its day and attempt."""
    mine = MarkProtocol.objects.filter(pk=protocol_id, expert_id=actor.position_id)
    attempt = testday.lock_attempt(mine.values_list("attempt_id", flat=True).get(), actor)
    protocol = mine.select_for_update(of=("self",)).select_related("expert__account__person").get()
    protocol.attempt = attempt
    if attempt.state == AttemptState.ANNULLED:
        law.refuse([ANNULLED()])
    return protocol


def open_protocol(*, attempt_id: int, part: Part, actor: Viewer, now: datetime) -> MarkProtocol:
    """Take a part to mark. Opening it again gives the same protocol; another expert's is refused."""
    permit(actor, access.ROLES, "grading.mark")
    with transaction.atomic(durable=True):
        attempt = _attempt(attempt_id, actor)
        if part not in parts_of(Form(attempt.form)):
            law.refuse([rules.NO_WRITTEN_PART()])
        if part not in parts_to_mark(attempt):
            law.refuse([BROKEN_OFF()])
        protocol = (
            MarkProtocol.objects.filter(attempt=attempt, part=part)
            .exclude(state=ProtocolState.SUPERSEDED)
            .first()
        )
        if protocol is None:
            spec = queries.specification_of(attempt.grade, attempt.form, attempt.held_on)
            protocol = MarkProtocol.objects.create(
                attempt=attempt,
                part=part,
                expert_id=actor.position_id,
                state=ProtocolState.DRAFT,
                spec_id=spec.id,
                saved_at=now,
            )
            record(
                "protocol.opened",
                actor=actor,
                about=protocol,
                at=now,
                case_id=attempt.application_id,
                part=str(part),
            )
            testday.begin_marking(attempt.day, actor=actor, now=now)
            steps.refresh_duties(attempt, now=now)
        elif protocol.expert_id != actor.position_id:
            law.refuse([TAKEN_BY_ANOTHER()])
    return protocol


def owe_marking(*, day_id: int, now: datetime) -> int:
    """Tell the experts what waits for them on a day. The test day asks for it by a job."""
    with transaction.atomic(durable=True):
        day = SessionDay.objects.select_for_update().get(pk=day_id)
        attempts = list(
            day.attempts.exclude(state=AttemptState.CONSOLIDATED)
            .filter(result=None)
            .select_related("day__session")
        )
        for attempt in attempts:
            steps.refresh_duties(attempt, now=now)
    return len(attempts)


def put_back(*, protocol_id: int, actor: Viewer, now: datetime) -> None:
    """Give an untouched work back to the experts of the day; a filled one is refused."""
    permit(actor, access.ROLES, "grading.mark")
    with transaction.atomic(durable=True):
        protocol = _draft(_own(protocol_id, actor))
        filled = any(value is not None for value in protocol.points.values())
        if filled or protocol.typed_total is not None or protocol.version > 1:
            law.refuse([ALREADY_FILLED()])
        attempt = protocol.attempt
        record(
            "protocol.put-back",
            actor=actor,
            about=protocol,
            at=now,
            case_id=attempt.application_id,
            part=protocol.part,
        )
        protocol.delete()
        steps.refresh_duties(attempt, now=now)


def save_points(
    *,
    protocol_id: int,
    points: Mapping[str, Any],
    typed_total: int | None,
    actor: Viewer,
    now: datetime,
) -> MarkProtocol:
    """Keep what is typed so far. Points outside the scale are refused at once; gaps are allowed."""
    permit(actor, access.ROLES, "grading.mark")
    with transaction.atomic(durable=True):
        protocol = _draft(_own(protocol_id, actor))
        _fill(protocol, points, typed_total, now)
        record(
            "protocol.saved",
            actor=actor,
            about=protocol,
            at=now,
            case_id=protocol.attempt.application_id,
        )
    return protocol


def _draft(protocol: MarkProtocol) -> MarkProtocol:
    if protocol.state != ProtocolState.DRAFT:
        law.refuse(
            rules.reasons_against_moving(ProtocolState(protocol.state), ProtocolState.SIGNED)
        )
    return protocol


def _fill(
    protocol: MarkProtocol, points: Mapping[str, Any], typed_total: int | None, now: datetime
) -> None:
    """Put typed points into the protocol; refuse what can never be right."""
    spec, part = queries.spec_of(protocol), Part(protocol.part)
    given = {code: value for code, value in points.items() if value is not None}
    wrong = [
        reason
        for reason in rules.reasons_against_points(spec, given, parts=(part,))
        if reason.reason is not rules.MISSING
    ]
    law.refuse(wrong)
    named, _twice = rules.normalise_points(given)
    protocol.spec_id = spec.id
    protocol.points = {c.code: named.get(c.code) for c in spec.part(part)}
    protocol.typed_total = typed_total
    protocol.part_total = typed_total if not spec.part(part) else None
    protocol.saved_at = now
    protocol.save(update_fields=["spec_id", "points", "typed_total", "part_total", "saved_at"])


def sign(
    *,
    protocol_id: int,
    points: Mapping[str, Any],
    typed_total: int | None,
    actor: Viewer,
    now: datetime,
) -> tuple[MarkProtocol, tuple[Refusal, ...]]:
    """Sign a protocol: all points, the sum typed by hand equal to theirs, an expert of the day."""
    permit(actor, access.ROLES, "grading.mark")
    with transaction.atomic(durable=True):
        protocol = _draft(_own(protocol_id, actor))
        attempt = protocol.attempt
        _fill(protocol, points, typed_total, now)
        warnings = law.refuse(
            rules.reasons_against_signing(
                queries.spec_of(protocol),
                Sheet(Part(protocol.part), protocol.points, typed_total, ProtocolState.DRAFT),
                expert=_expert(protocol, actor, now),
                taking=_taking(protocol),
                profile=active_profile(),
            )
        )
        protocol.state = ProtocolState.SIGNED
        protocol.signed_at = now
        protocol.save(update_fields=["state", "signed_at"])
        record(
            "protocol.signed",
            actor=actor,
            about=protocol,
            at=now,
            case_id=attempt.application_id,
            part=protocol.part,
            version=protocol.version,
        )
        _mark_whole_attempt(attempt, now=now)
        testday.begin_marking(attempt.day, actor=actor, now=now)
        steps.refresh_duties(attempt, now=now)
    return protocol, warnings


def _expert(protocol: MarkProtocol, actor: Viewer, now: datetime) -> Expert:
    assignments = list(
        protocol.attempt.day.assignments.filter(position_id=actor.position_id).values_list(
            "role", "room_id"
        )
    )
    person = protocol.expert.account.person
    conducted = any(
        role == DayRole.ORAL_CONDUCTOR and (room is None or room == protocol.attempt.room_oral_id)
        for role, room in assignments
    )
    return Expert(
        name=person.full_name if person else protocol.expert.title,
        checked_on=day_at(actor, now),
        is_expert_that_day=any(role == DayRole.EXPERT for role, _room in assignments),
        conducted_this_conversation=conducted,
    )


def _taking(protocol: MarkProtocol) -> Taking:
    attempt = protocol.attempt
    others = Attempt.objects.filter(day=attempt.day, oral_finished_at=None).exclude(
        state__in=[
            AttemptState.ANNULLED,
            AttemptState.INTERRUPTED_PERSONAL,
            AttemptState.INTERRUPTED_TECH,
        ]
    )
    return Taking(
        test_on=attempt.held_on,
        part_done=getattr(attempt, f"{protocol.part}_finished_at") is not None,
        scheme=OralScheme(attempt.day.oral_scheme),
        all_oral_done=not others.exists(),
        audio_kept=attempt.audio_id is not None,
    )


def _mark_whole_attempt(attempt: Attempt, *, now: datetime) -> None:
    """An attempt is marked when every part is finished and every part's protocol is signed."""
    wanted = {str(part) for part in parts_to_mark(attempt)}
    finished = all(getattr(attempt, f"{part}_finished_at") for part in wanted)
    signed = set(
        MarkProtocol.objects.filter(attempt=attempt, state__in=steps.SIGNED).values_list(
            "part", flat=True
        )
    )
    done = (AttemptState.MARKED, AttemptState.CONSOLIDATED)
    if wanted and finished and wanted <= signed and attempt.state not in done:
        testday.move_attempt(attempt, AttemptState.MARKED, now=now)


def new_version(
    *, protocol_id: int, why: VersionReason, explanation: str, actor: Viewer, now: datetime
) -> MarkProtocol:
    """Change a signed protocol the lawful way: the old version is kept, a new draft begins."""
    permit(actor, access.ROLES, "grading.new_version")
    with transaction.atomic(durable=True):
        old = _own(protocol_id, actor)
        attempt = old.attempt
        law.refuse(
            rules.reasons_against_new_version(
                NewVersion(
                    why=why,
                    part=Part(old.part),
                    state=ProtocolState(old.state),
                    explanation=explanation,
                    audio_kept=attempt.audio_id is not None,
                    result_released=attempt.state == AttemptState.CONSOLIDATED,
                )
            )
        )
        protocol = steps.begin_version(old, why, explanation=explanation, actor=actor, now=now)
        steps.refresh_duties(attempt, now=now)
    return protocol


def check_specification(*, data: Mapping[str, Any], actor: Viewer) -> ScoringSpec:
    """A specification as it would be loaded; nothing is written. Raises `Refused` with what is wrong."""
    permit(actor, access.ROLES, "grading.load_specification")
    try:
        spec = specification_from_data(data, "файл")
    except InvalidLaw as wrong:
        law.refuse([SPECIFICATION_WRONG(what=str(wrong).removeprefix("файл: "))])
        raise AssertionError from wrong
    law.refuse(_too_long(spec, spec.valid_from))
    known = any(one.id == spec.id for one in law.shipped_specifications())
    if known or Specification.objects.filter(spec_id=spec.id).exists():
        law.refuse([SPECIFICATION_KNOWN(id=spec.id)])
    return spec


def load_specification(
    *, data: Mapping[str, Any], source: str, actor: Viewer, now: datetime
) -> Specification:
    """Load a region's specification for grades whose criteria the shipped one does not know."""
    spec = check_specification(data=data, actor=actor)
    with transaction.atomic(durable=True):
        row = Specification.objects.create(
            spec_id=spec.id,
            grades=list(spec.grades),
            form=spec.form,
            valid_from=spec.valid_from,
            data=specification_as_data(spec),
            source=source,
            loaded_at=now,
            loaded_by_id=actor.account_id,
        )
        record("specification.loaded", actor=actor, about=row, at=now, specification=spec.id)
    return row


def withdraw_specification(
    *, specification_id: int, actor: Viewer, now: datetime
) -> Specification:
    """Marking no longer goes by it; what was signed by it stays as it is."""
    permit(actor, access.ROLES, "grading.load_specification")
    with transaction.atomic(durable=True):
        row = Specification.objects.select_for_update().get(pk=specification_id, withdrawn_at=None)
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        record(
            "specification.withdrawn", actor=actor, about=row, at=now, specification=row.spec_id
        )
    return row


def _too_long(spec: ScoringSpec, on: date) -> Iterable[Refusal]:
    """Whether both parts fit the allowed time; nothing where no such limit was in force yet."""
    try:
        return tuple(
            reasons_against_duration(
                oral_minutes=spec.oral_minutes,
                written_minutes=spec.written_minutes,
                on=on,
                profile=active_profile(),
            )
        )
    except NotInForce:
        return ()
