"""The states of a test day and of an attempt in it; letter 03-608, items 11, 12, 16."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from merilo.law import Form, Part, Reason, Refusal
from merilo.law.refusal import _


class SessionDayState(StrEnum):
    PLANNED = "planned"
    STAFFED = "staffed"
    RUNNING = "running"
    FINISHED = "finished"
    MARKING = "marking"
    CONSOLIDATED = "consolidated"
    REPORTED = "reported"
    POSTPONED_TECH = "postponed_tech"


DAY_TRANSITIONS: Mapping[SessionDayState, frozenset[SessionDayState]] = {
    SessionDayState.PLANNED: frozenset({SessionDayState.STAFFED, SessionDayState.POSTPONED_TECH}),
    SessionDayState.STAFFED: frozenset({SessionDayState.RUNNING, SessionDayState.POSTPONED_TECH}),
    SessionDayState.RUNNING: frozenset({SessionDayState.FINISHED}),
    SessionDayState.FINISHED: frozenset({SessionDayState.MARKING}),
    SessionDayState.MARKING: frozenset({SessionDayState.CONSOLIDATED}),
    SessionDayState.CONSOLIDATED: frozenset({SessionDayState.REPORTED}),
    SessionDayState.REPORTED: frozenset(),
    SessionDayState.POSTPONED_TECH: frozenset(),
}

DAY_WORDS: Mapping[SessionDayState, str] = {
    SessionDayState.PLANNED: _("запланирован"),
    SessionDayState.STAFFED: _("комиссия распределена"),
    SessionDayState.RUNNING: _("идёт"),
    SessionDayState.FINISHED: _("завершён"),
    SessionDayState.MARKING: _("идёт проверка"),
    SessionDayState.CONSOLIDATED: _("результаты сведены"),
    SessionDayState.REPORTED: _("результаты переданы"),
    SessionDayState.POSTPONED_TECH: _("перенесён по техническим причинам"),
}


class DayRole(StrEnum):
    CHAIR = "chair"
    ORAL_CONDUCTOR = "oral_conductor"
    WRITTEN_CONDUCTOR = "written_conductor"
    EXPERT = "expert"
    TECH = "tech"
    OBSERVER = "observer"
    SUPPORT = "support"


ROLE_WORDS: Mapping[DayRole, str] = {
    DayRole.CHAIR: _("председатель комиссии"),
    DayRole.ORAL_CONDUCTOR: _("проводящий устную часть"),
    DayRole.WRITTEN_CONDUCTOR: _("проводящий письменную часть"),
    DayRole.EXPERT: _("эксперт"),
    DayRole.TECH: _("технический специалист"),
    DayRole.OBSERVER: _("наблюдатель"),
    DayRole.SUPPORT: _("вспомогательный персонал"),
}

# Observers, the technician and support staff help the commission; they are not its members.
COMMISSION_ROLES = frozenset(
    {DayRole.CHAIR, DayRole.ORAL_CONDUCTOR, DayRole.WRITTEN_CONDUCTOR, DayRole.EXPERT}
)


class OralScheme(StrEnum):
    """How the oral part is marked: while listening, from the record, or both (F.16)."""

    LIVE = "live"
    AUDIO = "audio"
    BOTH = "both"


class AttemptState(StrEnum):
    ADMITTED = "admitted"
    BRIEFED = "briefed"
    ORAL_RUNNING = "oral_running"
    ORAL_DONE = "oral_done"
    WRITTEN_RUNNING = "written_running"
    WRITTEN_DONE = "written_done"
    MARKED = "marked"
    CONSOLIDATED = "consolidated"
    ANNULLED = "annulled"
    INTERRUPTED_TECH = "interrupted_tech"
    INTERRUPTED_PERSONAL = "interrupted_personal"


STOPPED = frozenset(
    {
        AttemptState.ANNULLED,
        AttemptState.INTERRUPTED_TECH,
        AttemptState.INTERRUPTED_PERSONAL,
    }
)

# Which part goes first is not set by the acts; `next_states` narrows this by form and parts taken.
ATTEMPT_TRANSITIONS: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.ADMITTED: STOPPED | {AttemptState.BRIEFED},
    AttemptState.BRIEFED: STOPPED | {AttemptState.ORAL_RUNNING, AttemptState.WRITTEN_RUNNING},
    AttemptState.ORAL_RUNNING: STOPPED | {AttemptState.ORAL_DONE},
    AttemptState.ORAL_DONE: STOPPED | {AttemptState.WRITTEN_RUNNING, AttemptState.MARKED},
    AttemptState.WRITTEN_RUNNING: STOPPED | {AttemptState.WRITTEN_DONE},
    AttemptState.WRITTEN_DONE: STOPPED | {AttemptState.ORAL_RUNNING, AttemptState.MARKED},
    AttemptState.MARKED: frozenset({AttemptState.CONSOLIDATED, AttemptState.ANNULLED}),
    AttemptState.CONSOLIDATED: frozenset(),
    AttemptState.ANNULLED: frozenset(),
    AttemptState.INTERRUPTED_TECH: frozenset(),
    # Only where the region marks what was done; see testday.interrupted_personal.
    AttemptState.INTERRUPTED_PERSONAL: frozenset({AttemptState.MARKED}),
}

ATTEMPT_WORDS: Mapping[AttemptState, str] = {
    AttemptState.ADMITTED: _("допущен"),
    AttemptState.BRIEFED: _("инструктаж проведён"),
    AttemptState.ORAL_RUNNING: _("идёт устная часть"),
    AttemptState.ORAL_DONE: _("устная часть пройдена"),
    AttemptState.WRITTEN_RUNNING: _("идёт письменная часть"),
    AttemptState.WRITTEN_DONE: _("письменная часть пройдена"),
    AttemptState.MARKED: _("проверено"),
    AttemptState.CONSOLIDATED: _("результат сведён"),
    AttemptState.ANNULLED: _("аннулировано"),
    AttemptState.INTERRUPTED_TECH: _("прервано по техническим причинам"),
    AttemptState.INTERRUPTED_PERSONAL: _("прервано по личным причинам"),
}

_PARTS = {
    AttemptState.ORAL_RUNNING: Part.ORAL,
    AttemptState.WRITTEN_RUNNING: Part.WRITTEN,
}

PART_WORDS: Mapping[Part, str] = {Part.ORAL: _("устная"), Part.WRITTEN: _("письменная")}

WRONG_STATE = Reason(
    "testday.wrong-state",
    _(
        "Сейчас состояние «%(state)s»: перейти к состоянию «%(wanted)s» нельзя. "
        "Обновите страницу — возможно, это действие уже выполнено."
    ),
)


def parts_of(form: Form) -> tuple[Part, ...]:
    """The parts a participant takes: grade 1 and oral-only categories have no written part."""
    return (Part.ORAL,) if form == Form.ORAL else (Part.ORAL, Part.WRITTEN)


def next_states(
    state: AttemptState, *, form: Form, taken: Collection[Part]
) -> frozenset[AttemptState]:
    """Where an attempt may go: no part outside the form, none twice, marked after all of them.

    What was broken off is marked by the parts that were begun; without any there is no mark.
    """
    wanted = set(parts_of(form))
    if state == AttemptState.INTERRUPTED_PERSONAL:
        wanted &= set(taken)
    return frozenset(
        following
        for following in ATTEMPT_TRANSITIONS[state]
        if (following not in _PARTS or _PARTS[following] in wanted - set(taken))
        and (following != AttemptState.MARKED or (wanted and wanted <= set(taken)))
    )


def reasons_against_day_moving(state: SessionDayState, to: SessionDayState) -> Iterator[Refusal]:
    """Why the day may not go to that state."""
    if to not in DAY_TRANSITIONS[state]:
        yield WRONG_STATE(state=DAY_WORDS[state], wanted=DAY_WORDS[to])


def reasons_against_attempt_moving(
    state: AttemptState, to: AttemptState, *, form: Form, taken: Collection[Part] = ()
) -> Iterator[Refusal]:
    """Why the attempt may not go to that state; `taken` are the parts finished so far."""
    if to not in next_states(state, form=form, taken=taken):
        yield WRONG_STATE(state=ATTEMPT_WORDS[state], wanted=ATTEMPT_WORDS[to])
